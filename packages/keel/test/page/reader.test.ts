import { withClient } from '../support/database';
import { everyAssociation, writePage } from '../support/page';
import { withDatabaseProject } from '../support/project';

test.each([
  [
    'may read every table',
    'GRANT SELECT ON ALL TABLES IN SCHEMA public, keel TO',
    'applied',
    false,
  ],
  ['may connect and no more', 'GRANT CONNECT ON DATABASE current TO', 'unknown', true],
])('a role that %s sees the schema, and changes nothing', (_what, grant, status, estimated) =>
  withDatabaseProject(everyAssociation(), async (project) => {
    await project.keel(['db:migrate']);
    const { connection, url } = project.database;
    const role = `reader_${connection.database}`;
    await withClient(connection, async (client) => {
      await client.query(
        `INSERT INTO users (name) VALUES ('Ada'), ('Bob'); CREATE ROLE ${role} LOGIN PASSWORD 'sesame-42';
         REVOKE ALL ON DATABASE ${connection.database} FROM PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC;
         GRANT CONNECT ON DATABASE ${connection.database} TO ${role}`,
      );
      if (!estimated)
        await client.query(`GRANT USAGE ON SCHEMA public, keel TO ${role}; ${grant} ${role}`);
    });
    const before = await project.state();
    const address = new URL(url);
    [address.username, address.password] = [role, 'sesame-42'];
    try {
      const { document, html, stderr } = await writePage(project, '--url', address.href);
      expect(document.migrationsSide).toEqual({
        read: true,
        text: expect.stringContaining(`${role} may not create databases`),
      });
      expect(document.tables).toHaveLength(8);
      const users = document.tables.find(({ name }) => name === 'users');
      expect(users).toMatchObject({ live: 'as drawn', rows: 2 });
      expect(users?.estimated === true).toBe(estimated);
      expect(document.migrations.map((each) => each.status)).toEqual(Array(3).fill(status));
      expect(document.migrations[0]?.changes.length).toBeGreaterThan(0);
      expect(html + stderr).not.toContain('sesame-42');
      expect(document.drift === undefined).toBe(estimated);
      expect(document.database.text).toContain(
        estimated ? 'The role may not look into the schema public' : '8 tables in the database',
      );
      expect(await project.state()).toEqual(before);
    } finally {
      await withClient(connection, (client) =>
        client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`),
      );
    }
  }),
);
