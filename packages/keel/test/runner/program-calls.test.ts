import { createKeel, type Keel } from '../../src/index';
import { tableMigration, withDatabaseProject } from '../support/project';

/** Calls as a program in JavaScript may make them, and what is wrong with each. */
const CALLS: readonly (readonly [call: (keel: Keel) => unknown, code: string, said: string])[] = [
  [
    (keel) => keel.undo({ all: true, to: '2-b' }),
    'CONTRADICTING_FLAGS',
    '"to" and "all" of undo()',
  ],
  [(keel) => keel.undo({ step: 1, batch: true }), 'CONTRADICTING_FLAGS', '"step" and "batch"'],
  [(keel) => keel.undo({ names: ['1-a'], step: 1 }), 'CONTRADICTING_FLAGS', '"names" and "step"'],
  [(keel) => keel.undoSeeds({ all: true, step: 1 }), 'CONTRADICTING_FLAGS', 'undoSeeds()'],
  [(keel) => keel.migrate({ names: ['3-c'], to: '3-c' }), 'CONTRADICTING_FLAGS', 'migrate()'],
  [(keel) => keel.seed({ names: ['x'], step: 2 }), 'CONTRADICTING_FLAGS', 'seed()'],
  [(keel) => keel.migrate({}, { atomic: true, fake: true }), 'CONTRADICTING_FLAGS', '"atomic"'],
  [(keel) => keel.lint({ all: true, since: 'main' }), 'CONTRADICTING_FLAGS', '"all" and "since"'],
  // Nobody but TypeScript tells of these. Passed over, they would do something else than what was meant.
  [(keel) => keel.undo({ name: '2-b' } as never), 'USAGE', 'undo() has no option "name"'],
  [
    (keel) => keel.undo({ step: -1 }),
    'USAGE',
    '"step" of undo() is -1, and must be a whole number',
  ],
  [(keel) => keel.undo({ step: '2' } as never), 'USAGE', `"step" of undo() is '2'`],
  [(keel) => keel.undo({ to: '' }), 'USAGE', '"to" of undo()'],
  [(keel) => keel.undo('2-b' as never), 'USAGE', `undo() takes an object, and was given '2-b'`],
  [(keel) => keel.migrate({ names: '3-c' } as never), 'USAGE', 'must be a list of texts'],
  [(keel) => keel.migrate({ direction: 'down' } as never), 'USAGE', '"direction"'],
  [
    (keel) => keel.migrate({}, { dryRun: true } as never),
    'USAGE',
    'migrate() has no option "dryRun"',
  ],
  [(keel) => keel.migrate({}, { lockTimeoutMs: '5s' } as never), 'USAGE', 'a number from 0'],
  [(keel) => keel.dryRun({}, { fake: true }), 'USAGE', 'dryRun() has no option "fake"'],
  [(keel) => keel.check({ cached: false } as never), 'USAGE', 'check() has no option "cached"'],
  [(keel) => keel.generate({ name: 'x', rename: [] } as never), 'USAGE', '"rename"'],
];

test('a call that says two things, or nothing that keel knows, is refused and does nothing', () => {
  const names = ['1-a', '2-b', '3-c'];
  const migrations = Object.fromEntries(
    names.map((name) => [`migrations/${name}.js`, tableMigration(name)]),
  );
  return withDatabaseProject(migrations, async ({ root, database, state }) => {
    const open = { cwd: root, url: database.url };
    const keel = await createKeel(open);
    // A name that is given twice is meant once.
    const { files } = await keel.migrate({ names: ['1-a', '2-b', '1-a.js', '1-a'] });
    expect(files.map(({ name }) => name)).toEqual(['1-a.js', '2-b.js']);
    const before = await state();
    for (const [call, code, said] of CALLS) {
      await expect(call(keel)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(said) as string,
        state: 'Nothing was changed.',
      });
    }
    for (const wrong of [{ environment: 'test' }, { connection: { username: 'me' } }])
      await expect(createKeel({ ...open, ...wrong } as never)).rejects.toMatchObject({
        code: 'USAGE',
      });
    expect(await state()).toEqual(before);
    expect(await keel.undo({ names: ['2-b'], all: false, to: undefined })).toMatchObject({
      pending: 2,
    });
  });
});
