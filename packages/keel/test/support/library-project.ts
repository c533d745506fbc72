import type { ProjectFiles } from './projects';

const migration = (up: string, down: string): string => `'use strict';

module.exports = {
  async up(queryInterface, Sequelize) {
    ${up}
  },
  async down(queryInterface, Sequelize) {
    ${down}
  },
};
`;

/** Migrations of a JavaScript project: tables with an enum and a foreign key, an index, a function and a view. */
const LIBRARY_MIGRATIONS = {
  '20200101000001-create-authors.js': migration(
    `await queryInterface.createTable('Authors', {
      id: { allowNull: false, autoIncrement: true, primaryKey: true, type: Sequelize.INTEGER },
      name: { type: Sequelize.STRING(80), allowNull: false, unique: true },
      rank: { type: Sequelize.ENUM('low', 'high'), defaultValue: 'low' },
      createdAt: { allowNull: false, type: Sequelize.DATE },
      updatedAt: { allowNull: false, type: Sequelize.DATE },
    });`,
    `await queryInterface.dropTable('Authors');
    await queryInterface.sequelize.query('DROP TYPE "enum_Authors_rank"');`,
  ),
  '20200101000002-create-books.js': migration(
    `const transaction = await queryInterface.sequelize.transaction();
    try {
      await queryInterface.createTable('Books', {
        id: { type: Sequelize.UUID, defaultValue: Sequelize.UUIDV4, primaryKey: true },
        title: Sequelize.TEXT,
        authorId: {
          type: Sequelize.INTEGER,
          references: { model: 'Authors', key: 'id' },
          onDelete: 'CASCADE',
        },
      }, { transaction });
      await queryInterface.addIndex('Books', ['authorId', 'title'], { transaction });
      await transaction.commit();
    } catch (error) {
      await transaction.rollback();
      throw error;
    }`,
    `await queryInterface.dropTable('Books');`,
  ),
  '20200101000003-add-pages.js': migration(
    `await Promise.all([
      queryInterface.addColumn('Books', 'pages', { type: Sequelize.INTEGER, defaultValue: 1 }),
      queryInterface.addColumn('Books', 'tags', Sequelize.ARRAY(Sequelize.STRING)),
    ]);`,
    `await queryInterface.removeColumn('Books', 'tags');
    await queryInterface.removeColumn('Books', 'pages');`,
  ),
  '20200101000004-add-view.js': migration(
    `await queryInterface.sequelize.query(
      'CREATE VIEW long_books AS SELECT title FROM "Books" WHERE pages > 500; ' +
      'CREATE FUNCTION page_count() RETURNS bigint LANGUAGE sql AS $$ SELECT sum(pages) FROM "Books" $$',
    );`,
    `await queryInterface.sequelize.query('DROP FUNCTION page_count(); DROP VIEW long_books');`,
  ),
  '20200101000005-create-tags.js': migration(
    `await queryInterface.createTable('Tags', { name: { type: Sequelize.STRING, primaryKey: true } });`,
    `await queryInterface.dropTable('Tags');`,
  ),
} as const;

/** Its seeders. */
const LIBRARY_SEEDERS = {
  '20200102000001-authors.js': migration(
    `const now = new Date(0);
    await queryInterface.bulkInsert('Authors', [
      { name: 'Ada', rank: 'high', createdAt: now, updatedAt: now },
      { name: 'Ben', createdAt: now, updatedAt: now },
    ]);`,
    `await queryInterface.bulkDelete('Authors', null, {});`,
  ),
  '20200102000002-books.js': migration(
    `const [authors] = await queryInterface.sequelize.query('SELECT id FROM "Authors" ORDER BY id');
    await queryInterface.bulkInsert('Books', [
      { id: '00000000-0000-4000-8000-000000000001', title: 'First', authorId: authors[0].id },
    ]);`,
    `await queryInterface.bulkDelete('Books', { title: 'First' });`,
  ),
} as const;

/** The migrations' names, in their order. */
export const MIGRATION_NAMES = Object.keys(LIBRARY_MIGRATIONS).sort();

/** The seeders' names, in their order. */
export const SEEDER_NAMES = Object.keys(LIBRARY_SEEDERS).sort();

/** The files of the whole project; its config takes the database from the variable TEST_URL. */
export function libraryProject(settings: Readonly<Record<string, unknown>> = {}): ProjectFiles {
  return {
    'config/config.json': { development: { use_env_variable: 'TEST_URL', ...settings } },
    ...inFolder('migrations', LIBRARY_MIGRATIONS),
    ...inFolder('seeders', LIBRARY_SEEDERS),
  };
}

/** The same files in a folder. */
function inFolder(folder: string, files: ProjectFiles): ProjectFiles {
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]),
  );
}
