import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { nearestManifest } from './is-es-module';

/** As much of Prettier 2 and 3 as is used. */
interface Prettier {
  resolveConfig(file: string, options: { editorconfig: boolean }): Promise<object | null>;
  getFileInfo(file: string, options: { ignorePath: string }): Promise<{ ignored: boolean }>;
  /** A text in version 2, a promise of it in version 3. */
  format(text: string, options: object): string | Promise<string>;
}

/**
 * The text as the project's own Prettier lays it out; as it is where the project has none, ignores the file,
 * or its Prettier cannot do it.
 *
 * @param file where the text will be, for the settings that hold there
 */
export async function formatWithPrettier(
  root: string,
  file: string,
  text: string,
): Promise<string> {
  try {
    const prettier = loadPrettier(root);
    if (prettier === undefined) return text;
    const settings = await prettier.resolveConfig(file, { editorconfig: true });
    if (settings === null && !dependsOnPrettier(root)) return text;
    const ignorePath = path.join(root, '.prettierignore');
    if (existsSync(ignorePath) && (await prettier.getFileInfo(file, { ignorePath })).ignored)
      return text;
    return await prettier.format(text, { ...settings, filepath: file });
  } catch {
    // A plugin that is missing or a setting that it does not know: no reason to write no migration.
    return text;
  }
}

/** The copy that the project would run. */
function loadPrettier(root: string): Prettier | undefined {
  const require = createRequire(path.join(root, 'package.json'));
  try {
    return require('prettier') as Prettier;
  } catch {
    return undefined;
  }
}

/** Another package may have brought it along. */
function dependsOnPrettier(root: string): boolean {
  const manifest = nearestManifest(root);
  return 'prettier' in { ...manifest?.dependencies, ...manifest?.devDependencies };
}
