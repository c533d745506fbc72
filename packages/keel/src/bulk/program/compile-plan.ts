import { KeelError } from '../../errors';
import { formatValues } from '../generators/format-values';
import { keyOf, type Key } from '../generators/random-draws';
import { relationOf, type Relation } from '../generators/relation-of';
import { customValues } from './custom-values';
import { serialNumbers } from './serial-numbers';
import { columnProgram, type Column, type ColumnProgram } from './column-program';
import { leaderOf, ordinalsOf } from '../plan/combination-sizes';
import { memberIndex } from './member-index';
import { chainRelation, isAbsent, treeRelation } from '../generators/self-relation';
import type { PgType } from '../generators/pg-type';
import type {
  BulkPlan,
  ColumnPlan,
  Combination,
  RelationPlan,
  Segment,
  TablePlan,
} from '../plan/bulk-plan';
import { valuesOf, type CustomGenerator } from '../generators/values-of';

/** A table ready to be written: any row of it can be made at any time. */
export interface TableProgram {
  readonly plan: TablePlan;
  /** The columns of the first pass, in which late relations are NULL. */
  readonly columns: readonly ColumnProgram[];
  /** The columns that the second pass fills. */
  readonly late: readonly ColumnProgram[];
  readonly key: readonly ColumnProgram[];
}

/** The keys of rows that were there already, in the order of their index. */
export type ExistingKeys = Readonly<Record<string, (index: number) => string>>;

/** What a plan needs besides itself to make rows. */
export interface ProgramInputs {
  readonly plan: BulkPlan;
  /** How each table grew, by its id. */
  readonly segments: ReadonlyMap<string, readonly Segment[]>;
  /** Functions of the plan file, by `table id.column`. */
  readonly customs: ReadonlyMap<string, CustomGenerator>;
  readonly existing: ReadonlyMap<string, ExistingKeys>;
}

/** Turns a plan into functions from a row's number to its values. Pure: no row depends on another call. */
export function compilePlan(inputs: ProgramInputs): (table: string) => TableProgram {
  const compiler = new Compiler(inputs);
  return (id) => compiler.table(id);
}

class Compiler {
  private readonly plans: ReadonlyMap<string, TablePlan>;
  private readonly relations = new Map<string, Relation>();

  constructor(private readonly inputs: ProgramInputs) {
    this.plans = new Map(inputs.plan.tables.map((table) => [table.id, table]));
  }

  table(id: string): TableProgram {
    const plan = this.planOf(id);
    const late = plan.relations.filter((relation) => relation.late);
    const relationColumns = (relation: RelationPlan): ColumnProgram[] =>
      relation.columns.map((name, at) => this.program(plan, name, relation.types[at]!));
    return {
      plan,
      columns: [
        ...plan.columns.map((column) => this.program(plan, column.name, column.type)),
        ...plan.relations.filter((relation) => !relation.late).flatMap(relationColumns),
      ],
      late: late.flatMap(relationColumns),
      key: plan.key.map((name) => this.program(plan, name, this.typeOf(plan, name))),
    };
  }

  private planOf(id: string): TablePlan {
    const plan = this.plans.get(id);
    if (!plan)
      throw new KeelError(`The table ${id} is not part of the plan.`, {
        code: 'SEED_TABLE_UNKNOWN',
      });
    return plan;
  }

  private keyFor(plan: TablePlan, ...names: readonly string[]): Key {
    const { generatorVersion, seed } = this.inputs.plan;
    return keyOf(generatorVersion, seed, plan.id, ...names);
  }

  private typeOf(plan: TablePlan, name: string): PgType {
    const column = plan.columns.find((each) => each.name === name);
    if (column) return column.type;
    const relation = plan.relations.find((each) => each.columns.includes(name));
    const type = relation?.types[relation.columns.indexOf(name)];
    if (type) return type;
    throw new KeelError(`The column ${plan.id}.${name} is not filled by the plan.`, {
      code: 'SEED_COLUMN_UNKNOWN',
    });
  }

  private program(plan: TablePlan, name: string, type: PgType): ColumnProgram {
    return columnProgram(name, type, this.column(plan, name));
  }

  /** The values of a column. A relation's values are those of the parent's column, which may be a relation too. */
  private column(plan: TablePlan, name: string): Column {
    const fixed = plan.fixed.some((row) => name in row) ? plan.fixed.map((row) => row[name]) : [];
    const existing = this.inputs.existing.get(plan.id)?.[name];
    if (existing)
      return {
        isNull: undefined,
        values: { kind: 'string', at: existing },
        row: undefined,
        fixed: [],
      };
    const column = plan.columns.find((each) => each.name === name);
    if (column) return { ...this.ownColumn(plan, column), fixed };
    const relation = plan.relations.find((each) => each.columns.includes(name));
    if (!relation) this.typeOf(plan, name);
    return { ...this.relationColumn(plan, relation!, name), fixed };
  }

  private ownColumn(plan: TablePlan, column: ColumnPlan): Omit<Column, 'fixed'> {
    const key = this.keyFor(plan, column.name);
    const paired = plan.combinations.find((each) =>
      each.members.slice(each.leads ? 1 : 0).includes(column.name),
    );
    const unique = column.unique || paired !== undefined;
    const values = valuesOf(column.generator, {
      unique,
      key,
      serial: serialNumbers(this.inputs.segments.get(plan.id) ?? [], column),
      other: (name) => this.column(plan, name).values,
      custom: customValues(this.inputs.customs, plan, column, key),
    });
    const rate = column.nullRate;
    return {
      values,
      isNull: rate > 0 ? (i) => isAbsent(key, i, rate) : undefined,
      row: paired ? this.member(plan, paired, column.name) : undefined,
    };
  }

  private relationColumn(
    plan: TablePlan,
    relation: RelationPlan,
    name: string,
  ): Omit<Column, 'fixed'> {
    const parentPlan = this.planOf(relation.parent);
    const parentColumn = relation.parentColumns[relation.columns.indexOf(name)]!;
    const parent = this.column(parentPlan, parentColumn);
    const index = this.parentIndex(plan, relation);
    const key = this.keyFor(plan, relation.columns[0]!, 'null');
    const rate = relation.nullRate;
    const isNull = (i: number): boolean => {
      if (isAbsent(key, i, rate)) return true;
      const at = index(i);
      return at < 0 || parent.fixed[at] === null || (parent.isNull?.(at) ?? false);
    };
    const { row } = parent;
    if (parent.fixed.length === 0)
      return { values: parent.values, isNull, row: row ? (i) => row(index(i)) : index };
    // Fixed values of the parent are text: the whole column is then made of text.
    const text = formatValues(parent.values, this.typeOf(parentPlan, parentColumn));
    const at = (i: number): string | null => parent.fixed[i] ?? text(row ? row(i) : i);
    return { values: { kind: 'string', at }, isNull, row: index };
  }

  private parentIndex(plan: TablePlan, relation: RelationPlan): (i: number) => number {
    if (relation.mode !== 'paired') {
      const drawn = this.relation(plan, relation);
      const rootIsItself = relation.notNull;
      return (i) => {
        const at = drawn.parent(i);
        return at < 0 && rootIsItself ? i : at;
      };
    }
    const name = relation.columns[0]!;
    const combination = plan.combinations.find((each) => each.members.includes(name))!;
    return this.member(plan, combination, name);
  }

  private relation(plan: TablePlan, relation: RelationPlan): Relation {
    const name = `${plan.id}.${relation.columns[0]!}`;
    const known = this.relations.get(name);
    if (known) return known;
    const key = this.keyFor(plan, relation.columns[0]!);
    const made =
      relation.mode === 'tree'
        ? treeRelation(key)
        : relation.mode === 'chain'
          ? chainRelation(relation.notNull)
          : this.drawn(plan, relation, key);
    this.relations.set(name, made);
    return made;
  }

  private drawn(plan: TablePlan, relation: RelationPlan, key: Key): Relation {
    const lead = plan.combinations.find(
      (each) => each.leads && each.members[0] === relation.columns[0],
    );
    const growth = (this.inputs.segments.get(plan.id) ?? []).map((segment) => ({
      from: segment.from,
      to: segment.to,
      parents: segment.parents[relation.parent] ?? 0,
      ordinals: lead ? ordinalsOf(plan, lead, segment.parents) : Infinity,
    }));
    return relationOf(key, relation.shape, growth);
  }

  /** The number of the value that a member of a combination has in row `i`. */
  private member(plan: TablePlan, combination: Combination, name: string): (i: number) => number {
    const leader = leaderOf(plan, combination);
    return memberIndex({
      plan,
      combination,
      name,
      segments: this.inputs.segments.get(plan.id) ?? [],
      key: this.keyFor(plan, 'combination', ...combination.members),
      lead: leader && this.relation(plan, leader),
    });
  }
}
