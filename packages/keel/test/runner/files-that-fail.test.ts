import { createKeel, type Keel, type RunEvent } from '../../src/index';
import { migration, withDatabaseProject } from '../support/project';
import { queryDatabase } from '../support/projects';

/** Applies one file, and gives its error and what was told meanwhile. */
async function fail(keel: Keel, name: string, atomic = false) {
  const events: RunEvent[] = [];
  const onEvent = (event: RunEvent): void => void events.push(event);
  const error: unknown = await keel
    .migrate({ names: [name] }, { onEvent, atomic })
    .catch((thrown: unknown) => thrown);
  return { error, retries: events.filter(({ type }) => type === 'retry') };
}

const TABLE = `await q.sequelize.query('CREATE TABLE made (id int)');`;

/** Words of other servers that a file talks to: a cache, an API, another database. */
const FOREIGN: readonly string[] = [
  `new Error('Connection is closed.')`,
  `new Error('Connection terminated unexpectedly')`,
  `Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })`,
  `Object.assign(new Error('terminating connection'), { code: '57P01', severity: 'FATAL' })`,
];

/** What fails once, and for good. */
const ONCE: readonly (readonly [code: string, said: string])[] = [
  [`await q.sequelize.query('COPY made FROM STDIN');`, 'COPY from stdin failed'],
  [`await q.sequelize.query('SELECT pg_cancel_backend(pg_backend_pid())');`, 'user request'],
  [`return () => q.sequelize.query('SELECT 1');`, 'it returned a function, which nobody calls'],
  [`return (function* () { yield 1; })();`, 'it is a generator, which nobody runs'],
  [`return (async function* () { yield 1; })();`, 'it is a generator, which nobody runs'],
  [`await Promise.any([Promise.reject(new Error('one')), Promise.reject('two')]);`, 'one; two'],
  [`throw new Error('x'.repeat(1_000_000));`, 'xxx'],
];

test('a file that fails is not taken for something else', () => {
  const foreign = FOREIGN.map((error, i) => [`f${i}`, `${TABLE} throw ${error};`] as const);
  const once = ONCE.map(
    ([code], i) => [`o${i}`, `${code.startsWith('return') ? '' : TABLE} ${code}`] as const,
  );
  const files = Object.fromEntries(
    [...foreign, ...once].map(([name, code]) => [`migrations/${name}.js`, migration(code)]),
  );
  return withDatabaseProject(files, async ({ root, database }) => {
    const keel = await createKeel({ cwd: root, url: database.url });
    for (const [name] of foreign) {
      expect(await fail(keel, name)).toMatchObject({
        error: {
          code: 'MIGRATION_FAILED',
          state: `${name}.js was rolled back; nothing of it remains.`,
        },
        retries: [],
      });
    }
    for (const [i, [, said]] of ONCE.entries()) {
      expect(await fail(keel, `o${i}`)).toMatchObject({
        error: { code: 'MIGRATION_FAILED', message: expect.stringContaining(said) as string },
        retries: [],
      });
    }
    expect(await keel.status()).toMatchObject({ pending: FOREIGN.length + ONCE.length });
    expect(await queryDatabase(database, `SELECT to_regclass('made') AS made`)).toEqual([
      { made: null },
    ]);
  });
});

test('PREPARE TRANSACTION does not take the transaction of a file away from its record', () => {
  const prepares = `await q.sequelize.transaction(async (transaction) => {
    await q.sequelize.query('CREATE TABLE made (id int)', { transaction });
    await q.sequelize.query("SELECT 1; /* so */ PREPARE TRANSACTION 'one'", { transaction });
  });`;
  const files = { 'migrations/1-prepares.js': migration(prepares) };
  return withDatabaseProject(files, async ({ root, database }) => {
    const keel = await createKeel({ cwd: root, url: database.url });
    // The server has none unless max_prepared_transactions says so; PostgreSQL is asked without a transaction.
    const { error, retries } = await fail(keel, '1-prepares');
    expect(retries).toMatchObject([{ mode: 'none' }]);
    expect(error).toMatchObject({ code: 'MIGRATION_FAILED', postgres: { code: '55000' } });
    expect((await fail(keel, '1-prepares', true)).error).toMatchObject({ code: 'NOT_ATOMIC' });
    expect(await keel.status()).toMatchObject({ pending: 1 });
    expect(await queryDatabase(database, `SELECT to_regclass('made') AS made`)).toEqual([
      { made: null },
    ]);
  });
});

test('a file without a transaction is recorded, although the connection of the run was ended meanwhile', () => {
  // As idle_session_timeout, a pooler or a firewall do while an index is built for an hour.
  const ends = `await q.sequelize.query(\`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'idle' AND pid <> pg_backend_pid()\`);
    await new Promise((resolve) => setTimeout(resolve, 50));`;
  const files = {
    'migrations/1-long.js': `${migration(`${TABLE} ${ends}`)} module.exports.transaction = false;`,
    'migrations/2-next.js': migration(`await q.dropTable('made');`),
  };
  return withDatabaseProject(files, async ({ root, database }) => {
    const keel = await createKeel({ cwd: root, url: database.url });
    expect(await keel.migrate()).toMatchObject({ files: [{ mode: 'none' }, {}], pending: 0 });
  });
});
