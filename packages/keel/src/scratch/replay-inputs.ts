import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { keelVersion } from '../keel-version';
import { sequelizeVersion } from '../project/load-sequelize';
import type { Project } from '../project/project';
import type { Surroundings } from './surroundings';

/** The server that a replay runs on, and what it finds there. */
export interface ReplayServer {
  readonly serverVersion: string;
  readonly surroundings: Surroundings | undefined;
}

/** Changes where the form of what is read from a database does: a schema kept by an older keel would mislead. */
const format = 2;

const locks = ['package-lock.json', 'yarn.lock', 'pnpm-lock.yaml', 'npm-shrinkwrap.json'];

const aside = new Set(['node_modules', 'dist', 'build', 'coverage']);

/** What code loads or reads; not the uploads and dumps that lie about in a project. */
const sources = /\.(?:[cm]?[jt]sx?|json|sql|ya?ml|csv|txt)$/;

/**
 * A digest of all that a replay's result depends on: keel, Sequelize and the other packages, the server and what surrounds
 * the database, the files of the migrations' folder, those of the whole project where a migration reaches outside of its
 * folder, and the environment variables that the files name.
 */
export async function digestInputs(
  project: Project,
  serving: ReplayServer | Promise<ReplayServer>,
): Promise<string> {
  const { root } = project.paths;
  // With a thousand migrations that takes longer than asking the server.
  const reading = readInputs(project);
  const server = await serving;
  const hash = createHash('sha256');
  const add = (value: unknown): void => void hash.update(JSON.stringify(value));
  add([format, keelVersion(), sequelizeVersion(root)?.text, server.serverVersion]);
  add({ ...server.surroundings, roles: [] });
  add([project.settings, project.migrationLedger.schema]);
  for (const lock of locks) add([lock, await textOf(path.join(root, lock))]);
  const files = await reading;
  for (const file of files) add(file);
  for (const name of variablesIn(files)) add([name, process.env[name]]);
  return hash.digest('hex');
}

/** The files of the migrations, and those of the whole project where they reach outside of their folder. */
async function readInputs({ paths }: Project): Promise<[string, string][]> {
  const files = await readFolder(paths.migrations, /./);
  const isOutside = files.some(([, text]) => reachesOutside(text));
  return isOutside ? [...files, ...(await readFolder(paths.root, sources))] : files;
}

/** Whether a file may load or read another one that is in neither its folder nor a package. */
function reachesOutside(text: string): boolean {
  return /['"`/]\.\.['"`/]|\bprocess\.cwd\(|\b(?:require|import|from)\b\s*\(?\s*['"`](?:[#~/]|@\/)/.test(
    text,
  );
}

/** The names of the environment variables that the files read. */
function variablesIn(files: readonly (readonly [string, string])[]): string[] {
  const names = files.flatMap(([, text]) =>
    [...text.matchAll(/process\.env(?:\.(\w+)|\[\s*['"`](\w+)['"`]\s*\])/g)].map(
      ([, plain, quoted]) => plain ?? quoted ?? '',
    ),
  );
  return [...new Set(names)].sort();
}

/** A file of more than this is known by its size and the time of its last change, rather than by its text. */
const maxBytes = 1_000_000;

async function textOf(file: string): Promise<string> {
  try {
    const { size, mtimeMs } = await stat(file);
    return size > maxBytes ? `${size} bytes of ${mtimeMs}` : await readFile(file, 'utf8');
  } catch {
    return '';
  }
}

/** Every file of a folder and its sub-folders, by path, with its text. */
async function readFolder(folder: string, isWanted: RegExp): Promise<[string, string][]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const lists = await Promise.all(
    entries
      .filter(({ name }) => !aside.has(name) && !name.startsWith('.'))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(async (entry): Promise<[string, string][]> => {
        const file = path.join(folder, entry.name);
        if (entry.isDirectory()) return readFolder(file, isWanted);
        return entry.isFile() && isWanted.test(entry.name) ? [[file, await textOf(file)]] : [];
      }),
  );
  return lists.flat();
}
