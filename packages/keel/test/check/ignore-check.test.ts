import { withClient } from '../support/database';
import { model } from '../support/drifted-project';
import { migration, withDatabaseProject } from '../support/project';

function config(ignore: readonly string[]): string {
  return JSON.stringify({
    development: { use_env_variable: 'DATABASE_URL', dialect: 'postgres', keel: { ignore } },
  });
}

const byHost = `
  CREATE SCHEMA extensions; CREATE EXTENSION pg_stat_statements SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions;
  CREATE SCHEMA auth; CREATE TABLE auth.users (id int); COMMENT ON TABLE auth.users IS 'theirs'; COMMENT ON SCHEMA auth IS 'theirs';
  CREATE VIEW auth.v AS SELECT 1 AS x; COMMENT ON VIEW auth.v IS 'theirs'; CREATE TYPE auth.aal AS ENUM ('a');
  CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; COMMENT ON FUNCTION audit() IS 'theirs';
  CREATE TRIGGER audit_people BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION audit();
  COMMENT ON TRIGGER audit_people ON people IS 'theirs'; CREATE INDEX advised ON people (name);
  CREATE RULE quiet AS ON DELETE TO auth.users DO INSTEAD NOTHING; COMMENT ON COLUMN auth.v.x IS 'theirs';
  CREATE PUBLICATION host_publication;`;

const patterns = [
  'extensions',
  'pg_stat_statements',
  'citext',
  'auth.*',
  'audit',
  'people.audit_*',
  'index:*.advised',
  'publication:*',
];

describe('keel.ignore', () => {
  it('leaves out what a host adds, on every side, and says which pattern matches nothing', () =>
    withDatabaseProject(
      {
        'config/config.json': config([]),
        'migrations/1-people.js': migration(
          `await q.createTable('people', { id: { type: S.INTEGER, primaryKey: true, autoIncrement: true }, name: S.STRING });`,
        ),
        'models/person.js': model(
          'Person',
          `{ name: DataTypes.STRING }`,
          '',
          `tableName: 'people', timestamps: false`,
        ),
      },
      async ({ keel, database, write }) => {
        expect((await keel(['db:migrate'])).code).toBe(0);
        await withClient(database.connection, (client) => client.query(byHost));
        const all = await keel(['db:check']);
        expect(all.code).toBe(4);
        for (const what of [
          'schema auth',
          'extension citext',
          'trigger audit_people',
          'index advised',
          'publication host_publication',
          'function audit()',
        ])
          expect(all.stdout).toContain(`${what} `);
        write({ 'config/config.json': config([...patterns, 'nothing_*']) });
        const { code, stdout } = await keel(['db:check']);
        expect({ code, stdout }).toMatchObject({ code: 0 });
        expect(stdout).toContain('keel.ignore: "nothing_*" matches no object');
        expect(stdout.match(/matches no object/g)).toHaveLength(1);
        const generated = await keel(['migration:generate', '--from-models', '--name', 'x']);
        expect(generated.stdout).toContain('there is nothing to write');
        expect((await keel(['db:schema:dump'])).stdout).not.toMatch(/auth|advised|audit/);
      },
    ));
});

describe('partitions', () => {
  const events = migration(
    `await q.sequelize.query("CREATE TABLE events (id int NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)");
     await q.sequelize.query("CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')");
     await q.sequelize.query("CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')");`,
  );
  const eventModel = model(
    'Event',
    `{ id: { type: DataTypes.INTEGER, primaryKey: true }, at: { type: DataTypes.DATEONLY, primaryKey: true } }`,
    '',
    `tableName: 'events', timestamps: false`,
  );

  it('belong to their table, and may come and go while it runs', () =>
    withDatabaseProject(
      { 'migrations/1-events.js': events, 'models/event.js': eventModel },
      async ({ keel, database }) => {
        const run = (sql: string): Promise<unknown> =>
          withClient(database.connection, (client) => client.query(sql));
        expect((await keel(['db:migrate'])).code).toBe(0);
        await run(`CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY LIST (id);
          CREATE TABLE events_2025_1 PARTITION OF events_2025 FOR VALUES IN (1); DROP TABLE events_2023`);
        const same = await keel(['db:check']);
        expect({ code: same.code, stdout: same.stdout }).toMatchObject({ code: 0 });
        expect(same.stdout).not.toContain('--drop');
        expect(same.stdout).toContain('2 partitions are only in the database');
        expect(same.stdout).toContain('one partition is only in the migrations');
        await run(
          `ALTER TABLE events DETACH PARTITION events_2024; CREATE INDEX by_hand ON events (at)`,
        );
        const drifted = await keel(['db:check']);
        expect(drifted.code).toBe(4);
        expect(drifted.stdout).toContain(
          'partition: of none in the database, of events FOR VALUES FROM',
        );
        expect(drifted.stdout).toContain('index by_hand (at) is in the database');
      },
    ));
});
