import { withClient } from '../support/database';
import { everyAssociation, writePage } from '../support/page';
import { migration, withDatabaseProject } from '../support/project';

test('the page tells the kinds of associations apart, marks what is amiss, and knows all three sides', () =>
  withDatabaseProject(everyAssociation(), async (project) => {
    const before = await writePage(project);
    expect(before.document.migrations.map(({ status }) => status)).toEqual(
      Array(3).fill('pending'),
    );
    expect(before.document.tables.every(({ live }) => live === undefined)).toBe(true);

    await project.keel(['db:migrate']);
    await withClient(project.database.connection, (client) =>
      client.query(
        `INSERT INTO users (name) VALUES ('Ada'); ALTER TABLE tags ADD COLUMN hand text; CREATE TABLE by_hand (id int)`,
      ),
    );
    const { document } = await writePage(project);

    const lines = document.links.map(({ kind, labels, marks }) => [kind, ...labels, ...marks]);
    expect(lines).toEqual([
      ['N:M', 'Post.belongsToMany(Tag)', 'through PostTags'],
      ['N:M', 'Tag.belongsToMany(Post)', 'through PostTags'],
      ['1:1', 'User.hasOne(Badge)', 'not unique'],
      ['1:N', 'no association'],
      ['1:N', 'Post.hasMany(Note)', 'no foreign key'],
      ['1:N', 'User.hasMany(Post) as articles', 'Post.belongsTo(User) as author'],
      ['1:1', 'User.hasOne(Profile)', 'Profile.belongsTo(User)'],
      ['1:N', 'User.belongsTo(User) as boss'],
    ]);

    const users = document.tables.find(({ name }) => name === 'users');
    expect(users).toMatchObject({
      models: ['User'],
      rows: 1,
      live: 'as drawn',
      migrations: ['1-people.js'],
    });
    const tags = document.tables.find(({ name }) => name === 'tags');
    expect(tags?.drift).toEqual([
      'column hand (text) is in the database but not in the migrations',
    ]);
    const byHand = document.tables.find(({ name }) => name === 'by_hand');
    expect(byHand).toMatchObject({ models: [], drift: [expect.stringContaining('by_hand')] });

    const articles = document.associations.find(({ label }) => label[0]?.includes('articles'));
    expect(articles).toMatchObject({
      code: `User.hasMany(Post, { as: 'articles', foreignKey: 'authorId' })`,
      include: `{ model: Post, as: 'articles' }`,
      sql: expect.stringContaining('LEFT OUTER JOIN "posts" AS "articles"'),
    });
    expect(articles?.calls).toContainEqual({
      code: 'await user.addArticle(post)',
      type: 'Promise<void>',
      declaration: 'addArticle: HasManyAddAssociationMixin<Post, number>;',
    });

    expect(document.migrations.map(({ locks }) => locks)).toEqual([
      [],
      [{ table: 'public.users', mode: 'SHARE ROW EXCLUSIVE' }],
      [{ table: 'public.posts', mode: 'ACCESS EXCLUSIVE' }],
    ]);
    const [, , change] = document.migrations;
    expect(change).toMatchObject({ status: 'applied', batch: 1, durationMs: expect.any(Number) });
    expect(change?.appliedBy).toMatch(/^\S+@\S+ \(\w+\)$/);
    expect(change?.statements?.join()).toContain('DROP COLUMN "old"');
    expect(change?.changes.map(({ key, said }) => [key, said])).toEqual([
      [
        'public.posts',
        [
          'column title: type text → character varying(255)',
          'drops the column old',
          'adds the index posts_title USING btree (title)',
        ],
      ],
    ]);
  }));

test('each side that cannot be read is left out with its reason, and the rest is drawn', () =>
  withDatabaseProject(everyAssociation(), async (project) => {
    const offline = await writePage(project, '--offline');
    expect(offline.document.tables).toHaveLength(8);
    expect(offline.stderr).toContain('drawn without the migrations: not read (--offline)');

    const nowhere = await project.keel(['schema:page', '--format', 'svg'], {
      DATABASE_URL: 'postgres://nobody:hidden@127.0.0.1:1/none',
    });
    expect(nowhere.stdout).toMatch(/^<svg /);
    expect(nowhere.stdout + nowhere.stderr).not.toContain('hidden');

    project.write({ 'models/index.js': 'throw new Error("broken </script> & models");' });
    await project.keel(['db:migrate']);
    const broken = await writePage(project);
    expect(broken.document.models).toMatchObject({ text: expect.stringContaining('broken') });
    expect(broken.document.tables.map(({ name }) => name)).toContain('PostTags');
    expect(broken.document.links.flatMap(({ marks }) => marks)).toEqual([]);

    project.remove('models');
    project.remove('migrations');
    const legacy = await writePage(project);
    expect(legacy.document.tables).toHaveLength(8);
    const empty = await project.keel(['schema:page', '--offline', '--json']);
    expect(empty.code).toBe(1);
    expect(JSON.parse(empty.stdout)).toMatchObject({ error: { code: 'NOTHING_TO_SHOW' } });
  }));

test('what each migration changed is told of it alone, also without a transaction, without statements, and by a type', () =>
  withDatabaseProject(
    {
      'migrations/1.js': migration(
        `await q.sequelize.query("CREATE TYPE mood AS ENUM ('sad')");
         await q.sequelize.query('CREATE TABLE a (id int PRIMARY KEY, mood mood)');
         await q.sequelize.query('CREATE TABLE b (id int, a_id int REFERENCES a)');`,
      ),
      'migrations/2-nothing.js': migration(''),
      'migrations/3-alone.js': `module.exports = { useTransaction: false, up: (q) =>
        q.sequelize.query('CREATE INDEX CONCURRENTLY b_a ON b (a_id)'), down: async () => {} };`,
      'migrations/4-type.js': migration(
        `await q.sequelize.query('ALTER TYPE mood RENAME TO state');`,
      ),
      'migrations/5-parent.js': migration(
        `await q.renameColumn('a', 'id', 'key'); await q.sequelize.query('ALTER INDEX b_a RENAME TO b_b');`,
      ),
      'migrations/6-tried.js': migration(
        `await q.sequelize.query('CREATE TABLE tried (id int)');
         await q.dropTable('tried');
         await q.dropTable('b');`,
      ),
    },
    async (project) => {
      const { document } = await writePage(project);
      expect(
        document.migrations.map(({ changes }) =>
          changes.flatMap(({ key, said }) => [key, ...said]),
        ),
      ).toEqual([
        ['public.a', 'creates the table, 2 columns', 'public.b', 'creates the table, 2 columns'],
        [],
        ['public.b', 'adds the index b_a USING btree (a_id)'],
        ['public.a', 'column mood: type public.mood → public.state'],
        [
          'public.a',
          'adds the column key integer NOT NULL',
          'drops the column id',
          'adds a_pkey PRIMARY KEY (key)',
          'drops a_pkey PRIMARY KEY (id)',
          'public.b',
          'adds b_a_id_fkey FOREIGN KEY (a_id) REFERENCES public.a(key)',
          'drops b_a_id_fkey FOREIGN KEY (a_id) REFERENCES public.a(id)',
          'adds the index b_b USING btree (a_id)',
          'drops the index b_a USING btree (a_id)',
        ],
        ['public.b', 'drops the table'],
      ]);
      expect(
        document.migrations.map(({ locks }) => locks.map(({ table, mode }) => [table, mode])),
      ).toEqual([
        [],
        [],
        [['public.b', 'SHARE UPDATE EXCLUSIVE']],
        [],
        [['public.a', 'ACCESS EXCLUSIVE']],
        [
          ['public.a', 'ACCESS EXCLUSIVE'],
          ['public.b', 'ACCESS EXCLUSIVE'],
        ],
      ]);
    },
  ));
