import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { KeelErrorCode } from '../error-codes';
import { isKeelError, KeelError, messageOf } from '../errors';

const LOG_LINES = 12;
const LOG_BYTES = 16_384;

/** What was being done when something failed, as the message of the error begins. */
export interface Attempt {
  /** Such as "The embedded PostgreSQL server did not start". */
  readonly what: string;
  /** The folder it was about. */
  readonly folder: string;
  /** What things are like now. */
  readonly state: string;
}

interface Reason {
  readonly code: KeelErrorCode;
  readonly test: RegExp;
  readonly because: string;
  readonly hint: string;
}

/** Both the codes of Node's errors and the words of PostgreSQL's log, which is always in English. */
const REASONS: readonly Reason[] = [
  {
    code: 'EMBEDDED_NO_SPACE',
    test: /ENOSPC|EDQUOT|No space left on device|Disk quota exceeded|Check free disk space/,
    because: 'there is no space left',
    hint: 'Free some space (a new server needs about 50 MB), or set KEEL_HOME to a folder on another disk, and run the command again.',
  },
  {
    code: 'EMBEDDED_READ_ONLY',
    test: /EROFS|Read-only file system/,
    because: 'the folder is on a read-only file system',
    hint: 'Set KEEL_HOME to a folder that can be written to, or use a server of your own with --url.',
  },
  {
    code: 'EMBEDDED_NO_PERMISSION',
    test: /EACCES|EPERM|Permission denied|Operation not permitted/,
    because: 'permission was denied',
    hint: 'Give this account the right to write there, or set KEEL_HOME to a folder that it can write to.',
  },
  {
    code: 'EMBEDDED_UNKNOWN_ACCOUNT',
    test: /could not look up effective user ID/,
    because: 'the account that this process runs as has no entry in the list of accounts',
    hint: 'Add the account to /etc/passwd, run as another one, or use a server of your own with --url.',
  },
];

/**
 * The error of a failed attempt, its cause told from a system error or from a program's output.
 *
 * @param fallbackCode the error's code where the cause is none of the known ones
 */
export function explainFailure(
  attempt: Attempt,
  thrown: unknown,
  output: readonly string[] = [],
  fallbackCode: KeelErrorCode = 'EMBEDDED_FAILED',
): KeelError {
  if (isKeelError(thrown)) return thrown;
  const text = [thrown === undefined ? '' : messageOf(thrown), ...output].join('\n');
  const reason = REASONS.find(({ test }) => test.test(text));
  const because = reason?.because ?? (thrown === undefined ? undefined : messageOf(thrown));
  return new KeelError(
    `${attempt.what}${because === undefined ? '' : `: ${because}`} (${attempt.folder}).`,
    {
      code: reason?.code ?? fallbackCode,
      state: attempt.state,
      hint: reason?.hint ?? 'Use a server of your own with --url.',
      details: output.length > 0 || thrown === undefined ? output : [messageOf(thrown)],
      cause: thrown,
    },
  );
}

/** The last lines that a log file got after `offset`, for an error's details. */
export function readLogTail(path: string, offset = 0): string[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const size = fstatSync(file).size;
    const start = Math.max(offset, size - LOG_BYTES);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    readSync(file, buffer, 0, buffer.length, start);
    return lastLines(buffer.toString('utf8'));
  } finally {
    closeSync(file);
  }
}

/** The last non-empty lines of a text. */
export function lastLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(-LOG_LINES);
}
