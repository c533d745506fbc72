import { queryDatabase, requireSuccess } from '../support/projects';
import { migration, withDatabaseProject } from '../support/project';

/** Notes which server process a file was on, and what it found there. */
const note = (file: number, found = "''") =>
  `await q.sequelize.query(\`INSERT INTO notes SELECT ${file}, pg_backend_pid(), ${found}\`);`;

const sql = (text: string) => `await q.sequelize.query(\`${text}\`);`;

const NOTES = migration(sql('CREATE TABLE notes (file int, pid int, found text)') + note(1));

/** What files may leave on a session, and how the next one would notice. */
const LEFT: readonly (readonly [what: string, up: string, seen: string])[] = [
  ['a setting', "SET search_path = 'x'", "current_setting('search_path')"],
  [
    'a setting after others',
    'SELECT 1; /* so */ SET\n  work_mem = 999',
    "current_setting('work_mem')",
  ],
  [
    'a setting by a function',
    "SELECT set_config('lock_timeout', '777', false)",
    "current_setting('lock_timeout')",
  ],
  [
    'a setting in a function of the database',
    `CREATE FUNCTION sets() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
       PERFORM set_config('statement_timeout', '1', false); RETURN 1; END $$; SELECT sets()`,
    "current_setting('statement_timeout')",
  ],
  [
    "a setting of the project's own",
    "SET app.tenant = 'one'",
    "current_setting('app.tenant', true)",
  ],
  [
    "a setting of the project's own by a name that is not in the text",
    "DO $$ BEGIN PERFORM set_config('app.' || 'user', 'two', false); END $$",
    "current_setting('app.user', true)",
  ],
  ['a role', 'SET ROLE pg_monitor', 'current_user'],
  [
    'a temporary table',
    'CREATE TEMP TABLE left_behind (id int)',
    "to_regclass('left_behind')::text",
  ],
  [
    'a temporary table by a block',
    "DO $$ BEGIN EXECUTE 'CREATE TEMP TABLE left_too (id int)'; END $$",
    "to_regclass('left_too')::text",
  ],
  [
    'a lock',
    'SELECT pg_advisory_lock(4711)',
    "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND pid = pg_backend_pid())",
  ],
  [
    'a prepared statement',
    'PREPARE one AS SELECT 1',
    '(SELECT count(*) FROM pg_prepared_statements)',
  ],
  ['a channel', 'LISTEN news', '(SELECT count(*) FROM pg_listening_channels())'],
  ['a cursor', 'DECLARE c CURSOR WITH HOLD FOR SELECT 1', '(SELECT count(*) FROM pg_cursors)'],
];

test('a file finds nothing of what the one before left on its session', async () => {
  const asked = LEFT.map(([, , seen]) => `coalesce((${seen})::text, '')`).join(" || ' ' || ");
  const files = Object.fromEntries(
    LEFT.map(([, up], index) => [
      `migrations/${10 + index}-leaves.js`,
      migration(note(10 + index, `public.seen()`) + sql(up)),
    ]),
  );
  const seen = migration(
    sql(
      `CREATE FUNCTION seen() RETURNS text LANGUAGE sql AS 'SELECT ${asked.replaceAll("'", "''")}'`,
    ),
  );
  await withDatabaseProject(
    {
      'migrations/01-notes.js': NOTES,
      'migrations/02-seen.js': seen,
      ...files,
      'migrations/99-last.js': migration(note(99, 'public.seen()')),
    },
    async ({ database, keel }) => {
      const run = await keel(['db:migrate']);
      requireSuccess('migrate', run);
      expect(run.stderr).toBe('');
      const rows = await queryDatabase<{ file: number; found: string }>(
        database,
        'SELECT file, found FROM notes WHERE file >= 10 ORDER BY file',
      );
      const clean = rows[0]?.found;
      const leaks = rows.filter(({ found }) => found !== clean);
      expect(leaks.map(({ file }) => LEFT[file - 11]?.[0] ?? file)).toEqual([]);
      expect(rows).toHaveLength(LEFT.length + 1);
    },
  );
});

test('what holds for the transaction only costs no new connection', async () => {
  const local = [
    "SELECT set_config('app.user', '0', TRUE)",
    "SELECT set_config('app.user', 'one', true), set_config('search_path', 'public', true)",
    "SET LOCAL lock_timeout = '1s'; SET LOCAL app.tenant = 'two'",
    'SET LOCAL ROLE pg_monitor; RESET ROLE',
    "DO $$ BEGIN PERFORM set_config('app.other', 'x', true); END $$",
    `CREATE FUNCTION local() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
       PERFORM set_config('work_mem', '1MB', true); END $$; SELECT local()`,
    'CREATE TEMP TABLE gone (id int) ON COMMIT DROP',
    'SELECT pg_advisory_xact_lock(1)',
    "SET work_mem = '2MB'; RESET work_mem",
    'SELECT pg_advisory_lock(2); SELECT pg_advisory_unlock(2)',
    'UPDATE notes SET found = found',
    "INSERT INTO notes (file) SELECT 0 WHERE 'set' = 'x'",
  ];
  const files = Object.fromEntries(
    local.map((up, index) => [
      `migrations/${10 + index}-local.js`,
      migration(sql(up) + note(10 + index)),
    ]),
  );
  const [bound] = [
    migration(
      `await q.sequelize.query('SELECT set_config($1, $2, true)', { bind: ['app.user', 'x'] });` +
        note(50),
    ),
  ];
  await withDatabaseProject(
    { 'migrations/01-notes.js': NOTES, ...files, 'migrations/50-bound.js': bound },
    async ({ database, keel }) => {
      requireSuccess('migrate', await keel(['db:migrate']));
      const rows = await queryDatabase<{ pid: number }>(
        database,
        'SELECT DISTINCT pid FROM notes WHERE pid IS NOT NULL',
      );
      expect(rows).toHaveLength(1);
    },
  );
});

test('a file without a transaction leaves nothing to the next of its kind', async () => {
  const without = (body: string) => `${migration(body)}exports.transaction = false;`;
  await withDatabaseProject(
    {
      'migrations/01-notes.js': NOTES,
      'migrations/02-sets.js': without(sql('SET ROLE pg_monitor')),
      'migrations/03-next.js': without(note(3, 'current_user')),
    },
    async ({ database, keel }) => {
      requireSuccess('migrate', await keel(['db:migrate']));
      const rows = await queryDatabase<{ same: boolean }>(
        database,
        'SELECT found = current_user AS same FROM notes WHERE file = 3',
      );
      expect(rows).toEqual([{ same: true }]);
    },
  );
});
