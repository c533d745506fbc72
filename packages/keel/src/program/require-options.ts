import { inspect } from 'node:util';
import { KeelError, NOTHING_CHANGED } from '../errors';

/** What a call may be given. */
export interface CallRules<Options = object> {
  /** Every option that there is, and what it may be. */
  readonly known: Readonly<Record<keyof Options, OptionKind>>;
  /** Options that exclude each other. */
  readonly apart?: readonly (readonly (keyof Options)[])[];
}

/** What an option may be; `any` is looked at by whoever uses it. */
type OptionKind = keyof typeof KINDS | 'any';

type Given = Readonly<Record<string, unknown>>;

const KINDS = {
  text: [(value: unknown) => typeof value === 'string' && value !== '', 'a text that is not empty'],
  texts: [
    (value: unknown) =>
      Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== ''),
    'a list of texts that are not empty',
  ],
  count: [
    (value: unknown) => Number.isInteger(value) && Number(value) >= 1,
    'a whole number from 1',
  ],
  number: [
    (value: unknown) => typeof value === 'number' && value >= 0 && Number.isFinite(value),
    'a number from 0',
  ],
  switch: [(value: unknown) => typeof value === 'boolean', 'true or false'],
} as const;

/**
 * Refuses what a call would pass over in silence: an option that does not exist, such as `name` where it is `names`, a
 * value of the wrong type, and options of which only one can be meant. Nobody but TypeScript would tell.
 *
 * @param call as people write it, such as `undo()`
 * @throws KeelError `USAGE` or `CONTRADICTING_FLAGS`
 */
export function requireOptions<Options extends object>(
  call: string,
  given: Options,
  { known, apart = [] }: CallRules<Options>,
): void {
  if (typeof given !== 'object' || given === null)
    throw usage(`${call} takes an object, and was given ${inspect(given)}.`, known);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const kind = (known as Readonly<Record<string, OptionKind>>)[name];
    if (kind === undefined) throw usage(`${call} has no option "${name}".`, known);
    if (kind === 'any') continue;
    const [fits, words] = KINDS[kind];
    if (!fits(value))
      throw usage(
        `"${name}" of ${call} is ${inspect(value, { breakLength: Infinity })}, and must be ${words}.`,
        known,
      );
  }
  for (const names of apart) requireOne(call, names.map(String), given as Given);
}

function requireOne(call: string, names: readonly string[], given: Given): void {
  const [first, second] = names.filter(
    (name) => given[name] !== undefined && given[name] !== false,
  );
  if (first === undefined || second === undefined) return;
  throw new KeelError(`"${first}" and "${second}" of ${call} exclude each other.`, {
    code: 'CONTRADICTING_FLAGS',
    state: NOTHING_CHANGED,
    hint: 'Give one of them.',
  });
}

function usage(message: string, known: object): KeelError {
  return new KeelError(message, {
    code: 'USAGE',
    state: NOTHING_CHANGED,
    hint: `There are: ${Object.keys(known).join(', ')}.`,
  });
}
