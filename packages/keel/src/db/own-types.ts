import type pg from 'pg';

type Parser = (text: string) => unknown;

/**
 * The types that keel reads, by their numbers in pg_type. `pg.types.setTypeParser()` and `pg.defaults` hold for the whole
 * process, and projects change there how they want bigints, decimals, times and JSON. Times keel reads as text.
 */
const PARSERS: Readonly<Record<number, Parser>> = {
  16: (text) => text === 't',
  20: (text) => text,
  21: Number,
  23: Number,
  26: Number,
  114: (text): unknown => JSON.parse(text),
  700: Number,
  701: Number,
  1700: (text) => text,
  3802: (text): unknown => JSON.parse(text),
};

/** How a connection of keel's own reads values: arrays and the rest as `pg` does. */
export function ownTypes({ types }: Pick<typeof pg, 'types'>): pg.CustomTypesConfig {
  const rest = types.getTypeParser as (type: number, format?: string) => Parser;
  return {
    getTypeParser: (type: number, format = 'text') =>
      (format === 'text' ? PARSERS[type] : undefined) ?? rest(type, format),
  };
}

const PLAIN: pg.CustomTypesConfig = {
  getTypeParser: (type: number) => PARSERS[type] ?? ((text: string) => text),
};

/** Asks on a connection of the project's, whose values are read as the project wants them. Arrays stay text. */
export function askPlainly<Row extends pg.QueryResultRow>(
  client: Pick<pg.Client, 'query'>,
  text: string,
  values: unknown[] = [],
): Promise<pg.QueryResult<Row>> {
  return client.query<Row>({ text, values, types: PLAIN });
}
