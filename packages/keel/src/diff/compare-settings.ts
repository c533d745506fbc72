import { displayName } from '../schema/object-names';
import type { Setting, Table } from '../schema/schema';
import { isExact, type ComparisonState } from './comparison';

/**
 * What a table is besides its parts (kind, partition key, parents), and its settings. Models declare none of it, so
 * that it counts only where there are no models.
 */
export function compareSettings(state: ComparisonState, before: Table, after: Table): void {
  if (!isExact(state)) return;
  const old = [...formOf(before), ...before.settings];
  const next = [...formOf(after), ...after.settings];
  for (const what of new Set([...old, ...next].map((one) => one.what))) {
    const [from, to] = [
      old.find((one) => one.what === what),
      next.find((one) => one.what === what),
    ];
    if (from?.value === to?.value) continue;
    state.operations.push({
      type: 'runSql',
      table: after,
      what,
      shown: { before: from?.value ?? 'the default', after: to?.value ?? 'the default' },
      up: statements(to?.set ?? from?.reset),
      down: statements(from?.set ?? to?.reset),
    });
  }
}

function statements(sql: string | undefined): string[] {
  return sql === undefined ? [] : [sql];
}

function formOf(table: Table): Setting[] {
  const { kind, unlogged, partitionKey, partitionOf, inherits, foreign, columns } = table;
  const parents = inherits.map(displayName).join(', ');
  return [
    { what: 'kind of table', value: kind === 'table' ? 'ordinary' : kind },
    { what: 'durability', value: unlogged ? 'unlogged' : 'logged' },
    { what: 'partition key', value: partitionKey ?? 'none' },
    {
      what: 'partition',
      value:
        partitionOf === undefined
          ? 'of none'
          : `of ${displayName(partitionOf)} ${partitionOf.bound}`,
    },
    { what: 'inheritance', value: parents === '' ? 'of none' : `of ${parents}` },
    {
      what: 'foreign server',
      value: foreign === undefined ? 'none' : `${foreign.server} (${foreign.options})`,
    },
    ...columns
      .filter(({ inherited }) => inherited === true)
      .map(({ name }) => ({
        what: `origin of column ${name}`,
        value: 'inherited only',
      })),
  ];
}
