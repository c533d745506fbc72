import type { NamedRelation, Oid } from './traced-catalog';
import type { CatalogChange, RelationRef } from './catalog-change';
import type { LockMode } from '../../runner/watch/lock-mode';
import type { TracedLock } from './trace';
import { splitName } from '../split-name';

/**
 * What a statement that PostgreSQL allows in no transaction locks and reads. It commits by itself, so that its locks are
 * gone when it is over; they are known from what it is.
 *
 * @see https://www.postgresql.org/docs/current/explicit-locking.html
 */
export function locksOutside(
  sql: string,
  changes: readonly CatalogChange[],
  catalog: ReadonlyMap<Oid, NamedRelation>,
): { readonly locks: readonly TracedLock[]; readonly scans: readonly RelationRef[] } {
  const tables = changes.flatMap((change) => ('table' in change ? [change.table] : []));
  const named = [...catalog.values()].filter(
    ({ kind, name }) => (kind === 'table' || kind === 'partitioned') && names(sql, name),
  );
  const touched = new Map(
    [...named.map(({ oid, name }) => ({ oid, name })), ...tables].map((ref) => [ref.oid, ref]),
  );
  const full = /\bvacuum\b[^;]*\bfull\b|^\s*cluster\b/i.test(sql);
  const mode: LockMode = full ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE';
  const reads = /\b(create|reindex|vacuum|cluster|validate)\b/i.test(sql);
  const relations = [...touched.values()];
  return {
    locks: relations.map((relation) => ({ relation, mode, written: true })),
    scans: reads ? relations : [],
  };
}

/** Whether a text names the table `schema.table`, quoted or not. */
function names(sql: string, qualified: string): boolean {
  const { table } = splitName(qualified);
  const escaped = table.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(^|[^\\w])"?${escaped}"?([^\\w]|$)`).test(sql);
}
