import { InvalidArgumentError } from 'commander';

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

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  '': 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

/** A length of time on the command line, such as `500ms`, `10s`, `2m`; a bare number counts seconds. Milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|)$/.exec(text);
  const unit = UNITS[match?.[2] ?? 'none'];
  if (match?.[1] !== undefined && unit !== undefined) return Number(match[1]) * unit;
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
