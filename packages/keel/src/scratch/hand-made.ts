import { quoteIdentifier } from '../db/quote';
import { withProjectClient } from '../project/with-project-client';
import type { Project } from '../project/project';
import type { Extension } from '../schema/schema';
import type { Surroundings } from './surroundings';

/** Schemas and extensions that were in the database before the first migration. */
export interface HandMade {
  readonly namespaces: readonly string[];
  readonly extensions: readonly Extension[];
}

/** What migrations find for certain: the schemas that unqualified names are looked for in. */
export function leastHandMade(surroundings: Surroundings | undefined): HandMade {
  return { namespaces: surroundings?.path ?? [], extensions: [] };
}

/** What migrations may find at most: everything that is there now. */
export function mostHandMade(surroundings: Surroundings | undefined): HandMade {
  return {
    namespaces: surroundings?.namespaces ?? [],
    extensions: surroundings?.extensions ?? [],
  };
}

/** Without the schema or extension that a migration turned out to create itself; undefined where it is none of them. */
export function withoutOne(handMade: HandMade, name: string): HandMade | undefined {
  const namespaces = handMade.namespaces.filter((entry) => entry !== name);
  const extensions = handMade.extensions.filter((entry) => entry.name !== name);
  const isLess =
    namespaces.length < handMade.namespaces.length ||
    extensions.length < handMade.extensions.length;
  return isLess ? { namespaces, extensions } : undefined;
}

export async function makeByHand(scratch: Project, handMade: HandMade): Promise<void> {
  const { namespaces, extensions } = handMade;
  if (namespaces.length + extensions.length === 0) return;
  await withProjectClient(scratch, async (client) => {
    for (const name of namespaces)
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(name)}`);
    for (const { name, schema } of extensions) {
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`);
      // One that needs a library loaded at the server's start, or a superuser, may be missing here.
      await client
        .query(
          `CREATE EXTENSION IF NOT EXISTS ${quoteIdentifier(name)} SCHEMA ${quoteIdentifier(schema)} CASCADE`,
        )
        .catch(() => undefined);
    }
  });
}
