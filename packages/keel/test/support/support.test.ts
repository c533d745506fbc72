import { Client } from 'pg';
import { createDatabase, withDatabase } from './database';

test('each test database is empty, and gone once it is dropped', async () => {
  const first = await createDatabase();
  const client = new Client({ connectionString: first.url });
  await client.connect();
  await client.query('CREATE TABLE t ()');
  await client.end();
  const tables = await withDatabase(
    async ({ connection: { host, port, user, password, database } }) => {
      const other = new Client({ host, port, user, password, database });
      await other.connect();
      const { rowCount } = await other.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'");
      await other.end();
      return rowCount;
    },
  );
  expect(tables).toBe(0);
  await first.drop();
  await expect(new Client({ connectionString: first.url }).connect()).rejects.toThrow(
    'does not exist',
  );
});
