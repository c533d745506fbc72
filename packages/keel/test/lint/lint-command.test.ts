import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { migration, withDatabaseProject } from '../support/project';

interface Document {
  readonly files: readonly {
    readonly name: string;
    readonly findings: readonly {
      readonly rule: string;
      readonly severity: string;
      readonly source?: { readonly file: string; readonly line: number };
    }[];
  }[];
  readonly sizes: string;
  readonly notices: readonly string[];
}

const BASE = {
  'migrations/1-users.js': migration(
    `await q.createTable('users', { id: { type: S.BIGINT, primaryKey: true }, email: S.STRING, name: S.STRING });`,
  ),
};

const INDEX = `import type { QueryInterface } from 'sequelize';

interface Unused {
  readonly shifts: 'the lines of what is compiled';
}

export async function up(queryInterface: QueryInterface): Promise<void> {
  await queryInterface.addIndex('users', ['email'], { name: 'users, by: 100%' });
}
`;

const BIG = { tables: { 'public.users': { rows: 9_000_000, bytes: 900_000_000 } } };

test('db:lint looks at what is pending, and reads the real database only', async () => {
  await withDatabaseProject(BASE, async ({ keel, write, state, root }) => {
    await keel(['db:migrate']);
    write({ 'migrations/2-index.ts': INDEX, 'big.json': BIG });
    const before = await state();

    const unknown = await keel(['db:lint', '--json']);
    expect(unknown.code).toBe(4);
    const document = JSON.parse(unknown.stdout) as Document;
    expect(document).toMatchObject({
      sizes: 'unknown',
      files: [
        {
          name: '2-index.ts',
          findings: [{ rule: 'add-index', source: { file: 'migrations/2-index.ts', line: 8 } }],
        },
      ],
    });

    const text = await keel(['db:lint', '--stats', 'big.json']);
    expect(text.stdout).toContain('error   add-index  migrations/2-index.ts:8');
    expect(text.stdout).toMatch(
      /Writers of public\.users \(9,000,000 rows\) wait for about \d+ s\./,
    );
    expect(text.stdout).toContain('export const transaction = false;');

    const github = await keel(['db:lint', '--format', 'github', '--stats', 'big.json'], {
      GITHUB_WORKSPACE: path.dirname(root),
    });
    const folder = path.basename(root);
    expect(github.stdout).toContain(
      `::error file=${folder}/migrations/2-index.ts,line=8,col=24,title=keel%3A add-index::The index users, by: 100%25 is built while writers wait.%0AWriters of`,
    );

    const written = await keel(['db:lint', '--write-stats', 'own.json']);
    expect(written.code).toBe(0);
    const own = JSON.parse(readFileSync(path.join(root, 'own.json'), 'utf8')) as typeof BIG;
    expect(own.tables['public.users']).toEqual({ rows: 0, bytes: 0 });
    expect(await keel(['db:lint', '--stats', 'own.json'])).toMatchObject({ code: 0 });
    expect(await keel(['db:lint', '--fail-on', 'never'])).toMatchObject({ code: 0 });
    expect(await state()).toEqual(before);
  });
});

test('a file that fails hides nothing of those before it and after it', async () => {
  const files = {
    ...BASE,
    'migrations/2-index.js': migration(`await q.addIndex('users', ['email']);`),
    'migrations/3-bad.js': migration(
      `await q.addColumn('users', 'x', S.TEXT); throw new Error('by hand');`,
    ),
    'migrations/4-index.js': migration(`await q.addIndex('users', ['name']);`),
    'migrations/5-needs.js': migration(`await q.renameColumn('users', 'x', 'y');`),
    'migrations/6-drop.js': migration(`await q.removeColumn('users', 'name');`),
  };
  await withDatabaseProject(files, async ({ keel }) => {
    const { code, stdout } = await keel(['db:lint', '--all', '--json']);
    expect(code).toBe(4);
    const document = JSON.parse(stdout) as Document;
    const found = document.files.map(({ name, findings }) => [
      name,
      findings.find(({ rule }) => ['add-index', 'drop-column', 'fails'].includes(rule)),
    ]);
    const rule = (id: string, message = ''): unknown =>
      expect.objectContaining({ rule: id, message: expect.stringContaining(message) });
    expect(found).toEqual([
      ['1-users.js', undefined],
      ['2-index.js', rule('add-index')],
      ['3-bad.js', rule('fails', 'The file fails: 3-bad.js failed: by hand')],
      ['4-index.js', rule('add-index')],
      ['5-needs.js', rule('fails', 'The file fails without 3-bad.js, which fails before it: ')],
      ['6-drop.js', rule('drop-column')],
    ]);
    expect(document.notices).toContain(
      'looked at without what 3-bad.js, 5-needs.js should have done: 4-index.js, 6-drop.js',
    );
  });
});

test('--since looks at what the branch has added, also where no database answers', async () => {
  await withDatabaseProject(BASE, async ({ keel, write, root }) => {
    const git = (...args: readonly string[]): void => {
      const author = ['-c', 'user.name=a', '-c', 'user.email=a@b.c'];
      execFileSync('git', ['-C', root, ...author, ...args], { stdio: 'ignore' });
    };
    git('init', '-b', 'main');
    git('add', 'migrations');
    git('commit', '-m', 'base');
    git('checkout', '-b', 'change');
    write({ 'migrations/2-index.ts': INDEX });
    git('add', 'migrations');
    git('commit', '-m', 'index');
    write({
      'migrations/3-safe.js': `${migration(`await q.removeColumn('users', 'name');`)}module.exports.safe = { 'drop-column': 'unused' };`,
    });

    const nowhere = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    const result = await keel(['db:lint', '--since', 'main', '--json'], nowhere);
    const document = JSON.parse(result.stdout) as Document;
    expect(document.files.map(({ name }) => name)).toEqual(['2-index.ts', '3-safe.js']);
    expect(document.files[1]?.findings).toMatchObject([{ rule: 'drop-column', safe: 'unused' }]);
    expect(document.notices.join('\n')).toContain('the database was not reached');
    expect(result.code).toBe(4);

    expect(await keel(['db:lint'], nowhere)).toMatchObject({ code: 1 });
    const lost = await keel(['db:lint', '--since', 'nowhere']);
    expect(lost.stderr).toContain('Git cannot tell what has changed since nowhere.');
    const wrong = await keel(['db:lint', '--all', '--stats', 'package.json']);
    expect(wrong.stderr).toContain('The file of sizes');
  });
});
