import { InvalidArgumentError } from 'commander';
import { readDuration } from '../../project/read-duration';

/** A count on the command line: a whole number from 1. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('It must be a whole number from 1.');
}

/** A count that may be 0. */
export function parseCountOrZero(text: string): number {
  return text === '0' ? 0 : parseCount(text);
}

/** A port on the command line. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return port;
  throw new InvalidArgumentError('It must be a whole number from 1 to 65535.');
}

/** A length of time on the command line, such as `500ms`, `10s`, `2m`; a bare number counts seconds. Milliseconds. */
export function parseDuration(text: string): number {
  const ms = readDuration(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError('It must be a length of time, such as 500ms, 10s or 2m.');
}

/**
 * Collects the values of a flag that may be repeated or take several.
 *
 * @param previous false where the flag's opposite (`--no-…`) stands before it
 */
export function collect(value: string, previous: readonly string[] | false | undefined): string[] {
  return [...(previous || []), value];
}
