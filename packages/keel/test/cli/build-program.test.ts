import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildProgram } from '../../src/cli/build-program';
import { commandGroups } from '../../src/cli/command-groups';

const PACKAGE = join(__dirname, '..', '..');

/** A program in this process, with what it printed. */
function program() {
  const lines: string[] = [];
  const print = (...texts: readonly (string | undefined)[]) => {
    for (const text of texts) lines.push(...(text ?? '').split('\n'));
  };
  const built = buildProgram({
    output: {
      json: false,
      interactive: false,
      line: print,
      note: print,
      warn: print,
      result: (_document, shown) => print(...shown),
    },
    takeSignal: () => new AbortController().signal,
    interruptedBy: () => undefined,
    exitWith: () => undefined,
  });
  return { ...built, lines };
}

const { command: root } = program();
const names = root.commands.map((each) => each.name());

/** The least that a command needs before its flags are looked at. */
const needed = (name: string): string[] => {
  const { options, registeredArguments } = root.commands.find((each) => each.name() === name)!;
  return [
    ...registeredArguments.flatMap(({ required, argChoices = ['x'] }) =>
      required ? argChoices.slice(0, 1) : [],
    ),
    ...options.filter(({ mandatory }) => mandatory).map(({ long }) => `${long ?? ''}=x`),
  ];
};

test.each(names)('%s refuses an empty value for each of its flags', async (name) => {
  const command = root.commands.find((each) => each.name() === name)!;
  const flags = [...root.options, ...command.options].filter(
    ({ required, optional }) => required || optional,
  );
  expect(flags.length).toBeGreaterThan(5);
  for (const { long = '' } of flags) {
    const others = needed(name).filter((text) => !text.startsWith(`${long}=`));
    for (const value of [[`${long}=`], [long, ''], [long, '  ']]) {
      await expect(program().parse([name, ...others, ...value])).rejects.toMatchObject({
        code: 'USAGE',
        state: 'Nothing was changed.',
        message: expect.stringContaining(long) as string,
      });
    }
  }
});

test.each([
  ['db:migrate --to --dry-run', '--to has no value: --dry-run follows it.'],
  ['--env a db:migrate --env b', '--env is given twice, as "a" and "b".'],
  ['db:migrate --step 1 --step 2', '--step is given twice, as "1" and "2".'],
  ['migration:generate --name x --rename a:b --no-rename', 'exclude each other'],
  ['migration:generate --name x --no-rename --rename a:b', 'exclude each other'],
  ['db:seed:bulk --no-plan --plan x', 'exclude each other'],
  ['model:generate', 'Missing required arguments: name, attributes'],
  ['migration:generate', 'Missing required argument: name'],
  ['db:migrate --tto x', "unknown option '--tto'"],
  ['db:migrate extra', 'too many arguments'],
  ['db:check --no-cash', "unknown option '--no-cash'"],
  ['db:drop --force=yes', "unknown option '--force=yes'"],
])('%s is refused', async (line, message) => {
  await expect(program().parse(line.split(' '))).rejects.toMatchObject({
    code: 'USAGE',
    state: 'Nothing was changed.',
    hint: expect.any(String) as string,
    message: expect.stringContaining(message) as string,
  });
});

test.each([
  ['migrate', 'db:migrate'],
  ['migrat', 'db:migrate'],
  ['undo', 'one of db:migrate:undo, db:seed:undo'],
  ['status', 'one of db:migrate:status, db:seed:status'],
  ['generate', 'one of migration:generate, seed:generate, model:generate'],
  ['migration:run', 'db:migrate'],
  ['db:rollback', 'one of db:migrate:undo, db:seed:undo'],
  ['make:migration', 'migration:generate'],
  ['help migrat', 'db:migrate'],
])('%s is taken for %s', async (line, meant) => {
  await expect(program().parse(line.split(' '))).rejects.toMatchObject({
    code: 'USAGE',
    hint: `Did you mean ${meant}?\nSee the commands with: keel --help`,
  });
});

test.each([['help db:url'], ['db:url -h'], ['-h db:url']])('%s is help', async (line) => {
  const { parse, lines } = program();
  await expect(parse(line.split(' '))).rejects.toMatchObject({ exitCode: 0 });
  expect(lines).toContain('Usage: keel db:url [options]');
});

test('the commands are listed in groups, in lines of 80 columns', async () => {
  const { parse, lines } = program();
  await expect(parse(['help'])).rejects.toMatchObject({ exitCode: 0 });
  const headings = lines.filter((line) => /^[A-Z].*:$/.test(line));
  expect(headings).toEqual(['Options:', ...commandGroups.map(({ heading }) => heading)]);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});

test('help fits into the terminal, whatever its width, and breaks no word', async () => {
  const before = process.env.COLUMNS;
  try {
    for (const width of [40, 80, 132]) {
      process.env.COLUMNS = `${width}`;
      for (const name of [[], ...names.map((each) => [each])]) {
        const { parse, lines } = program();
        await expect(parse([...name, '--help'])).rejects.toMatchObject({ exitCode: 0 });
        const examples = lines.indexOf('Examples:');
        const laidOut = lines.slice(0, examples < 0 ? undefined : examples);
        // A word, a flag with its value or an example may be longer than the terminal is wide.
        const long = laidOut.filter((line) => line.length > width && / {2,}\S+ .* /.test(line));
        expect({ width, name, long }).toEqual({ width, name, long: [] });
        const text = lines.join(' ').replace(/\s+/g, ' ');
        const { commands, options } = name[0]
          ? root.commands.find((each) => each.name() === name[0])!
          : root;
        for (const { description, hidden } of options)
          if (!hidden) expect(text).toContain(description);
        for (const each of commands) expect(text).toContain(each.description());
      }
    }
  } finally {
    if (before === undefined) delete process.env.COLUMNS;
    else process.env.COLUMNS = before;
  }
});

test('every command and flag that a message or a page names is one that keel has', () => {
  const source = join(PACKAGE, 'src');
  const docs = join(PACKAGE, 'docs');
  const read = (folder: string, ending: string) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith(ending))
      .map((file) => readFileSync(join(folder, file), 'utf8'));
  const texts = [...read(source, '.ts'), ...read(docs, '.md')].join('\n');
  const named = [...texts.matchAll(/\bkeel ((?:[a-z]+:)+[a-z]+)((?: --[a-z-]+(?: <[^>]*>)?)*)/g)];
  expect(named.length).toBeGreaterThan(30);
  const wrong = named.flatMap(([whole, name = '', flags = '']) => {
    const command = root.commands.find((each) => [each.name(), ...each.aliases()].includes(name));
    if (!command) return [whole];
    const known = [...root.options, ...command.options].map(({ long }) => long);
    const unknown = [...flags.matchAll(/--[a-z-]+/g)].filter(
      ([flag]) => flag !== '--help' && !known.includes(flag),
    );
    return unknown.map(([flag]) => `${name} ${flag}`);
  });
  expect(wrong).toEqual([]);
});
