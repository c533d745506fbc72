import { counted } from '../format-count';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { connectionUrl } from '../db/connection-url';
import type { Project, ProjectFolder } from '../project/project';
import type { ProjectOutline } from '../project/read-project';
import { fault, ok, warning, type DoctorFinding } from './doctor-finding';

/** The project's folder. */
export function examineRoot(root: string): DoctorFinding {
  return existsSync(path.join(root, 'package.json'))
    ? ok('project', root)
    : warning('project', `${root} has no package.json`, "Run keel in the project's folder.");
}

/** What was read before the config. */
export function examineOutline({ options, paths, envFile }: ProjectOutline): DoctorFinding[] {
  const rc = path.resolve(paths.root, options.optionsPath ?? '.sequelizerc');
  const hasRc = existsSync(rc);
  return [
    ok(
      '.sequelizerc',
      hasRc ? path.relative(paths.root, rc) : 'none: everything is in its usual place',
    ),
    ...(envFile === undefined
      ? [ok('.env', 'none')]
      : [
          ok('.env', `sets ${listOf(envFile.names) || 'nothing'}, where nothing else does`),
          ...envFile.warnings.map((text) => warning('.env', text.replace(/\.$/, ''))),
        ]),
  ];
}

const FOLDERS: readonly ProjectFolder[] = ['migrations', 'seeders', 'models'];

const MAKE: Readonly<Record<ProjectFolder, string>> = {
  migrations: 'Write the first migration with: keel migration:generate --name <name>',
  seeders: 'Write a seeder with: keel seed:generate --name <name>',
  models: 'Write a model with: keel model:generate --name <name> --attributes <list>',
};

/** The three folders: one that is named has to be there. */
export function examineFolders({ paths }: ProjectOutline): DoctorFinding[] {
  return FOLDERS.map((folder) => {
    const place = path.relative(paths.root, paths[folder]) || '.';
    const by = paths.namedBy[folder];
    if (existsSync(paths[folder])) {
      const count = readdirSync(paths[folder]).filter((name) =>
        /(?<!\.d)\.[cm]?[jt]s$/.test(name),
      ).length;
      return ok('folders', `${folder}: ${place}, ${counted(count, 'file')}`);
    }
    if (by !== undefined) {
      // Git keeps no empty folder, so that a project without seeders has often none: only seeding fails.
      const find = folder === 'seeders' ? warning : fault;
      return find(
        'folders',
        `${folder}: ${place} is not there, and ${by} names it`,
        `Make the folder, or correct ${by}.`,
      );
    }
    return folder === 'migrations'
      ? warning('folders', `${folder}: there is no folder ${place}`, MAKE[folder])
      : ok('folders', `${folder}: none`);
  });
}

/** Which config was read, and which database it leads to. */
export function examineConfig({
  configPath,
  paths,
  environment,
  connection,
}: Project): DoctorFinding {
  const { origin } = connection;
  const file = configPath === undefined ? undefined : path.relative(paths.root, configPath);
  const read = file === undefined ? 'no file' : `${file}, environment "${environment}"`;
  const place = origin?.place === file ? undefined : origin?.place;
  const url = connectionUrl(connection, { password: false });
  return ok('config', `${read}; database ${url}${place === undefined ? '' : `, from ${place}`}`);
}

function listOf(names: readonly string[]): string {
  return names.join(', ');
}
