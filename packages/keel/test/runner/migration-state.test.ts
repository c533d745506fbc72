import fc from 'fast-check';
import { selectDown, selectUp } from '../../src/runner/files/select-files';
import { stem } from '../../src/runner/files/compare-names';
import {
  planState,
  sharedNames,
  sharedTimestamps,
  type MigrationState,
} from '../../src/runner/files/migration-state';

const file = (name: string) => ({ name, path: `/m/${name}` });
const plan = (files: string[], ledger: string[]): MigrationState[] =>
  planState({ files: files.map(file), ledger });
const summary = (states: readonly MigrationState[]): string[] =>
  states.map(({ name, status, missing, outOfOrder }) =>
    [name, status, ...(missing ? ['missing'] : []), ...(outOfOrder ? ['late'] : [])].join(' '),
  );

describe('planState', () => {
  test('a TypeScript file and the JavaScript compiled from it are the same migration', () => {
    expect(summary(plan(['1-a.js', '2-b.js'], ['1-a.ts']))).toEqual([
      '1-a.js applied',
      '2-b.js pending',
    ]);
    expect(plan(['1-a.js'], ['1-a.ts'])[0]?.ledgerName).toBe('1-a.ts');
  });

  test('of a file and what it was compiled to, side by side, one counts', () => {
    expect(summary(plan(['1-a.js', '1-a.ts'], []))).toEqual(['1-a.js pending']);
    expect(summary(plan(['1-a.js', '1-a.ts'], ['1-a.ts']))).toEqual(['1-a.ts applied']);
  });

  test('TypeScript helpers beside JavaScript migrations are no migrations', () => {
    expect(summary(plan(['1-a.js', 'helpers.ts'], []))).toEqual(['1-a.js pending']);
    expect(summary(plan(['1-a.ts', 'helpers.ts'], []))).toEqual([
      '1-a.ts pending',
      'helpers.ts pending',
    ]);
  });

  test('says what is gone and what comes late', () => {
    expect(summary(plan(['1-a.js', '3-c.js'], ['2-b.js', '3-c.js']))).toEqual([
      '1-a.js pending late',
      '2-b.js applied missing',
      '3-c.js applied',
    ]);
  });

  test('names are taken as they are, spaces and bare numbers too', () => {
    expect(summary(plan(['1.js', '10.js', '2 .js'], ['2 .js']))).toEqual([
      '1.js pending late',
      '10.js pending late',
      '2 .js applied',
    ]);
  });

  test('a file is changed where its text is not the one that was applied', () => {
    const history = new Map([['1-a.js', { checksum: 'old', batch: 4, appliedAt: 'then' }]]);
    const changed = (checksums: Map<string, string>) =>
      planState({ files: [file('1-a.js')], ledger: ['1-a.js'], history, checksums })[0]?.changed;
    expect(changed(new Map([['1-a.js', 'new']]))).toBe(true);
    expect(changed(new Map([['1-a.js', 'old']]))).toBe(false);
    expect(changed(new Map())).toBe(false);
  });
});

test('no file is dropped but the TypeScript or JavaScript twin of one that is shown', () => {
  const names = fc.uniqueArray(
    fc
      .tuple(fc.constantFrom('1-a', '2-b'), fc.constantFrom('js', 'cjs', 'mjs', 'ts', 'cts', 'mts'))
      .map(([name, ending]) => `${name}.${ending}`),
  );
  const language = (name: string): string => (name.endsWith('js') ? 'JavaScript' : 'TypeScript');
  const stem = (name: string): string => name.replace(/\.\w+$/, '');
  fc.assert(
    fc.property(names, names, (files, ledger) => {
      const states = plan(files.toSorted(), ledger);
      const shown = new Set(states.map(({ name }) => name));
      for (const name of files.filter((each) => !shown.has(each))) {
        const twins = files.filter((other) => shown.has(other) && stem(other) === stem(name));
        expect(twins.map(language)).toContain(
          language(name) === 'JavaScript' ? 'TypeScript' : 'JavaScript',
        );
      }
      // What is recorded is shown as applied, by its own file, by its twin, or as missing.
      for (const recorded of ledger) {
        const own = states.filter(({ name }) => stem(name) === stem(recorded));
        expect(own.some(({ status }) => status === 'applied')).toBe(true);
      }
    }),
  );
});

test('names that share a timestamp are found', () => {
  expect(
    sharedTimestamps(
      plan(['20250101000001-a.js', '20250101000001-b.js', '20250101000002-c.js'], []),
    ),
  ).toEqual([['20250101000001-a.js', '20250101000001-b.js']]);
});

describe('selection', () => {
  const names = ['1-a.js', '2-b.js', '3-c.js', '4-d.js'];

  test('undoing what was applied up to a name gives the same names backwards', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), (index) => {
        const to = names[index] as string;
        const up = selectUp(plan(names, []), { to }).map(({ name }) => name);
        const down = selectDown(plan(names, up), { all: true }).map(({ name }) => name);
        expect(up).toEqual(names.slice(0, index + 1));
        expect(down).toEqual([...up].reverse());
      }),
    );
  });

  test('--to, --from, --step and --name', () => {
    const states = plan(names, ['1-a.js']);
    const up = (request: Parameters<typeof selectUp>[1]) =>
      selectUp(states, request).map(({ name }) => name);
    expect(up({ from: '2-b' })).toEqual(['3-c.js', '4-d.js']);
    expect(up({ step: 1 })).toEqual(['2-b.js']);
    expect(up({ names: ['4-d'] })).toEqual(['4-d.js']);
    expect(up({ to: '1-a.js' })).toEqual([]);
    expect(() => up({ names: ['1-a'] })).toThrow('1-a.js is applied already.');
    expect(() => up({ to: '9' })).toThrow('There is no file "9".');
  });

  test('down: the last one, so many, back to a name, a batch', () => {
    const history = new Map(
      names.map((name, i) => [name, { checksum: undefined, batch: i < 2 ? 1 : 2, appliedAt: '' }]),
    );
    const states = planState({ files: names.map(file), ledger: names, history });
    const down = (request: Parameters<typeof selectDown>[1]) =>
      selectDown(states, request).map(({ name }) => name);
    expect(down({})).toEqual(['4-d.js']);
    expect(down({ step: 2 })).toEqual(['4-d.js', '3-c.js']);
    expect(down({ to: '3-c' })).toEqual(['4-d.js', '3-c.js']);
    expect(down({ batch: true })).toEqual(['4-d.js', '3-c.js']);
    expect(down({ to: '0' })).toHaveLength(4);
  });

  test('what is applied and gone cannot be undone, and nothing else is in its place', () => {
    const states = plan(['1-a.js'], ['1-a.js', '2-b.js']);
    expect(() => selectDown(states, {})).toThrow(
      '2-b.js is applied, but the file is not in the folder',
    );
    expect(selectDown(states, { names: ['1-a'] }).map(({ name }) => name)).toEqual(['1-a.js']);
  });
});

test('two files have one name where they differ in the ending only and are of one language', () => {
  const names = fc.uniqueArray(
    fc
      .tuple(
        fc.constantFrom('a', 'b', 'a.b'),
        fc.constantFrom('.js', '.cjs', '.mjs', '.ts', '.cts', '.sql', ''),
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(names, (all) => {
      const language = (name: string) => /\.[cm]?(js)?$/.exec(name)?.[1];
      const alone = (name: string) =>
        !all.some(
          (other) =>
            other !== name && stem(other) === stem(name) && language(other) === language(name),
        );
      expect(sharedNames(all.map(file)).flat().sort()).toEqual(
        all.filter((name) => !alone(name)).sort(),
      );
      for (const name of all) expect(stem(name)).toBe(name.replace(/\.[cm]?[jt]s$/, ''));
    }),
  );
});
