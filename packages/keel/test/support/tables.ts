import type { Table } from '../../src/schema/schema';

/** A table of the schema public with nothing in it. */
export function emptyTable(name: string): Table {
  return {
    schema: 'public',
    name,
    kind: 'table',
    unlogged: false,
    inherits: [],
    rowSecurity: 'off',
    columns: [],
    constraints: [],
    indexes: [],
    triggers: [],
    policies: [],
    settings: [],
  };
}
