import type pg from 'pg';
import { KeelError, NOTHING_WRITTEN } from '../../errors';
import type { CatalogTable } from '../plan/catalog-table';
import { refusalOf } from './explain-failure';
import { reserveNumbers } from './reserve-numbers';
import { comparePlans } from '../plan/compare-plans';
import type { BulkState, StoredTable } from './bulk-state';
import type { BulkPlan, Segment, TablePlan } from '../plan/bulk-plan';

/** What registering a plan has to know. */
export interface Registration {
  readonly plan: BulkPlan;
  readonly stored: ReadonlyMap<string, StoredTable>;
  readonly catalogs: ReadonlyMap<string, CatalogTable>;
  /** Hashes of the keys of the tables whose rows are taken as they are. */
  readonly fingerprints: ReadonlyMap<string, string>;
  readonly state: BulkState;
}

/**
 * Refuses a plan that would make other rows than those that are there.
 *
 * @throws KeelError `SEED_PLAN_CHANGED` that says what changed
 */
export function assertContinues(plan: BulkPlan, stored: ReadonlyMap<string, StoredTable>): void {
  const changes = plan.tables.flatMap((table) => {
    const before = stored.get(table.id);
    if (!before) return [];
    return [
      ...(before.seed === plan.seed
        ? []
        : [`${table.model}: the seed was ${before.seed}, now ${plan.seed}`]),
      ...(before.generatorVersion === plan.generatorVersion
        ? []
        : [
            `${table.model}: the generator version was ${before.generatorVersion}, now ${plan.generatorVersion}`,
          ]),
      ...comparePlans(before.plan, table),
    ];
  });
  if (changes.length === 0) return;
  throw new KeelError('The plan is not the one that the rows which are there were made by.', {
    code: 'SEED_PLAN_CHANGED',
    state: NOTHING_WRITTEN,
    details: changes,
    hint: 'Go back to the earlier plan, or remove its rows first: keel db:seed:bulk:undo.',
  });
}

/**
 * Records the plan and reserves the numbers of its rows before any row is written. This is one transaction: a killed
 * run leaves all of it or nothing.
 */
export async function registerPlan(client: pg.Client, registration: Registration): Promise<void> {
  const { plan, stored, state, catalogs, fingerprints } = registration;
  const counts = Object.fromEntries(plan.tables.map((table) => [table.id, table.rows]));
  await client.query('BEGIN');
  try {
    await state.create(client);
    for (const [position, table] of plan.tables.entries()) {
      const before = stored.get(table.id);
      const made = before?.plan.rows ?? 0;
      const same =
        before &&
        made === table.rows &&
        (before.fingerprint ?? undefined) === fingerprints.get(table.id);
      if (same) continue;
      const segments = [...(before?.segments ?? [])];
      if (!table.existing && (table.rows > made || !before)) {
        const bases = await reserveNumbers(
          client,
          table,
          catalogs.get(table.id)!,
          table.rows - made,
        );
        segments.push({ from: made, to: table.rows, bases, parents: parentsOf(table, counts) });
      }
      await state.write(client, {
        plan: table,
        // Undo goes backwards through the positions, so a table of an earlier run keeps its own.
        position: before?.position ?? position + nextPosition(stored),
        seed: plan.seed,
        generatorVersion: plan.generatorVersion,
        segments,
        fingerprint: fingerprints.get(table.id) ?? null,
      });
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw refusalOf(error, NOTHING_WRITTEN);
  }
}

function nextPosition(stored: ReadonlyMap<string, StoredTable>): number {
  return Math.max(0, ...[...stored.values()].map((table) => table.position + 1));
}

function parentsOf(table: TablePlan, counts: Readonly<Record<string, number>>): Segment['parents'] {
  return Object.fromEntries(table.relations.map(({ parent }) => [parent, counts[parent] ?? 0]));
}
