import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { Client } from 'pg';
import { Sequelize } from 'sequelize';
import { defineModels } from '../models/define-models';
import { listObjects } from '../packages/keel/test/support/catalog';
import { cleanEnvironment } from '../packages/keel/test/support/cli';
import { withDatabase } from '../packages/keel/test/support/database';

/** Runs the real sequelize-cli in the project. An empty DATABASE_URL shuts out a developer's .env. */
function sequelizeCli(args: readonly string[], url = '') {
  const cli = require.resolve('sequelize-cli/lib/sequelize');
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd: path.join(__dirname, '..', '..'),
    env: { ...cleanEnvironment(), DATABASE_URL: url },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('sequelize-cli migrates, seeds and undoes the project, leaving nothing', async () => {
  await withDatabase(async ({ url }) => {
    const client = new Client({ connectionString: url });
    await client.connect();
    const sequelize = new Sequelize(url, { logging: false });
    const { User, Student } = defineModels(sequelize);
    try {
      const before = await listObjects(client);
      expect(sequelizeCli(['db:migrate'], url)).toMatchObject({ status: 0, stderr: '' });
      expect(sequelizeCli(['db:seed:all'], url)).toMatchObject({ status: 0, stderr: '' });
      expect(sequelizeCli(['db:seed:all'], url)).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('No seeders found.') as string,
      });
      expect((await User.create({ name: 'Zoe' })).id).toBe(4);

      expect(sequelizeCli(['db:seed:undo:all'], url)).toMatchObject({ status: 0, stderr: '' });
      expect([await User.count(), await Student.count()]).toEqual([1, 0]);
      expect(sequelizeCli(['db:migrate:undo:all'], url)).toMatchObject({ status: 0, stderr: '' });
      expect(await listObjects(client)).toEqual(before);
    } finally {
      await sequelize.close();
      await client.end();
    }
  });
});

test('sequelize-cli says what production needs', () => {
  const { status, stderr } = sequelizeCli(['db:migrate:status', '--env', 'production']);
  expect(stderr).toContain('The production environment needs DATABASE_URL');
  expect(status).toBe(1);
});
