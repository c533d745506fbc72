import type { Command, CommanderError } from 'commander';
import { KeelError, NOTHING_CHANGED } from '../errors';
import { suggestCommands } from './flags/suggest-commands';

/** A command line that commander refused, with its suggestion and where to read on as the hint. */
export function usageError(error: CommanderError, command: Command): KeelError {
  const program = command.parent === null;
  const [, message = '', suggestion] =
    /^(?:error: )?(.*?)(?:\n\((Did you mean .*)\))?$/s.exec(error.message) ?? [];
  const isPlan = error.code === 'commander.unknownOption' && message.includes("'--plan");
  const more = isPlan
    ? 'A plan goes up only: keel db:migrate --plan <file>. What an undo would send: keel db:migrate:undo --dry-run'
    : program
      ? 'See the commands with: keel --help'
      : `See the flags with: keel ${command.name()} --help`;
  return new KeelError(sentenceOf(error, message, command), {
    code: error.code === 'commander.conflictingOption' ? 'CONTRADICTING_FLAGS' : 'USAGE',
    state: NOTHING_CHANGED,
    hint: suggestion === undefined ? more : `${suggestion}\n${more}`,
    exitCode: error.exitCode,
  });
}

function sentenceOf({ code }: CommanderError, message: string, command: Command): string {
  if (code === 'commander.help') return 'No command is given.';
  if (code !== 'commander.missingMandatoryOptionValue') return message;
  // sequelize-cli's sentence, with all that are missing.
  const missing = command.options
    .filter(
      (option) => option.mandatory && command.getOptionValue(option.attributeName()) === undefined,
    )
    .map((option) => option.name());
  return `Missing required argument${missing.length === 1 ? '' : 's'}: ${missing.join(', ')}`;
}

/** A command that there is not, with those that may have been meant. */
export function unknownCommand(typed: string, commands: readonly Command[]): KeelError {
  const meant = suggestCommands(
    typed,
    commands.map((command) => [command.name(), ...command.aliases()]),
  );
  const lines = [
    ...(meant.length === 1 ? [`Did you mean ${meant[0]!}?`] : []),
    ...(meant.length > 1 ? [`Did you mean one of ${meant.join(', ')}?`] : []),
    'See the commands with: keel --help',
  ];
  return new KeelError(`unknown command '${typed}'`, {
    code: 'USAGE',
    state: NOTHING_CHANGED,
    hint: lines.join('\n'),
  });
}
