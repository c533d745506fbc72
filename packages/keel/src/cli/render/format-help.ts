import type { Help } from 'commander';

/** Descriptions narrower than this stand under what they describe, not beside it. */
const NARROWEST_COLUMN = 30;

/** How help is laid out: no word is broken, also where the terminal is narrow. */
export const HELP_FORMAT: Partial<Help> = {
  showGlobalOptions: true,
  minWidthToWrap: 10,
  // Every command has flags, and saying so on each line takes the room of the descriptions.
  subcommandTerm: (command) => command.name(),
  subcommandDescription: (command) => {
    const aliases = command.aliases();
    return aliases.length === 0
      ? command.description()
      : `${command.description()} (also ${aliases.join(', ')})`;
  },
  formatItem: (term, termWidth, description, helper) => {
    const width = helper.helpWidth ?? 80;
    const beside = width - termWidth - 4;
    if (beside >= NARROWEST_COLUMN) {
      const lines = helper.boxWrap(description, beside).split('\n');
      return lines
        .map((line, index) => `  ${(index === 0 ? term : '').padEnd(termWidth)}  ${line}`.trimEnd())
        .join('\n');
    }
    return `  ${term}\n${indent(helper.boxWrap(description, width - 6), 6)}`;
  },
};

/** The examples under the help of a command. */
export function renderExamples(
  examples: readonly (readonly [string, string])[],
  helper: Help,
): string {
  const width = helper.helpWidth ?? 80;
  const lines = examples.map(
    ([line, meaning]) => `  ${line}\n${indent(helper.boxWrap(meaning, width - 6), 6)}`,
  );
  return `\nExamples:\n${lines.join('\n')}`;
}

function indent(text: string, columns: number): string {
  return text.replace(/^/gm, ' '.repeat(columns));
}
