import { quoteIdentifier, quoteLiteral, quoteTable } from '../db/quote';
import type { OperationOf } from '../diff/operation';
import { call, object, text, type Code, type CodeLoop } from './code';
import type { CodegenContext } from './codegen-context';
import { query } from './create-table-code';
import { indexCommentSql } from './sql';

/**
 * An index of a partitioned table, which PostgreSQL does not build CONCURRENTLY: on the table alone, then on each of its
 * partitions, and of theirs. They are asked for when the migration runs: whoever manages partitions has others on another
 * server, and without one of them the index stays invalid. https://www.postgresql.org/docs/current/ddl-partitioning.html
 */
export function partitionIndexCode(
  context: CodegenContext,
  { table, index }: OperationOf<'createIndex'>,
): (Code | CodeLoop)[] {
  const on = quoteTable(table.schema, table.name);
  const name = quoteTable(table.schema, index.name);
  const create = `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX `;
  const isTypeScript = context.language === 'typescript';
  const rows = isTypeScript ? '<{ statement: string }>' : '';
  const type = isTypeScript ? 'QueryTypes.SELECT' : 'Sequelize.QueryTypes.SELECT';
  return [
    query(`${create}${quoteIdentifier(index.name)} ON ONLY ${on} ${index.tail}`),
    {
      kind: 'loop',
      name: 'rows',
      each: '{ statement }',
      of: call(
        `queryInterface.sequelize.query${rows}`,
        text(statementsSql({ on, name, create, index: index.name, tail: index.tail })),
        object([['type', type]]),
      ),
      body: call('queryInterface.sequelize.query', 'statement'),
    },
    ...indexCommentSql(table, index).map(query),
  ];
}

interface Parts {
  /** The table and its index, quoted. */
  readonly on: string;
  readonly name: string;
  readonly create: string;
  readonly index: string;
  readonly tail: string;
}

/**
 * A query for the statements that build the index on the partitions, those of partitions after that of what they are part
 * of. A partition that was made since has its index already, for PostgreSQL makes it with the partition.
 */
function statementsSql({ on, name, create, index, tail }: Parts): string {
  const literal = (value: string): string => quoteLiteral(value).trim();
  return `
      WITH RECURSIVE parts AS (
        SELECT ${literal(on)}::regclass::oid AS id, 0 AS depth, 'p'::text AS kind,
          '' COLLATE "C" AS parent_index, '' COLLATE "C" AS name, ${literal(name)} COLLATE "C" AS index
        UNION ALL
        SELECT c.oid, parts.depth + 1, c.relkind::text, parts.index, short.name,
          format('%I.%I', n.nspname, short.name)
        FROM parts
        JOIN pg_catalog.pg_inherits i ON i.inhparent = parts.id
        JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (SELECT c.relname || ${literal(`_${index}`)} AS name) long
        CROSS JOIN LATERAL (
          SELECT CASE WHEN octet_length(long.name) < 64 THEN long.name
            ELSE left(long.name, 10) || '_' || md5(long.name) END AS name
        ) short
        WHERE NOT EXISTS (
          SELECT FROM pg_catalog.pg_index x
          JOIN pg_catalog.pg_inherits own ON own.inhrelid = x.indexrelid
          WHERE x.indrelid = c.oid AND own.inhparent = to_regclass(parts.index)
        )
      )
      SELECT CASE turn
        WHEN 1 THEN ${literal(create)}
          || CASE WHEN kind = 'p' THEN '' ELSE 'CONCURRENTLY ' END || quote_ident(name)
          || CASE WHEN kind = 'p' THEN ' ON ONLY ' ELSE ' ON ' END || id::regclass
          || ${literal(` ${tail}`)}
        ELSE 'ALTER INDEX ' || parent_index || ' ATTACH PARTITION ' || index
        END AS statement
      FROM parts CROSS JOIN generate_series(1, 2) AS turn
      WHERE depth > 0
      ORDER BY depth, index, turn`;
}
