import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { file } from '../faults/fault-project';
import { textOf, withScene } from '../faults/scene';
import { PACKAGE } from '../support/paths';

/** The files that a page of the documentation shows, by the names in their first lines. */
function filesOf(page: string): Record<string, string> {
  const text = readFileSync(path.join(PACKAGE, 'docs', page), 'utf8');
  const blocks = [...text.matchAll(/```js\n(\/\/ .*?(\d{14}-\w+\.js)\n[^]*?)```/g)];
  return Object.fromEntries(blocks.map(([, code, name]): [string, string] => [name!, code!]));
}

test('the rename of the documentation: old and new code write meanwhile, and it leads back', async () => {
  const files = filesOf('backfill.md');
  const [expand, fill, contract] = Object.keys(files);
  const users = file(
    `await q.createTable('users', { id: { type: S.INTEGER, primaryKey: true, autoIncrement: true }, name: { type: S.TEXT, allowNull: false } });
     await q.sequelize.query("INSERT INTO users (name) SELECT 'name ' || i FROM generate_series(1, 500) i");`,
    `await q.dropTable('users');`,
  );
  await withScene({ '20240101000000-users.js': users, ...files }, async ({ run, query, url }) => {
    expect(await run(['db:migrate', '--to', expand!])).toMatchObject({ code: 0 });
    await query(`INSERT INTO users (name) VALUES ('of the old')`);
    await query(`INSERT INTO users ("fullName") VALUES ('of the new')`);
    expect(await run(['db:migrate', '--to', fill!])).toMatchObject({ code: 0 });
    expect(await query(`SELECT count(*)::int FROM users WHERE name = "fullName"`)).toEqual([502]);
    expect(await run(['db:migrate:undo', '--name', fill!])).toMatchObject({ code: 0 });
    expect(await run(['db:migrate:undo', '--name', expand!])).toMatchObject({ code: 0 });
    expect(await query(`SELECT count(*)::int FROM users WHERE name = 'of the new'`)).toEqual([1]);
    const old = new Client({ connectionString: url, application_name: 'shop@2.13.0' });
    await old.connect();
    const refused = await run(['db:migrate']);
    expect(textOf(refused)).toContain('A session of shop older than 2.14.0 is connected');
    await old.end();
    expect(await run(['db:migrate', '--name', contract!])).toMatchObject({ code: 0 });
    expect(await query(`SELECT count("fullName")::int FROM users`)).toEqual([502]);
    expect(
      await query(
        `SELECT attname FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'name'`,
      ),
    ).toEqual([]);
  });
});
