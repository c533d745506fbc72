import {
  schemaMatchers,
  type ExpectedColumn,
  type ExpectedForeignKey,
  type ExpectedIndex,
} from './testing/schema-matchers';

export { readSchema } from './schema/read-schema';
export type { Schema } from './schema/schema';
export { describeMigrations, type DescribeMigrationsOptions } from './testing/describe-migrations';
export {
  schemaMatchers,
  type ExpectedColumn,
  type ExpectedForeignKey,
  type ExpectedIndex,
} from './testing/schema-matchers';
export {
  createTestDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
} from './testing/test-database';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how jest's types are added to
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-object-type -- as jest declares it
    interface Matchers<R, T = {}> {
      /** Whether there is such a table: `users`, or `app.users` with its schema. */
      toHaveTable(name: string): Promise<R>;
      toHaveColumn(table: string, column: string, expected?: ExpectedColumn): Promise<R>;
      toHaveForeignKey(table: string, expected: ExpectedForeignKey): Promise<R>;
      /** Whether a constraint or an index keeps duplicates out. */
      toHaveUnique(table: string, columns: readonly string[]): Promise<R>;
      toHaveIndex(table: string, expected: ExpectedIndex): Promise<R>;
      /** Whether the models of the database's project describe just this database. */
      toMatchModels(): Promise<R>;
    }
  }
}

const { expect } = globalThis as { expect?: { extend?: (matchers: object) => void } };
expect?.extend?.(schemaMatchers);
