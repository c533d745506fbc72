import { truncateName } from './object-names';
import type { QualifiedName } from './schema';
import type { AnySequelize, QueryGenerator, TableReference } from './sequelize-internals';

/** What writes the SQL of an instance; version 5 has it under another name. */
export function queryGeneratorOf(sequelize: AnySequelize): QueryGenerator {
  const queryInterface = sequelize.getQueryInterface();
  return queryInterface.queryGenerator ?? (queryInterface.QueryGenerator as QueryGenerator);
}

/**
 * The name that PostgreSQL keeps where Sequelize writes `name`: without double quotes, which Sequelize takes off, in lower
 * case where `quoteIdentifiers: false` leaves it bare, and cut to what fits.
 */
export function writtenName(
  generator: Pick<QueryGenerator, 'quoteIdentifier'>,
  name: string,
): string {
  const sql = generator.quoteIdentifier(name);
  const isQuoted = sql.startsWith('"');
  return truncateName(
    isQuoted
      ? sql.slice(1, -1).replaceAll('""', '"')
      : sql.replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
  );
}

/** The table behind what `getTableName()` answers. A dot in a name without a schema is part of it. */
export function writtenTable(
  generator: Pick<QueryGenerator, 'quoteIdentifier'>,
  reference: TableReference,
  defaultSchema: string,
): QualifiedName {
  const { schema, tableName } =
    typeof reference === 'string' ? { schema: undefined, tableName: reference } : reference;
  return {
    schema: schema ? writtenName(generator, schema) : defaultSchema,
    name: writtenName(generator, tableName),
  };
}
