import { inspect } from 'node:util';
import type { KeelErrorCode } from './error-codes';

/** What a {@link KeelError} carries besides its message. */
export interface KeelErrorDetails {
  /** A stable, machine-readable name such as `CONFIG_NOT_FOUND`; part of `--json` output. */
  readonly code: KeelErrorCode;
  /** What state things are in now, for example "Nothing was changed." */
  readonly state?: string;
  /** What the user can do next: a sentence or a command. */
  readonly hint?: string;
  /** Further lines shown indented under the message, such as the failed statement. */
  readonly details?: readonly string[];
  /** The error that led to this one. */
  readonly cause?: unknown;
  /** The process's exit code, 1 unless told otherwise. */
  readonly exitCode?: number;
}

/** Marks the errors of every copy of keel: the command may be another copy than the one a plan file imports. */
const KEEL_ERROR = Symbol.for('sequelize-keel.KeelError');

/**
 * An error that the user can act on: its message says what happened and where, `state` what things
 * are like now, `hint` what to do next. It is printed without a stack trace.
 */
export class KeelError extends Error {
  readonly code: KeelErrorCode;
  /** Whoever knows more of the state while the error passes may add to it. */
  state: string | undefined;
  readonly hint?: string;
  readonly details: readonly string[];
  readonly exitCode: number;

  readonly [KEEL_ERROR] = true;

  constructor(message: string, details: KeelErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.state = details.state;
    this.hint = details.hint;
    this.details = details.details ?? [];
    this.exitCode = details.exitCode ?? 1;
  }
}

/**
 * Whether something that was thrown is an error of keel's, and of this code where one is named.
 *
 * @example
 * if (isKeelError(error, 'DATABASE_NOT_FOUND')) await createDatabase();
 */
export function isKeelError<Code extends KeelErrorCode = KeelErrorCode>(
  thrown: unknown,
  code?: Code,
): thrown is KeelError & { readonly code: Code } {
  if (!(thrown instanceof Error) || !(KEEL_ERROR in thrown)) return false;
  return code === undefined || (thrown as KeelError).code === code;
}

/** The state after a command that only read, or that stopped before its first change. */
export const NOTHING_CHANGED = 'Nothing was changed.';

/** The same for a command that writes files or rows. */
export const NOTHING_WRITTEN = 'Nothing was written.';

/** The hint where a command takes up its work again. */
export const RUN_AGAIN = 'Run the same command again; it goes on where this one stopped.';

/** What a file is refused in a scratch database; nothing is wrong with it. */
export const NOT_ON_SCRATCH = 'which may not be started on the scratch database';

/** Where to go on if migrations build on tables that none of them makes. */
export const SYNCED_TABLES =
  'Where sync() or somebody by hand made the first tables, begin anew from the database: see "Tables that no migration makes" in docs/adopting.md.';

/** What a command ends with after Ctrl-C. `bin.ts` puts the exit code of the signal in place of 130. */
export function interrupted({
  message = 'Interrupted.',
  ...rest
}: Partial<Pick<KeelErrorDetails, 'state' | 'hint' | 'details'>> & {
  readonly message?: string;
} = {}): KeelError {
  return new KeelError(message, { ...rest, code: 'INTERRUPTED', exitCode: 130 });
}

/**
 * The text of anything that was thrown: also of values that are not errors, which JavaScript allows. It is never
 * empty: an error without a message is called by its name.
 */
export function messageOf(thrown: unknown): string {
  return describe(thrown, DEPTH);
}

/** How far errors that led to others are followed: they may lead to each other. */
const DEPTH = 5;

function describe(thrown: unknown, depth: number): string {
  const text = textOf(thrown, depth);
  if (text.trim() !== '') return text;
  if (!(thrown instanceof Error)) return 'an empty text was thrown';
  const { original, code } = thrown as { readonly original?: unknown; readonly code?: unknown };
  const reason = thrown.cause ?? original;
  if (reason !== undefined && depth > 0) return describe(reason, depth - 1);
  return `${thrown.name}${code === undefined ? '' : ` ${inspect(code)}`} without a message`;
}

function textOf(thrown: unknown, depth: number): string {
  if (typeof thrown === 'string') return thrown;
  const { message, errors } = (thrown ?? {}) as {
    readonly message?: unknown;
    readonly errors?: unknown;
  };
  // An error of another realm, such as one of a test runner, is no instance of our Error.
  if (typeof message === 'string')
    return withCollected(withoutRequireStack(message), depth > 0 ? errors : undefined, depth);
  try {
    return JSON.stringify(thrown) ?? inspect(thrown);
  } catch {
    // It refers to itself, or holds a bigint.
    return inspect(thrown, { breakLength: Infinity });
  }
}

/** How many of the errors that an error has collected are told. */
const TOLD = 10;

/**
 * What `Promise.any` and Sequelize's `bulkCreate` reject with says only in `errors` what went wrong. Sequelize's
 * validation errors say it in the message already.
 */
function withCollected(message: string, errors: unknown, depth: number): string {
  if (!Array.isArray(errors)) return message;
  const told = new Set(errors.map((error) => describe(error, depth - 1)));
  const texts = [...told].filter((text) => !says(message, text));
  if (texts.length === 0) return message;
  const rest = texts.length > TOLD ? ` (and ${texts.length - TOLD} more)` : '';
  const collected = `${texts.slice(0, TOLD).join('; ')}${rest}`;
  return message === '' ? collected : `${message}: ${collected}`;
}

/** Whether a message has a text as words of its own. */
function says(message: string, text: string): boolean {
  const at = message.indexOf(text);
  return at >= 0 && !/\w/.test(`${message[at - 1] ?? ''}${message[at + text.length] ?? ''}`);
}

/** Node lists every file on the way to a module that is missing. The one that asks for it is what is to be corrected. */
function withoutRequireStack(message: string): string {
  const [text = message, stack] = message.split('\nRequire stack:');
  if (stack === undefined) return message;
  // noop.js is nowhere: Node names it where `createRequire` was given a folder.
  const [from] = stack
    .split('\n- ')
    .slice(1)
    .filter((file) => !/[\\/]noop\.js$/.test(file));
  return from === undefined ? text : `${text}, required by ${from}`;
}
