import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { KeelError, messageOf, NOTHING_CHANGED } from '../errors';

/** The `.env` of a project. */
export interface EnvFile {
  readonly path: string;
  /** The variables that it gives a value. */
  readonly names: readonly string[];
  /** What in it cannot be understood, for people; without the text, which may be a password. */
  readonly warnings: readonly string[];
}

const NAME = '.env';

/** As dotenv and Node read a variable: its name, and a value that may have several lines in quotes. */
const ENTRY =
  /^[^\S\n]*(?:export[^\S\n]+)?[\w.-]+[^\S\n]*=[^\S\n]*(?:'[^']*'|"(?:\\[^]|[^"\\])*"|`[^`]*`|[^\n]*)[^\n]*$/gm;

const COMMENT = /^\s*(?:#.*)?$/;

/** What lies under `process.env` in this process. */
const layer: Record<string, string> = {};

/**
 * Reads the `.env` of the project's folder, where there is one, into this process. Every other source of a variable
 * wins over it: what the process was started with, and what the project loads by itself, such as `.env.production`,
 * before or after it.
 *
 * To make that so, the values lie in the prototype of `process.env`. dotenv, `process.loadEnvFile` and others leave a
 * variable alone that is set, and so would keep the value of `.env` where the project means another file.
 *
 * @returns undefined where there is none
 * @throws KeelError `ENV_FILE_UNREADABLE`
 */
export function loadEnvFile(root: string): EnvFile | undefined {
  // What another project of this process has set is no setting of this one.
  for (const name of Object.keys(layer)) delete layer[name];
  const file = path.join(root, NAME);
  const text = readText(file);
  if (text === undefined) return undefined;
  // A line that is none would make Node lose the entries after it.
  const values = parseEnv((text.match(ENTRY) ?? []).join('\n'));
  Object.assign(layer, values);
  if (!Object.prototype.isPrototypeOf.call(layer, process.env)) {
    Object.setPrototypeOf(layer, Object.getPrototypeOf(process.env) as object);
    Object.setPrototypeOf(process.env, layer);
  }
  return { path: file, names: Object.keys(values), warnings: unreadLines(text) };
}

/** Whether a variable has its value from the `.env` that was read. */
export function isFromEnvFile(name: string): boolean {
  return name in layer && !Object.prototype.hasOwnProperty.call(process.env, name);
}

function readText(file: string): string | undefined {
  try {
    // Some have a folder of this name, such as a virtual environment of Python.
    if (statSync(file).isDirectory()) return undefined;
    const bytes = readFileSync(file);
    const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'utf8';
    return bytes
      .toString(encoding)
      .replace(/^\uFEFF/, '')
      .replaceAll('\r\n', '\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KeelError(`${file} cannot be read: ${messageOf(error)}.`, {
      code: 'ENV_FILE_UNREADABLE',
      state: NOTHING_CHANGED,
      hint: 'Let this account read it, or take it away and set its variables in the environment.',
      cause: error,
    });
  }
}

/** A value in quotes may have several lines, so what is no entry is what is left without the entries. */
function unreadLines(text: string): string[] {
  const rest = text.replace(ENTRY, (entry) => entry.replace(/[^\n]/g, ''));
  return rest
    .split('\n')
    .flatMap((line, index) =>
      COMMENT.test(line) ? [] : [`${NAME}, line ${index + 1}, is not NAME=value and is left out.`],
    );
}
