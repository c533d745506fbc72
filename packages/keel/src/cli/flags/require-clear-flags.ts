import type { Command, Option } from 'commander';
import { KeelError, NOTHING_CHANGED } from '../../errors';

/** What was written for a flag, each time that it was given. */
export type GivenFlags = Map<Option, (string | undefined)[]>;

/** Notes each value of each flag of a command, as commander itself keeps only the last one. */
export function recordFlags(command: Command, given: GivenFlags): void {
  for (const option of command.options) {
    command.on(`option:${option.name()}`, (value: string | null | undefined) => {
      given.set(option, [...(given.get(option) ?? []), value ?? undefined]);
    });
  }
}

/**
 * Refuses an empty value, which is an unset variable more often than a wish; another flag in the place of the
 * value; and a flag that is given twice with different values, of which one would be ignored.
 *
 * @throws KeelError `USAGE`
 */
export function requireClearFlags(
  given: GivenFlags,
  repeatable: (option: Option) => boolean,
): void {
  // First: a negative flag also ends the list of one that may be repeated.
  requireNoOpposites([...given.keys()]);
  for (const [option, values] of given) {
    const flag = option.long ?? option.flags;
    if (values.some((value) => value?.trim() === '')) {
      throw unclear(
        `The value of ${flag} is empty.`,
        `Give it a value, or leave ${flag} out. Where the value comes from a variable, the variable is not set.`,
      );
    }
    const swallowed = values.find((value) => value?.startsWith('--'));
    if (swallowed !== undefined) {
      throw unclear(`${flag} has no value: ${swallowed} follows it.`, `Give ${flag} a value.`);
    }
    const different = [...new Set(values)];
    if (different.length > 1 && !repeatable(option)) {
      throw unclear(
        `${flag} is given twice, as ${different.map((value) => `"${value ?? ''}"`).join(' and ')}.`,
        'Give it once.',
      );
    }
  }
}

function requireNoOpposites(options: readonly Option[]): void {
  for (const option of options) {
    const opposite = options.find(
      (other) => other.negate && !option.negate && other.attributeName() === option.attributeName(),
    );
    if (opposite) {
      throw unclear(
        `${option.long ?? ''} and ${opposite.long ?? ''} exclude each other.`,
        'Give one of them.',
      );
    }
  }
}

function unclear(message: string, hint: string): KeelError {
  return new KeelError(message, { code: 'USAGE', state: NOTHING_CHANGED, hint });
}
