import type * as sequelize from 'sequelize';

/** Anything, but not `unknown`: TypeScript lets a function that is to give `void`, too, do without `return`. */
type Result = Promise<NonNullable<unknown> | null | undefined | void>;

/**
 * A migration, for `satisfies Migration` in TypeScript and `@type {import('sequelize-keel').Migration}` in JavaScript.
 *
 * @example
 * export default {
 *   async up(queryInterface) {
 *     await queryInterface.addColumn('users', 'phone', DataTypes.STRING);
 *   },
 *   async down(queryInterface) {
 *     await queryInterface.removeColumn('users', 'phone');
 *   },
 * } satisfies Migration;
 */
export interface Migration {
  /** `false` runs the file outside of a transaction, as `CREATE INDEX CONCURRENTLY` demands. */
  readonly transaction?: boolean;
  /** Rules of `keel db:lint` that it breaks on purpose, each with the reason. */
  readonly safe?: Readonly<Record<string, string>>;
  /** Changes the database. The second argument is the package of Sequelize, as sequelize-cli gives it. */
  up(queryInterface: sequelize.QueryInterface, Sequelize: typeof sequelize): Result;
  /** Takes the change back. */
  down(queryInterface: sequelize.QueryInterface, Sequelize: typeof sequelize): Result;
}

/** A seeder; the same as {@link Migration} otherwise. */
export type Seeder = Migration;
