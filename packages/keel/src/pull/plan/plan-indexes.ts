import { object, text, texts, type Code } from '../../codegen/code';
import { sqlLiteral } from '../../codegen/codegen-context';
import { fieldCode, isSayableIndex } from '../../codegen/constraint-code';
import { quoteIdentifier } from '../../db/quote';
import type { Constraint, Index, IndexField, Table } from '../../schema/schema';

/** What a model says of its table's UNIQUE constraints over several columns, and of its indexes. */
export interface PlannedKeys {
  /** The name of the constraint that a column is part of, by column. */
  readonly together: ReadonlyMap<string, string>;
  readonly indexes: readonly Code[];
}

/** An attribute can be part of one UNIQUE only. Further ones are said as unique indexes, which do the same. */
export function planKeys(table: Table): PlannedKeys {
  const together = new Map<string, string>();
  const further: Constraint[] = [];
  const alone = new Set(
    table.constraints
      .filter((constraint) => constraint.kind === 'unique' && constraint.columns.length === 1)
      .flatMap(({ columns }) => columns),
  );
  for (const constraint of table.constraints) {
    if (constraint.kind !== 'unique' || constraint.columns.length < 2) continue;
    const { name, columns } = constraint;
    if (columns.some((column) => together.has(column) || alone.has(column))) {
      further.push(constraint);
    } else for (const column of columns) together.set(column, name);
  }
  return {
    together,
    indexes: [
      ...further.map(({ name, columns }) =>
        object([
          ['name', text(name)],
          ['unique', 'true'],
          ['fields', texts(columns)],
        ]),
      ),
      ...table.indexes.filter(isSaid).map(indexCode),
    ],
  };
}

/** Whether the model says the index. */
export function isSaid(index: Index): boolean {
  return index.valid && isSayableIndex(index);
}

function indexCode(index: Index): Code {
  return object([
    ['name', text(index.name)],
    ['unique', index.unique ? 'true' : undefined],
    ['using', index.method === 'btree' ? undefined : text(index.method)],
    ['fields', { kind: 'array', items: index.fields.map(modelField) }],
    ['where', index.predicate === undefined ? undefined : sqlLiteral(index.predicate)],
  ]);
}

/** Sequelize's types have no NULLS FIRST, so that it is said as SQL. */
function modelField(field: IndexField): Code {
  if (field.isExpression || field.nulls === undefined) return fieldCode(field);
  const parts = [
    quoteIdentifier(field.text),
    field.collation === undefined ? '' : `COLLATE ${quoteIdentifier(field.collation)}`,
    field.operatorClass ?? '',
    field.order,
    `NULLS ${field.nulls}`,
  ];
  return sqlLiteral(parts.filter((part) => part !== '').join(' '));
}
