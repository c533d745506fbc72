import type { Command, Option } from 'commander';

/** The help of keel or of one of its commands as a document, for `--help --json`. */
export function helpDocument(command: Command): object {
  const flags = [...command.options, ...(command.parent?.options ?? [])].filter(
    ({ hidden }) => !hidden,
  );
  return {
    command: command.name(),
    aliases: command.aliases(),
    summary: command.description(),
    commands: command.commands.map((each) => ({
      command: each.name(),
      group: each.helpGroup().replace(/:$/, ''),
      aliases: each.aliases(),
      summary: each.description(),
    })),
    flags: flags.map(({ flags: flag, description, mandatory }: Option) => ({
      flag,
      description,
      required: mandatory,
    })),
  };
}
