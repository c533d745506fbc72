import type { ClientBase } from 'pg';
import { quoteLiteral, quoteTable } from '../db/quote';
import type { Schema } from './schema';

/** In the order in which they are made: the later may be made of the earlier. */
const typeKinds = ['collation', 'base type', 'domain', 'composite type', 'range type'];

/**
 * What a build from models takes from its surroundings, without the tables that models refer to and none declares:
 * given this alone, it fails where there are such.
 */
export function neededOf({
  namespaces,
  extensions,
  enums,
  sequences,
  others,
  serverVersion,
}: Schema): Schema {
  const used = others.filter(({ kind }) => kind === 'function' || typeKinds.includes(kind));
  return { serverVersion, namespaces, extensions, enums, sequences, tables: [], others: used };
}

/**
 * Makes what models use and cannot declare. Each may depend on something that is not built here (a table's row type,
 * say): then it is left out.
 */
export async function buildSurroundings(
  client: ClientBase,
  surroundings: Schema,
  inTransaction: boolean,
): Promise<void> {
  const statements = [
    ...surroundings.enums.map(
      (type) =>
        `CREATE TYPE ${quoteTable(type.schema, type.name)} AS ENUM (${type.values.map(quoteLiteral).join(', ')})`,
    ),
    ...typeKinds.flatMap((kind) => createOf(surroundings, kind)),
    ...surroundings.sequences.map(
      (sequence) =>
        `CREATE SEQUENCE ${quoteTable(sequence.schema, sequence.name)} ${sequence.definition}`,
    ),
    ...createOf(surroundings, 'function'),
  ];
  if (statements.length === 0) return;
  await client.query('SET check_function_bodies = off');
  for (const sql of statements) {
    if (inTransaction) await client.query('SAVEPOINT surroundings');
    try {
      await client.query(sql);
    } catch {
      if (inTransaction) await client.query('ROLLBACK TO SAVEPOINT surroundings');
    }
  }
}

function createOf({ others }: Schema, kind: string): string[] {
  return others.filter((object) => object.kind === kind).flatMap(({ create }) => create);
}
