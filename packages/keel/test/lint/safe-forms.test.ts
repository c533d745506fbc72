import type { Finding } from '../../src/lint/finding';
import { lintTrace } from '../../src/lint/lint-trace';
import { measureSpeed } from '../../src/lint/trace/measure-speed';
import { traceFiles } from '../../src/lint/trace/trace-files';
import { readProject } from '../../src/project/read-project';
import { listFiles } from '../../src/runner/files/list-files';
import { withScratch } from '../../src/scratch/with-scratch';
import { withProject } from '../support/projects';
import { serverUrl } from '../support/server';

const BASE = `CREATE TABLE posts (id bigserial PRIMARY KEY, title varchar(30), state varchar(9), at timestamp, code int);
  CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE people (id bigint, mood mood);`;

const query = (sql: string): string => `await q.sequelize.query(\`${sql}\`)`;

/** What a file does, and a rule that it breaks: where all is done as the rule says, nothing is left to object to. */
const CASES: readonly (readonly [code: string, rule: string])[] = [
  [`await q.addColumn('posts', 'slug', { type: S.STRING, unique: true })`, 'add-unique'],
  [
    query(
      `ALTER TABLE posts ADD CONSTRAINT one UNIQUE NULLS NOT DISTINCT (title, code) INCLUDE (at) DEFERRABLE INITIALLY DEFERRED`,
    ),
    'add-unique',
  ],
  [query('ALTER TABLE people ADD PRIMARY KEY (id)'), 'add-unique'],
  [
    query(
      'ALTER TABLE posts ADD CONSTRAINT c CHECK (code > 0) NOT VALID; ALTER TABLE posts VALIDATE CONSTRAINT c',
    ),
    'validate-under-lock',
  ],
  [`await q.changeColumn('posts', 'state', { type: S.ENUM('x', 'y') })`, 'change-type'],
  [
    query(
      `ALTER TABLE posts ADD COLUMN b int, ALTER COLUMN at TYPE timestamptz USING at AT TIME ZONE 'UTC'`,
    ),
    'change-type',
  ],
  [query('ALTER TABLE people RENAME TO humans'), 'rename-table'],
  [
    `await q.addIndex('posts', [S.fn('lower', S.col('title'))], { name: 'low', where: { code: { [S.Op.gt]: 1 } } })`,
    'add-index',
  ],
  [
    `await q.bulkUpdate('posts', { code: S.literal('code + 1') }, { code: { [S.Op.gt]: 1 } })`,
    'backfill',
  ],
  [query('DELETE FROM posts p USING people o WHERE o.id = p.code'), 'backfill'],
];

const big = { rows: 8_000_000, bytes: 1_200_000_000 };
const sizes = {
  tables: { 'public.posts': big, 'public.people': big },
  trusted: true,
  invalidIndexes: [],
};

const moduleOf = (code: string): string =>
  `module.exports = { async up(q, S) { ${code}; }, async down() {} };`;

test('what a rule says to write instead runs, and no rule objects to it', async () => {
  const files = Object.fromEntries([
    ['migrations/0-base.js', moduleOf(query(BASE))],
    ...CASES.map(([code], at) => [`migrations/1-${at}.js`, moduleOf(code)]),
  ]) as Record<string, string>;
  await withProject(files, async ({ root, write }) => {
    const project = await readProject({ cwd: root, url: serverUrl() });
    await withScratch(project, undefined, async (scratch) => {
      const speed = await measureSpeed(await scratch.create());
      const lint = async (prefix: string): Promise<Finding[]> => {
        const all = await listFiles(project.paths.migrations, 'migrations-path');
        const named = (start: string): typeof all =>
          all.filter(({ name }) => name.startsWith(start));
        const request = { before: named('0-'), files: named(prefix), exclusive: false, speed };
        const trace = await traceFiles(scratch, request);
        const linted = lintTrace({ files: trace.files, sizes, speed, threshold: {} });
        return linted.flatMap(({ findings }) => findings);
      };
      for (const [at, [code, rule]] of CASES.entries()) {
        const found = (await lint(`1-${at}.js`)).find((each) => each.rule === rule);
        expect([code, found?.rule]).toEqual([code, rule]);
        const parts = (found?.safeForm ?? '').split(/(?<=\n\};)\n\n/);
        const texts = parts.map((text, part) => [
          `migrations/2-${at}-${part}.js`,
          text.replace('<name>', 'shop').replace('<first release without it>', '1.0.0'),
        ]);
        write(Object.fromEntries(texts) as Record<string, string>);
        const left = await lint(`2-${at}-`);
        const open = left.filter(
          ({ severity, safe }) => severity === 'error' && safe === undefined,
        );
        expect([code, open.map(({ message }) => message)]).toEqual([code, []]);
      }
    });
  });
});
