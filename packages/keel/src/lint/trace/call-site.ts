import { AsyncLocalStorage } from 'node:async_hooks';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourcePlace, TracedCall } from './trace';

/** A call that the file's code has made and that is not over. */
interface OpenCall {
  readonly call: TracedCall;
  readonly stack: string;
}

const calls = new AsyncLocalStorage<OpenCall>();

type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Remembers, for all that the methods of an object do, which of them the file called and where. Deep inside of Sequelize
 * the stack does not lead back to the file any more.
 */
export function watchCalls(target: object): void {
  for (const [name, method] of methodsOf(target)) {
    const watched: Method = function (this: unknown, ...args) {
      const run = (): unknown => method.apply(this ?? target, args);
      if (calls.getStore()) return run();
      const call = { method: name, args: plainValues(args) };
      return calls.run({ call, stack: readStack() }, run);
    };
    Object.defineProperty(target, name, { value: watched, configurable: true, writable: true });
  }
}

function methodsOf(target: object): Map<string, Method> {
  const found = new Map<string, Method>();
  for (
    let layer: object | null = target;
    layer !== null && layer !== Object.prototype;
    layer = Object.getPrototypeOf(layer) as object | null
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(layer))) {
      if (name === 'constructor' || typeof value !== 'function' || found.has(name)) continue;
      found.set(name, value as Method);
    }
  }
  return found;
}

/** The call that is going on here, and the line of the project's code that made it. */
export function readCallSite(
  root: string,
  migrations: string,
): { readonly call: TracedCall | undefined; readonly source: SourcePlace | undefined } {
  const open = calls.getStore();
  const stacks = open ? [open.stack, readStack()] : [readStack()];
  return { call: open?.call, source: findSource(stacks, root, migrations) };
}

/** keel's own `backfill`, which a project may import from another copy of keel than the one that runs. */
const BACKFILL = /[\\/](?:sequelize-)?keel[\\/](?:dist|src)[\\/]backfill[\\/]/;

/** Whether it is `backfill` that asks for something here. */
export function isBackfillAsking(): boolean {
  return BACKFILL.test(readStack());
}

/** Arguments as they were when the call was made; undefined where they hold what is no plain value. */
function plainValues(args: readonly unknown[]): unknown[] | undefined {
  return args.every((arg) => isPlain(arg)) ? (structuredClone(args) as unknown[]) : undefined;
}

/** Not what Sequelize makes (`literal`, `fn`, `Op.gt`): a copy of it would lose what it is. */
function isPlain(value: unknown, depth = 0): boolean {
  if (typeof value === 'function' || typeof value === 'symbol' || depth > 12) return false;
  if (typeof value !== 'object' || value === null || value instanceof Date) return true;
  const parts = Array.isArray(value) ? (value as unknown[]) : Object.values(value);
  const prototype = Object.getPrototypeOf(value) as object | null;
  const isOwn =
    Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
  const hasSymbols = Object.getOwnPropertySymbols(value).length > 0;
  return isOwn && !hasSymbols && parts.every((part) => isPlain(part, depth + 1));
}

function readStack(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 60;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return stack;
}

const FRAME = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:[\\/])[^()]*?):(\d+):(\d+)\)?$/;

/** The first line in a migration file; else the first in the project's own code, such as a helper. */
export function findSource(
  stacks: readonly string[],
  root: string,
  migrations: string,
): SourcePlace | undefined {
  const places = stacks
    .flatMap((stack) => stack.split('\n'))
    .flatMap((text) => placeOf(text, root) ?? []);
  const folder = path.relative(root, migrations);
  return places.find(({ file }) => path.dirname(file) === folder) ?? places[0];
}

function placeOf(frame: string, root: string): SourcePlace | undefined {
  const match = FRAME.exec(frame.trim());
  if (!match) return undefined;
  const [, place = '', line, column] = match;
  const absolute = place.startsWith('file:') ? fileURLToPath(place.replace(/\?.*$/, '')) : place;
  const file = path.relative(root, absolute);
  if (file.startsWith('..') || path.isAbsolute(file) || file.includes('node_modules'))
    return undefined;
  if (absolute.startsWith(OWN)) return undefined;
  return { file, line: Number(line), column: Number(column) };
}

/** keel's own code, which in its own repository lies inside of the project's folder. */
const OWN = path.join(__dirname, '..', '..') + path.sep;
