import { readProject } from '../../src/project/read-project';
import { buildOrRecall } from '../../src/scratch/kept-models';
import { loadModelSide, type ModelSide } from '../../src/scratch/model-side';
import { readProjectSchema } from '../../src/scratch/replay';
import { ReplayCache } from '../../src/scratch/replay-cache';
import { withScratch } from '../../src/scratch/with-scratch';
import { withClient } from '../support/database';
import { withDatabaseProject } from '../support/project';

/** No list of files tells that this model has changed. */
const MODEL = `module.exports = (sequelize, DataTypes) =>
  sequelize.define('Note', { text: global.noteText ?? DataTypes.TEXT });`;

const globals = global as { noteText?: string };

test('models are built once, and again where they or what surrounds them have changed', () =>
  withDatabaseProject({ 'models/note.js': MODEL }, async ({ root, database }) => {
    const project = await readProject({ cwd: root, url: database.url });
    const run = (sql: string) =>
      withClient(database.connection, (client) => client.query(sql).then(() => undefined));
    let databases = 0;
    const build = async (use = true): Promise<ModelSide> => {
      const surroundings = await readProjectSchema(project);
      const loaded = await loadModelSide(project, false);
      try {
        return await withScratch(project, undefined, async (scratch) => {
          const cache = await ReplayCache.open(project, scratch);
          const create = () => {
            databases += 1;
            return scratch.create();
          };
          return buildOrRecall({ ...scratch, create }, loaded, surroundings, { cache, use });
        });
      } finally {
        await loaded.close();
      }
    };

    const first = await build();
    expect(databases).toBe(1);
    expect(await build()).toMatchObject({ schema: first.schema, facts: first.facts });
    expect(databases).toBe(1);
    expect((await build(false)).schema).toEqual(first.schema);
    expect(databases).toBe(2);

    globals.noteText = 'varchar(7)';
    expect((await build()).schema).not.toEqual(first.schema);
    expect(databases).toBe(3);

    await run('CREATE DOMAIN short AS varchar(9)');
    globals.noteText = 'short';
    expect(JSON.stringify((await build()).schema)).toContain('"public.short"');
    expect(databases).toBe(4);

    // The same statement makes its table elsewhere.
    await run(
      `CREATE SCHEMA app; ALTER DATABASE "${database.connection.database}" SET search_path = app, public`,
    );
    expect((await build()).schema.tables).toMatchObject([{ schema: 'app', name: 'Notes' }]);
    expect(databases).toBe(5);

    // What could not be built is tried again: a server may learn.
    globals.noteText = 'no_such_type';
    expect((await build()).failures).toHaveLength(1);
    expect((await build()).failures).toHaveLength(1);
    expect(databases).toBe(7);
  }));

afterAll(() => {
  delete globals.noteText;
});
