import type { ClientBase } from 'pg';
import { trialSql } from '../codegen/trial-sql';
import { tableOf, type Operation } from '../diff/operation';
import { messageOf } from '../errors';
import type { Project } from '../project/project';
import { withProjectClient } from '../project/with-project-client';
import { displayName, keyOf } from '../schema/object-names';

/** An operation that a migration cannot make. */
export interface Gap {
  readonly what: string;
  readonly reason: string;
}

export interface TriedOperations {
  readonly kept: readonly Operation[];
  readonly gaps: readonly Gap[];
}

/**
 * Runs the operations one after the other on an empty database, each behind a savepoint, and leaves out those that fail:
 * what needs a superuser, a library that is not installed, a secret, or something that was left out before it.
 */
export async function tryOperations(
  scratch: Project,
  operations: readonly Operation[],
): Promise<TriedOperations> {
  return withProjectClient(scratch, async (client) => {
    await client.query('BEGIN');
    const kept: Operation[] = [];
    const gaps: Gap[] = [];
    const lost = new Set<string>();
    for (const operation of operations) {
      const table = tableOf(operation);
      // The parts of a table that is left out go without saying.
      if (table !== undefined && lost.has(keyOf(table))) continue;
      const reason = secretOf(operation) ?? (await failureOf(client, operation));
      if (reason === undefined) kept.push(operation);
      else {
        gaps.push({ what: nameOf(operation), reason });
        if (operation.type === 'createTable') lost.add(keyOf(operation.table));
      }
    }
    await client.query('ROLLBACK');
    return { kept, gaps };
  });
}

/** Why an object was read without its secrets: then its statement is a comment. */
function secretOf(operation: Operation): string | undefined {
  const isSecret = operation.type === 'runSql' && operation.up.some((sql) => sql.startsWith('--'));
  return isSecret ? 'its options may be secrets' : undefined;
}

async function failureOf(client: ClientBase, operation: Operation): Promise<string | undefined> {
  await client.query('SAVEPOINT trial');
  try {
    for (const sql of trialSql(operation)) await client.query(sql);
    await client.query('RELEASE SAVEPOINT trial');
    return undefined;
  } catch (error) {
    await client.query('ROLLBACK TO SAVEPOINT trial');
    return messageOf(error);
  }
}

function nameOf(operation: Operation): string {
  if (operation.type === 'createTable') return `table ${displayName(operation.table)}`;
  const what = partOf(operation);
  const table = tableOf(operation);
  return table === undefined || table.name === '' ? what : `${what} of ${displayName(table)}`;
}

function partOf(operation: Operation): string {
  if ('what' in operation) return operation.what;
  if ('constraint' in operation) return `constraint ${operation.constraint.name}`;
  if ('index' in operation) return `index ${operation.index.name}`;
  if ('enum' in operation) return `enum ${displayName(operation.enum)}`;
  if ('extension' in operation) return `extension ${operation.extension.name}`;
  return operation.type === 'createSchema' ? `schema ${operation.name}` : operation.type;
}
