import { Command, type Option } from 'commander';
import { keelVersion } from '../keel-version';
import type { CommandGroup, CommandName, ListedCommand } from './command-groups';
import type { Frame, Invocation } from './define-command';
import { arrangeArguments, type FlagValue } from './flags/arrange-arguments';
import { parseDuration } from './flags/flag-values';
import { recordFlags, requireClearFlags, type GivenFlags } from './flags/require-clear-flags';
import { HELP_FORMAT, renderExamples } from './render/format-help';
import { helpDocument } from './render/help-document';
import { unknownCommand, usageError } from './usage-error';

const VERSION_ONLY = /^(-v|--version)( --json)?$|^--json (-v|--version)$/;
const HELP_ONLY = /^(-h|--help|help)( --json)?$|^--json (-h|--help|help)$/;

/** The whole command line, ready to be parsed. */
export interface Program {
  readonly command: Command;
  /** Runs the command that a command line names. */
  parse(argv: readonly string[]): Promise<void>;
}

/**
 * Lists every command, and loads what the command line may be about: scripts and shells ask often, and a file for each
 * command takes its time.
 */
export function buildProgram(frame: Frame, argv: readonly string[] = []): Program {
  const command = new Command('keel')
    .description('Migrations and seeds for Sequelize on PostgreSQL')
    .version(keelVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .configureHelp(HELP_FORMAT)
    .configureOutput({
      writeOut: (text) => frame.output.line(text.trimEnd()),
      writeErr: (text) => frame.output.note(text.trimEnd()),
      // The error says it all, once.
      outputError: () => undefined,
      getOutHelpWidth: columns,
      getErrHelpWidth: columns,
    })
    .showSuggestionAfterError()
    .option('--env <name>', 'the environment to run in (default: NODE_ENV, or development)')
    .option('--config <path>', 'the config file')
    .option('--options-path <path>', 'a .sequelizerc by another name')
    .option('--url <url>', 'the database to use, in place of the config')
    .option('--migrations-path <path>', 'the folder of migrations')
    .option('--seeders-path <path>', 'the folder of seeders')
    .option('--models-path <path>', 'the folder of models')
    .option('--wait <time>', 'how long to wait for a server that is not up yet', parseDuration)
    .option('--json', 'print one JSON document and nothing else')
    .option('--debug', 'show where an error comes from');
  const given: GivenFlags = new Map();
  const groups = VERSION_ONLY.test(argv.join(' ')) ? [] : loadGroups();
  const isMeant = meantBy(argv, groups);
  for (const { heading, commands } of groups) {
    command.commandsGroup(heading);
    for (const listed of commands) {
      const added = listCommand(command, listed);
      if (isMeant(listed)) setUpCommand(added, listed.name, frame);
    }
  }
  for (const each of [command, ...command.commands]) {
    recordFlags(each, given);
    endByThrowing(each, frame);
  }
  command.hook('preAction', (_program, action) => {
    requireClearFlags(given, (option) => Array.isArray(valueOf(action, option)));
  });
  return { command, parse: (argv) => parse(command, argv) };
}

/** Which commands a command line may be about. */
function meantBy(
  argv: readonly string[],
  groups: readonly CommandGroup[],
): (command: ListedCommand) => boolean {
  if (HELP_ONLY.test(argv.join(' '))) return () => false;
  const [first = ''] = argv;
  const meant = groups
    .flatMap(({ commands }) => commands)
    .find(({ name, aliases = [] }) => name === first || aliases.includes(first));
  // It completes the flags of all commands.
  return meant && meant.name !== 'completion' ? (command) => command === meant : () => true;
}

function loadGroups() {
  return (require('./command-groups') as typeof import('./command-groups')).commandGroups;
}

async function parse(program: Command, argv: readonly string[]): Promise<void> {
  const names = program.commands.flatMap((each) => [each.name(), ...each.aliases()]);
  const [word, ...others] = argv;
  const arranged = arrangeArguments(word === 'help' ? [...others, '--help'] : argv, {
    isCommand: (word) => names.includes(word),
    valueOf: (flag) => flagValue(program, flag),
  });
  if (arranged.length === 0) program.help({ error: true });
  const [first = ''] = arranged;
  if (!first.startsWith('-') && !names.includes(first))
    throw unknownCommand(first, program.commands);
  await program.parseAsync(arranged, { from: 'user' });
}

/** What the commands that have this flag say of its value. */
function flagValue(program: Command, flag: string): FlagValue {
  const said = [program, ...program.commands].flatMap(({ options }) =>
    options
      .filter(({ long }) => long === flag)
      .map(({ required, optional }) => (required ? 'always' : optional ? 'maybe' : 'never')),
  );
  const [first = 'maybe', ...others] = said;
  return others.every((other) => other === first) ? first : 'maybe';
}

function valueOf(command: Command, option: Option): unknown {
  return command.optsWithGlobals<Record<string, unknown>>()[option.attributeName()];
}

/** Help, a version and a usage error end in an exception, never in the end of the process. */
function endByThrowing(command: Command, { output }: Frame): void {
  command.exitOverride((error) => {
    if (error.exitCode !== 0) throw usageError(error, command);
    if (error.code === 'commander.version') output.result({ version: keelVersion() }, []);
    else output.result(helpDocument(command), []);
    throw error;
  });
}

/** The terminal's width; that of COLUMNS, or 80, where the output is none. */
function columns(): number {
  return process.stdout.columns || Number(process.env.COLUMNS) || 80;
}

function listCommand(program: Command, { name, aliases = [], summary }: ListedCommand): Command {
  return program
    .command(name)
    .aliases([...aliases])
    .description(summary)
    .helpOption('-h, --help', 'show help');
}

function setUpCommand(command: Command, name: CommandName, frame: Frame): void {
  const program = command.parent as Command;
  const { loadCommand } = require('./load-command') as typeof import('./load-command');
  const { examples, configure, run } = loadCommand(name);
  configure?.(command);
  command.addHelpText('after', () => {
    const helper = command.createHelp();
    helper.helpWidth = columns();
    return renderExamples(examples, helper);
  });
  command.action(async () => {
    const flags = command.optsWithGlobals<Invocation<Record<string, never>>['flags']>();
    const invocation = {
      command: name,
      declares: new Set(command.options.map((option) => option.attributeName())),
      flags,
      args: command.processedArgs as readonly (string | undefined)[],
      program,
      output: frame.output,
      get signal() {
        return frame.takeSignal();
      },
    };
    await run(invocation, frame);
  });
}
