import type { Command, Option } from 'commander';
import type { ProjectFlags } from '../../project/project-flags';

/** A word that a command line may go on with, and what it means. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** Names that the program does not know, and that have to be read from the project. */
export type ProjectNames = 'environments' | 'migrations' | 'seeders';

/** What the last word of a command line can become. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Where the word is the value of a flag that takes such a name; `candidates` is empty then. */
  readonly names?: ProjectNames;
  /** What stands before the value in its word: `--env=`, or nothing. */
  readonly before: string;
  /** The word as far as it is typed, without `before`. */
  readonly typed: string;
  /** The flags that say where the project is and which one. */
  readonly flags: ProjectFlags;
}

/**
 * What the last word of `line` can become.
 *
 * @param line a command line up to the cursor, with the name of the program in front
 */
export function completeLine(program: Command, line: string): Completion {
  const [, ...words] = withoutVariables(line.split(/\s+/));
  const last = words.pop() ?? '';
  const { command, flags, open } = read(program, words);
  const inWord = /^(--[^=]+)=(.*)$/s.exec(last);
  const flag = inWord?.[1] === undefined ? open : findFlag(program, command, inWord[1]);
  const [before, typed] = inWord === null ? ['', last] : [`${inWord[1] ?? ''}=`, inWord[2] ?? ''];
  const none = { candidates: [], before, typed, flags };
  if (flag !== undefined) {
    const values = (flag.argChoices ?? []).map((value) => ({ value, description: '' }));
    return { ...none, candidates: values, names: namesFor(flag, command) };
  }
  if (command === undefined && !last.startsWith('-'))
    return { ...none, candidates: program.commands.map(ofCommand) };
  const choices = last.startsWith('-') ? [] : argumentChoices(command);
  return { ...none, candidates: choices.length > 0 ? choices : flagsOf(program, command) };
}

/** A shell hands over `NODE_ENV=test keel …` as it is typed. */
function withoutVariables(words: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => word !== '' && !/^\w+=/.test(word));
  return words.slice(Math.max(first, 0));
}

/** What is known once all words before the last one are read. */
interface Read {
  readonly command: Command | undefined;
  readonly flags: ProjectFlags;
  /** A flag that waits for its value. */
  readonly open: Option | undefined;
}

function read(program: Command, words: readonly string[]): Read {
  let command: Command | undefined;
  let open: Option | undefined;
  const flags: Record<string, string> = {};
  for (const word of words) {
    const [name = '', ...value] = word.split('=');
    if (open !== undefined) {
      flags[open.attributeName()] = word;
      open = undefined;
    } else if (word.startsWith('-')) {
      const flag = findFlag(program, command, name);
      if (flag === undefined) continue;
      if (value.length > 0) flags[flag.attributeName()] = value.join('=');
      else if (flag.required) open = flag;
    } else {
      command ??= program.commands.find((one) => [one.name(), ...one.aliases()].includes(word));
    }
  }
  return { command, flags, open };
}

/** A flag of the command, or of any where the command is not typed yet. */
function findFlag(program: Command, command: Command | undefined, name: string) {
  const commands = command === undefined ? program.commands : [command];
  return [program, ...commands]
    .flatMap(({ options }) => options)
    .find(({ long, short }) => long === name || short === name);
}

const NAMED_FILE = /^--(to|from|name)$/;

function namesFor({ long }: Option, command: Command | undefined): ProjectNames | undefined {
  if (long === '--env') return 'environments';
  if (long === '--seed') return 'seeders';
  const runsMigrations = command?.name().startsWith('db:migrate') === true;
  return runsMigrations && NAMED_FILE.test(long ?? '') ? 'migrations' : undefined;
}

function ofCommand(command: Command): Candidate {
  return { value: command.name(), description: command.description() };
}

function argumentChoices(command: Command | undefined): Candidate[] {
  return (command?.registeredArguments ?? []).flatMap(({ argChoices = [], description }) =>
    argChoices.map((value) => ({ value, description })),
  );
}

function flagsOf(program: Command, command: Command | undefined): Candidate[] {
  const own = command === undefined ? [] : command.createHelp().visibleOptions(command);
  const shared = program.createHelp().visibleOptions(program);
  const flags = [...own, ...shared].filter(
    ({ long }) => command === undefined || long !== '--version',
  );
  const byName = new Map(flags.map(({ long, description }) => [long ?? '', description]));
  return [...byName].map(([value, description]) => ({ value, description }));
}
