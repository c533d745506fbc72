import { addConstraintSql, alterColumn, alterTable, sqlName } from '../../codegen/sql';
import { quoteIdentifier } from '../../db/quote';
import type { Operation } from '../../diff/operation';
import type { Step } from '../../diff/safe-steps';
import { defaultObjectName, truncateName } from '../../schema/object-names';
import type { Constraint, Index, QualifiedName } from '../../schema/schema';
import type { ColumnSide, Expansion } from './expansion';
import { keyFields } from './key-fields';

/** How columns get what they lack. */
interface Arrival {
  /** One after the other, none of them locks for longer than a moment. */
  readonly rules: readonly Operation[];
  /** Each is built by itself. */
  readonly indexes: readonly Step[];
}

/** What columns that are filled still lack. */
export function arrival(
  { table, isPartitioned, plainParts }: Expansion,
  side: ColumnSide,
): Arrival {
  const isUnique = ({ kind }: Constraint): boolean => kind === 'unique';
  const step = (name: string, operation: Operation): Step => ({
    stage: 'index',
    suffix: `-index-${name}`,
    transaction: false,
    operations: [operation],
  });
  const build = (index: Index): Operation => {
    if (!isPartitioned) return { type: 'createIndex', table, index, concurrently: true };
    return { type: 'createIndex', table, index, onPartitions: !plainParts.has(index.name) };
  };
  return {
    rules: [
      ...side.columns.filter(({ notNull }) => notNull).map(({ name }) => requireValue(table, name)),
      ...side.constraints
        .filter((constraint) => !isUnique(constraint))
        .map((constraint) => addValidated(table, constraint)),
    ],
    indexes: [
      ...side.constraints
        .filter(isUnique)
        .map((constraint) => step(constraint.name, addUnique(table, constraint))),
      ...side.indexes.map((index) => step(index.name, build(index))),
    ],
  };
}

/** PostgreSQL takes a validated CHECK for a proof that no row is null, and does not look itself. */
function requireValue(table: QualifiedName, column: string): Operation {
  const proof = quoteIdentifier(truncateName(defaultObjectName(table.name, [column], 'not_null')));
  return {
    type: 'runSql',
    table,
    what: `NOT NULL of ${column}`,
    up: [
      // Again from the start, where it was stopped half way.
      alterTable(
        table,
        `DROP CONSTRAINT IF EXISTS ${proof}, ADD CONSTRAINT ${proof} CHECK (${quoteIdentifier(column)} IS NOT NULL) NOT VALID`,
      ),
      alterTable(table, `VALIDATE CONSTRAINT ${proof}`),
      alterColumn(table, column, 'SET NOT NULL'),
      alterTable(table, `DROP CONSTRAINT ${proof}`),
    ],
    down: [alterColumn(table, column, 'DROP NOT NULL')],
  };
}

function addValidated(table: QualifiedName, constraint: Constraint): Operation {
  const name = quoteIdentifier(constraint.name);
  const [add = '', ...comment] = addConstraintSql(table, constraint, true);
  return {
    type: 'runSql',
    table,
    what: `constraint ${constraint.name}`,
    up: [
      add.replace(' ADD CONSTRAINT ', ` DROP CONSTRAINT IF EXISTS ${name}, ADD CONSTRAINT `),
      ...(constraint.validated ? [alterTable(table, `VALIDATE CONSTRAINT ${name}`)] : []),
      ...comment,
    ],
    down: [alterTable(table, `DROP CONSTRAINT ${name}`)],
  };
}

/** The constraint takes over an index that was built before it, name and all. */
function addUnique(table: QualifiedName, constraint: Constraint): Operation {
  const name = quoteIdentifier(constraint.name);
  const { fields, deferred } = keyFields(constraint);
  const [, ...comment] = addConstraintSql(table, constraint, false);
  return {
    type: 'runSql',
    table,
    what: `constraint ${constraint.name}`,
    up: [
      `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${sqlName(table)} ${fields}`,
      alterTable(table, `ADD CONSTRAINT ${name} UNIQUE USING INDEX ${name}${deferred}`),
      ...comment,
    ],
    down: [alterTable(table, `DROP CONSTRAINT ${name}`)],
  };
}
