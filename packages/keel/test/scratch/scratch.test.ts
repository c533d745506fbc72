import { Client } from 'pg';
import { withScratch } from '../../src/scratch/with-scratch';
import { readProject } from '../../src/project/read-project';
import type { Project } from '../../src/project/project';
import { withDatabase, withClient } from '../support/database';
import { serverUrl } from '../support/server';

async function listScratch(): Promise<string[]> {
  const client = new Client({ connectionString: serverUrl() });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database WHERE starts_with(datname, 'keel_scratch_')`,
  );
  await client.end();
  return rows.map(({ name }) => name);
}

async function withProject(use: (project: Project) => Promise<void>): Promise<void> {
  await withDatabase(async ({ url }) => use(await readProject({ url })));
}

describe('withScratch()', () => {
  it('drops its databases, also after an error', () =>
    withProject(async (project) => {
      const names: string[] = [];
      const attempt = withScratch(project, undefined, async ({ create }) => {
        const scratch = await create();
        names.push(scratch.connection.database);
        expect(await listScratch()).toContain(names[0]);
        await withClient(scratch.connection, (client) => client.query('CREATE TABLE t ()'));
        throw new Error('stop');
      });
      await expect(attempt).rejects.toThrow('stop');
      expect(await listScratch()).not.toContain(names[0]);
    }));

  it('makes databases ahead, drops those that are done with, and leaves none', () =>
    withProject(async (project) => {
      const before = await listScratch();
      const own = async () => (await listScratch()).filter((name) => !before.includes(name));
      await withScratch(project, undefined, async ({ create, prepare, dropMeanwhile }) => {
        prepare(2);
        const first = (await create()).connection.database;
        await dropMeanwhile();
        const second = (await create()).connection.database;
        const third = (await create()).connection.database;
        expect(new Set([first, second, third]).size).toBe(3);
        expect((await own()).sort()).toEqual([second, third].sort());
        prepare(1);
      });
      expect(await own()).toEqual([]);
    }));

  it('drops what a killed run has left, and nothing of a run that lives', () =>
    withProject(async (project) => {
      const left = 'keel_scratch_abc_1_def_0';
      await withClient(project.connection, (client) => client.query(`CREATE DATABASE ${left}`));
      await withScratch(project, undefined, async ({ create }) => {
        const living = (await create()).connection.database;
        await withScratch(project, undefined, async () => {
          const names = await listScratch();
          expect(names).toContain(living);
          expect(names).not.toContain(left);
        });
      });
    }));

  it('makes none once it is interrupted', () =>
    withProject(async (project) => {
      const controller = new AbortController();
      controller.abort();
      const attempt = withScratch(project, controller.signal, ({ create }) => create());
      await expect(attempt).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    }));

  it('goes to a temporary embedded server where the role may not create databases', () =>
    withProject(async (project) => {
      const role = `keel_plain_${process.pid}`;
      await withClient(project.connection, (client) =>
        client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`),
      );
      try {
        const plain = {
          ...project,
          connection: { ...project.connection, user: role, password: 'x' },
        };
        await withScratch(plain, undefined, async ({ create, notice }) => {
          expect(notice).toMatch(/may not create databases.*temporary embedded server/);
          const scratch = await create();
          expect(scratch.connection.port).not.toBe(project.connection.port);
          await withClient(scratch.connection, (client) => client.query('CREATE TABLE t ()'));
        });
      } finally {
        await withClient(project.connection, (client) => client.query(`DROP ROLE ${role}`));
      }
    }));
});
