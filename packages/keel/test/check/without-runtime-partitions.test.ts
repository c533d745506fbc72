import { withoutRuntimePartitions } from '../../src/check/without-runtime-partitions';
import type { Schema, Table } from '../../src/schema/schema';
import { emptyTable } from '../support/tables';

const events: Table = { ...emptyTable('events'), kind: 'partitioned', partitionKey: 'RANGE (at)' };

function partition(name: string, of = 'events'): Table {
  return { ...emptyTable(name), partitionOf: { schema: 'public', name: of, bound: 'DEFAULT' } };
}

function schema(...tables: Table[]): Schema {
  return {
    serverVersion: 180000,
    namespaces: [],
    extensions: [],
    enums: [],
    sequences: [],
    others: [],
    tables,
  };
}

function names({ tables }: Schema): string[] {
  return tables.map(({ name }) => name);
}

describe('withoutRuntimePartitions()', () => {
  it('leaves out what one side has of a table that both have, down to partitions of partitions', () => {
    const { built, live, notices } = withoutRuntimePartitions(
      schema(events, partition('both'), partition('old')),
      schema(events, partition('both'), partition('new'), partition('newer', 'new')),
    );
    expect([names(built), names(live)]).toEqual([
      ['events', 'both'],
      ['events', 'both'],
    ]);
    expect(notices.map(({ text }) => text)).toEqual([
      'one partition is only in the migrations, and not compared',
      '2 partitions are only in the database, and not compared',
    ]);
  });

  it('keeps the partitions of a table that the other side does not have, or not partitioned', () => {
    const own = schema(events, partition('one'));
    expect(names(withoutRuntimePartitions(own, schema()).built)).toEqual(['events', 'one']);
    const plain = schema(emptyTable('events'));
    expect(names(withoutRuntimePartitions(own, plain).built)).toEqual(['events', 'one']);
  });
});
