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
  const old = before === undefined ? [] : rulesOf(before, after !== undefined);
  const next = after === undefined ? [] : rulesOf(after, before !== undefined);
  for (const rule of old) {
    if (next.some(({ what }) => what === rule.what)) continue;
    const { what, create, drop, value, absent } = rule;
    const shown = absent === undefined ? undefined : { before: value, after: absent };
    state.operations.push({ type: 'runSql', table, what, shown, up: [drop], down: [create] });
  }
  for (const rule of next) {
    const same = old.find(({ what }) => what === rule.what);
    if (same?.create === rule.create) continue;
    state.operations.push(
      same === undefined
        ? {
            type: 'runSql',
            table,
            what: rule.what,
            shown:
              rule.absent === undefined ? undefined : { before: rule.absent, after: rule.value },
            up: [rule.create],
            down: [rule.drop],
          }
        : {
            type: 'runSql',
            table,
            what: rule.what,
            shown: { before: same.value, after: rule.value },
            up: [same.drop, rule.create],
            down: [rule.drop, same.create],
          },
    );
  }
}

interface Rule {
  readonly what: string;
  /** What is shown where it is another on the other side. */
  readonly value: string;
  /** What is shown for the other side where it is not there; undefined for what comes and goes as an object. */
  readonly absent?: string;
  readonly create: string;
  readonly drop: string;
}

/**
 * Where the table itself comes or goes (`stays` is false), comments on constraints and indexes are made with these, and
 * its settings are rules.
 */
function rulesOf(table: Table, stays: boolean): Rule[] {
  const on = quoteTable(table.schema, table.name);
  const triggers = table.triggers.map(({ name, definition }) => ({
    what: `trigger ${name}`,
    value: definition,
    create: definition,
    drop: `DROP TRIGGER ${quoteIdentifier(name)} ON ${on}`,
  }));
  const policies = table.policies.map(({ name, definition }) => ({
    what: `policy ${name}`,
    value: definition,
    create: `CREATE POLICY ${quoteIdentifier(name)} ON ${on} ${definition}`,
    drop: `DROP POLICY ${quoteIdentifier(name)} ON ${on}`,
  }));
  return [
    ...triggers,
    ...policies,
    ...rowSecurityOf(table, on),
    ...(stays ? commentsOf(table, on) : settingsOf(table)),
  ];
}

function settingsOf({ settings }: Table): Rule[] {
  return settings.flatMap(({ what, value, set, reset }) =>
    set === undefined || reset === undefined ? [] : [{ what, value, create: set, drop: reset }],
  );
}

function rowSecurityOf(table: Table, on: string): Rule[] {
  const rules: Rule[] = [];
  if (table.rowSecurity !== 'off') {
    rules.push({
      what: 'row level security',
      value: 'on',
      absent: 'off',
      create: `ALTER TABLE ${on} ENABLE ROW LEVEL SECURITY`,
      drop: `ALTER TABLE ${on} DISABLE ROW LEVEL SECURITY`,
    });
  }
  if (table.rowSecurity === 'forced') {
    rules.push({
      what: 'forced row level security',
      value: 'on',
      absent: 'off',
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
            value: `"${comment}"`,
            absent: 'none',
            create: `COMMENT ON ${object} IS ${quoteLiteral(comment)}`,
            drop: `COMMENT ON ${object} IS NULL`,
          },
        ],
  );
}
