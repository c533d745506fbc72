import path from 'node:path';
import { createTestDatabase, describeMigrations, type TestDatabase } from '../../src/testing';
import { serverUrl } from '../support/server';

const project = { cwd: path.resolve(__dirname, '../..'), url: serverUrl() };

describe('the schema that the migrations build', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase(project);
  });

  afterAll(() => database.drop());

  it('has the tables of the models, numbered and dated', async () => {
    for (const table of ['users', 'profiles', 'posts', 'students', 'courses']) {
      await expect(database).toHaveTable(table);
      await expect(database).toHaveColumn(table, 'id', { type: 'integer', nullable: false });
      await expect(database).toHaveUnique(table, ['id']);
    }
    for (const table of ['users', 'profiles', 'posts', 'students', 'courses', 'StudentCourses']) {
      await expect(database).toHaveColumn(table, 'createdAt', {
        type: 'timestamptz',
        nullable: false,
      });
      await expect(database).toHaveColumn(table, 'updatedAt', {
        type: 'timestamptz',
        nullable: false,
      });
    }
    await expect(database).not.toHaveTable('SequelizeMeta');
    await expect(database).toMatchModels();
  });

  it('has the columns of the models', async () => {
    for (const [table, column, type] of [
      ['users', 'name', 'varchar(255)'],
      ['profiles', 'bio', 'varchar(255)'],
      ['posts', 'title', 'varchar(255)'],
      ['posts', 'content', 'text'],
      ['students', 'name', 'varchar(255)'],
      ['courses', 'title', 'varchar(255)'],
    ] as const) {
      await expect(database).toHaveColumn(table, column, { type, nullable: true, default: null });
    }
  });

  it('joins students and courses, each pair once', async () => {
    await expect(database).toHaveUnique('StudentCourses', ['studentId', 'courseId']);
    for (const [column, table] of [
      ['studentId', 'students'],
      ['courseId', 'courses'],
    ] as const) {
      await expect(database).toHaveColumn('StudentCourses', column, {
        type: 'int',
        nullable: false,
      });
      await expect(database).toHaveForeignKey('StudentCourses', {
        columns: [column],
        references: { table, columns: ['id'] },
        onUpdate: 'CASCADE',
        onDelete: 'CASCADE',
      });
    }
  });

  it('keeps one profile for a user', async () => {
    await expect(database).toHaveColumn('profiles', 'userId', {
      type: 'int',
      nullable: true,
      default: null,
    });
    await expect(database).toHaveUnique('profiles', ['userId']);
    await expect(database).toHaveForeignKey('profiles', {
      columns: ['userId'],
      references: { table: 'users', columns: ['id'] },
      onUpdate: 'CASCADE',
      onDelete: 'SET NULL',
    });
  });

  it('finds the posts of a user by an index', async () => {
    await expect(database).toHaveForeignKey('posts', {
      columns: ['userId'],
      references: { table: 'users', columns: ['id'] },
      onUpdate: 'CASCADE',
      onDelete: 'SET NULL',
    });
    await expect(database).toHaveIndex('posts', {
      columns: ['userId'],
      unique: false,
      where: null,
    });
  });

  it('says what is there instead', async () => {
    const column = expect(database).toHaveColumn('users', 'name', { type: 'text' });
    await expect(column).rejects.toThrow(/name character varying\(255\)/);
    await expect(expect(database).toHaveTable('people')).rejects.toThrow(/The tables are: .*users/);
    const key = expect(database).toHaveForeignKey('posts', {
      columns: ['userId'],
      references: { table: 'users' },
      onDelete: 'CASCADE',
    });
    await expect(key).rejects.toThrow(/ON DELETE SET NULL/);
  });

  it('is a clone of its own', async () => {
    const other = await createTestDatabase(project);
    try {
      const client = await other.connect();
      await client.query('DROP TABLE posts');
      await expect(other).not.toHaveTable('posts');
      await expect(database).toHaveTable('posts');
      await expect(expect(other).toMatchModels()).rejects.toThrow(/table posts is in the models/);
    } finally {
      await other.drop();
    }
  });
});

describeMigrations(project);
