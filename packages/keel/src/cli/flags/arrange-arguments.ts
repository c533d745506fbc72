/** Whether a flag is followed by a value; `maybe` where one command says so and another does not. */
export type FlagValue = 'always' | 'maybe' | 'never';

/** What has to be known of a command line to find the command in it. */
export interface Grammar {
  readonly isCommand: (word: string) => boolean;
  /** For a flag with its dashes; `maybe` for one that no command has. */
  readonly valueOf: (flag: string) => FlagValue;
}

/**
 * The command line with the command first and its flags in kebab-case: sequelize-cli takes
 * `--migrationsPath x db:migrate` for `db:migrate --migrations-path x`.
 *
 * Without a command, the first word that is no flag's value comes first, so that the error is about it.
 */
export function arrangeArguments(argv: readonly string[], grammar: Grammar): string[] {
  const end = !argv.includes('--') ? argv.length : argv.indexOf('--');
  const words = argv.map((arg, index) => (index < end ? kebabCase(arg) : arg));
  const at = findCommand(words.slice(0, end), grammar);
  if (at === undefined) return words;
  return [words[at]!, ...words.slice(0, at), ...words.slice(at + 1)];
}

function findCommand(
  words: readonly string[],
  { isCommand, valueOf }: Grammar,
): number | undefined {
  let firstWord: number | undefined;
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (word.startsWith('-')) {
      if (!word.includes('=') && valueOf(word) === 'always') index++;
    } else if (isCommand(word)) {
      return index;
    } else {
      firstWord ??= index;
    }
  }
  return firstWord;
}

function kebabCase(arg: string): string {
  const match = /^--([a-z]+[A-Z][A-Za-z]*)(=.*)?$/s.exec(arg);
  if (!match?.[1]) return arg;
  return `--${match[1].replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}${match[2] ?? ''}`;
}
