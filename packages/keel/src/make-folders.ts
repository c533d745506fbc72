import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder with those above it that are missing. Node's own `recursive` never ends where the system says ENOENT
 * although the folder above is there, as Linux does in /proc.
 *
 * @returns the topmost folder that was made; undefined where all were there
 */
export function makeFolders(folder: string): string | undefined {
  try {
    mkdirSync(folder);
    return folder;
  } catch (error) {
    if (isFolder(folder)) return undefined;
    const above = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || existsSync(above)) throw error;
    const topmost = makeFolders(above);
    const made = makeFolders(folder);
    return topmost ?? made;
  }
}

function isFolder(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
}
