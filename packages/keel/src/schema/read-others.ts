import type { ClientBase } from 'pg';
import { compareText } from './catalog';
import { remarkQueries } from './objects/remark-queries';
import { functionQueries } from './objects/function-queries';
import { globalQueries } from './objects/global-queries';
import { operatorQueries } from './objects/operator-queries';
import { textSearchQueries } from './objects/text-search-queries';
import { typeQueries } from './objects/type-queries';
import { viewQueries } from './objects/view-queries';
import type { OtherObject, Setting } from './schema';

/** An object and where the catalog keeps it: the oid of a system table and of the row in it. */
export interface OtherRow extends OtherObject {
  readonly class: number;
  readonly oid: number;
}

/** Views, functions, domains and whatever else models cannot declare. */
export async function readOtherRows(
  client: ClientBase,
  serverVersion: number,
): Promise<OtherRow[]> {
  const queries = [
    ...viewQueries(serverVersion),
    ...functionQueries(serverVersion),
    ...typeQueries(serverVersion),
    ...operatorQueries,
    ...textSearchQueries,
    ...globalQueries(serverVersion),
    ...remarkQueries,
  ];
  const { rows } = await client.query<OtherRow>(queries.join('\nUNION ALL\n'));
  return rows.sort((a, b) => compareText(sortKey(a), sortKey(b)));
}

/** The objects of `rows`, each with its settings: the oid of a view is that of its relation. */
export function toOtherObjects(
  rows: readonly OtherRow[],
  settings: ReadonlyMap<number, readonly Setting[]>,
): OtherObject[] {
  return rows.map(({ kind, schema, name, identity, create, drop, oid }) => {
    const isView = kind === 'view' || kind === 'materialized view';
    const own = isView ? (settings.get(oid) ?? []) : [];
    return {
      kind,
      schema,
      name,
      identity,
      create: [...create, ...own.map((one) => one.set ?? `-- ${one.what}: ${one.value}`)],
      drop,
    };
  });
}

function sortKey(object: OtherObject): string {
  return `${object.schema}\0${object.kind}\0${object.identity}`;
}
