import { maskSecrets } from '../../mask-secrets';

/** The flags that lead to a project and its database. */
const FLAGS = {
  env: '--env',
  config: '--config',
  optionsPath: '--options-path',
  url: '--url',
  migrationsPath: '--migrations-path',
  seedersPath: '--seeders-path',
  modelsPath: '--models-path',
} as const;

/** Those that were given on the command line. */
export type GivenProjectFlags = Readonly<Partial<Record<keyof typeof FLAGS, string>>>;

/** The same on a command line. */
export function givenArguments(given: GivenProjectFlags): string[] {
  const names = Object.keys(FLAGS) as (keyof typeof FLAGS)[];
  return names.flatMap((name) => {
    const value = given[name];
    return value === undefined ? [] : [`${FLAGS[name]}=${value}`];
  });
}

/**
 * A text whose commands, such as `keel db:create`, lead to the same project and database as the one that was
 * typed: they repeat its flags, with `***` in the place of a password.
 */
export function repeatFlags(text: string, given: GivenProjectFlags): string {
  const names = Object.keys(FLAGS) as (keyof typeof FLAGS)[];
  const repeated = names.flatMap((name) => {
    const value = given[name];
    return value === undefined || text.includes(`${FLAGS[name]} `)
      ? []
      : ` ${FLAGS[name]} ${quoted(maskSecrets(value))}`;
  });
  if (repeated.length === 0) return text;
  return text.replace(
    /\bkeel (?:init|doctor|(?:[a-z]+:)+[a-z]+)(?![a-z:])(?! --help)/g,
    (command) => command + repeated.join(''),
  );
}

/** The same for each line of a result. */
export function repeatInLines(lines: readonly string[], given: GivenProjectFlags): string[] {
  return lines.map((line) => repeatFlags(line, given));
}

function quoted(value: string): string {
  return /^[\w./:@%+,-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
