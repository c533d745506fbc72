import { quoteIdentifier, quoteLiteral, quoteTable } from '../db/quote';
import type { Table } from '../schema/schema';
import { isExact, type ComparisonState } from './comparison';

/**
 * Triggers, policies and row security, which models cannot declare: compared where there are no models,
 * and recorded with a table that is dropped, so that undoing brings them back.
 */
export function compareRules(
  state: ComparisonState,
  before: Table | undefined,
  after: Table | undefined,
): void {
  if (!isExact(state) && before !== undefined && after !== undefined) return;
  const table = after ?? before;
  if (table === undefined) return;
  const withComments = before !== undefined && after !== undefined;
  const old = before === undefined ? [] : rulesOf(before, withComments);
  const next = after === undefined ? [] : rulesOf(after, withComments);
  for (const rule of old) {
    if (!next.some(({ create }) => create === rule.create)) {
      state.operations.push({
        type: 'runSql',
        table,
        what: rule.what,
        up: [rule.drop],
        down: [rule.create],
      });
    }
  }
  for (const rule of next) {
    if (!old.some(({ create }) => create === rule.create)) {
      state.operations.push({
        type: 'runSql',
        table,
        what: rule.what,
        up: [rule.create],
        down: [rule.drop],
      });
    }
  }
}

interface Rule {
  readonly what: string;
  readonly create: string;
  readonly drop: string;
}

/** Comments on constraints and indexes are made with these, where the table itself comes or goes. */
function rulesOf(table: Table, withComments: boolean): Rule[] {
  const on = quoteTable(table.schema, table.name);
  const triggers = table.triggers.map(({ name, definition }) => ({
    what: `trigger ${name}`,
    create: definition,
    drop: `DROP TRIGGER ${quoteIdentifier(name)} ON ${on}`,
  }));
  const policies = table.policies.map(({ name, definition }) => ({
    what: `policy ${name}`,
    create: `CREATE POLICY ${quoteIdentifier(name)} ON ${on} ${definition}`,
    drop: `DROP POLICY ${quoteIdentifier(name)} ON ${on}`,
  }));
  return [
    ...triggers,
    ...policies,
    ...rowSecurityOf(table, on),
    ...(withComments ? commentsOf(table, on) : []),
  ];
}

function rowSecurityOf(table: Table, on: string): Rule[] {
  const rules: Rule[] = [];
  if (table.rowSecurity !== 'off') {
    rules.push({
      what: 'row level security',
      create: `ALTER TABLE ${on} ENABLE ROW LEVEL SECURITY`,
      drop: `ALTER TABLE ${on} DISABLE ROW LEVEL SECURITY`,
    });
  }
  if (table.rowSecurity === 'forced') {
    rules.push({
      what: 'forced row level security',
      create: `ALTER TABLE ${on} FORCE ROW LEVEL SECURITY`,
      drop: `ALTER TABLE ${on} NO FORCE ROW LEVEL SECURITY`,
    });
  }
  return rules;
}

function commentsOf(table: Table, on: string): Rule[] {
  const constraints = table.constraints.map(({ name, comment }) => ({
    object: `CONSTRAINT ${quoteIdentifier(name)} ON ${on}`,
    name,
    comment,
  }));
  const indexes = table.indexes.map(({ name, comment }) => ({
    object: `INDEX ${quoteTable(table.schema, name)}`,
    name,
    comment,
  }));
  return [...constraints, ...indexes].flatMap(({ object, name, comment }) =>
    comment === undefined
      ? []
      : [
          {
            what: `comment of ${name}`,
            create: `COMMENT ON ${object} IS ${quoteLiteral(comment)}`,
            drop: `COMMENT ON ${object} IS NULL`,
          },
        ],
  );
}
