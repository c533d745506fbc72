import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { makeFolders } from '../../make-folders';
import { compilerKey, compileTypeScript } from './compile-typescript';
import type { CompiledFile, ModuleFormat } from './compile-typescript';
import { typescriptProjectOf } from './typescript-settings';

/** Texts of old sources are of no more use: the folder is emptied when it has grown to so many files. */
const MOST_KEPT = 20_000;

/**
 * A TypeScript file as JavaScript: the text that an earlier process has kept, else compiled now and kept. A text is
 * named by all that it depends on: source, settings and compiler.
 *
 * @throws SyntaxError, or KeelError `TSCONFIG_INVALID`
 */
export function readCompiled(file: string, format: ModuleFormat): CompiledFile {
  const source = readFileSync(file, 'utf8');
  const { settings } = typescriptProjectOf(file);
  const name = hash(`${compilerKey(format, settings)}\n${source}`);
  const folders = cacheFolders(path.dirname(file));
  for (const folder of folders) {
    const kept = readKept(path.join(folder, name));
    if (kept !== undefined) return kept;
  }
  const compiled = compileTypeScript(file, source, format, settings);
  keep(folders, name, compiled);
  return compiled;
}

const known = new Map<string, readonly string[]>();

/** That of the nearest node_modules and, for one that cannot be written to, the user's. */
function cacheFolders(folder: string): readonly string[] {
  const folders = known.get(folder) ?? [...nearestModules(folder), ...userCache()];
  known.set(folder, folders);
  return folders;
}

function nearestModules(folder: string): string[] {
  const modules = path.join(folder, 'node_modules');
  if (existsSync(modules)) return [path.join(modules, '.cache', 'keel')];
  const parent = path.dirname(folder);
  return parent === folder ? [] : nearestModules(parent);
}

/** None where the user has no home, as in a container with any number for a user. */
function userCache(): string[] {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  try {
    const home = homedir();
    const system: Partial<Record<NodeJS.Platform, string>> = {
      darwin: path.join(home, 'Library', 'Caches'),
      win32: LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'),
    };
    const base = system[process.platform] ?? (XDG_CACHE_HOME || path.join(home, '.cache'));
    return [path.join(base, 'keel')];
  } catch {
    return [];
  }
}

/** A kept text is the hash of the rest, the mappings, and the code; what is not whole is as good as not there. */
function readKept(file: string): CompiledFile | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const [digest, mappings] = text.split('\n', 2);
  if (digest === undefined || mappings === undefined) return undefined;
  const rest = text.slice(digest.length + 1);
  if (hash(rest) !== digest) return undefined;
  return { mappings, code: rest.slice(mappings.length + 1) };
}

/** Into the first folder that takes it. Where none does, the next process compiles again. */
function keep(folders: readonly string[], name: string, { code, mappings }: CompiledFile): void {
  const rest = `${mappings}\n${code}`;
  for (const folder of folders) {
    try {
      prepareFolder(folder);
      const draft = path.join(folder, `${name}.${process.pid}`);
      writeFileSync(draft, `${hash(rest)}\n${rest}`);
      // In one step, so that another process reads all of it or nothing.
      renameSync(draft, path.join(folder, name));
      return;
    } catch {
      // The next folder.
    }
  }
}

const prepared = new Set<string>();

function prepareFolder(folder: string): void {
  if (prepared.has(folder)) return;
  makeFolders(folder);
  if (readdirSync(folder).length > MOST_KEPT) rmSync(folder, { recursive: true });
  makeFolders(folder);
  prepared.add(folder);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40);
}
