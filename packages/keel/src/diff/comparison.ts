import { byName, type Lookup } from './lookup';
import type { Operation } from './operation';
import type { ModelFacts } from '../schema/model-facts';
import { keyOf } from '../schema/object-names';
import type { Index, QualifiedName, Schema, Table } from '../schema/schema';

/**
 * How two schemas are held against each other.
 * - `models`: `after` was built from models. What models cannot declare is left alone, names count only
 *   where models give them, and two forms of the same thing are equal.
 * - `exact`: every text and every name counts.
 */
export type ComparisonMode = 'models' | 'exact';

export interface CompareOptions {
  readonly mode: ComparisonMode;
  readonly facts: ModelFacts;
  /** What may go although no model says so: keys of tables (`public.users`), columns and indexes (`public.users.name`). */
  readonly drop?: ReadonlySet<string>;
  /** Tables whose parts get the names that the models would give them, by key: those that were renamed. */
  readonly rename?: ReadonlySet<string>;
}

/** Something that differs and that no operation changes, unless the user asks for it. */
export interface Notice {
  readonly kind:
    | 'table without model'
    | 'index without model'
    | 'invalid index'
    | 'view for model'
    | 'constraint not validated';
  readonly table: QualifiedName;
  /** The index or constraint. */
  readonly name?: string;
}

export interface Comparison {
  /** What makes `before` equal to `after`, in an order that works. */
  readonly operations: readonly Operation[];
  readonly notices: readonly Notice[];
}

/** Both sides and what was found so far: what the parts of a comparison pass on to each other. */
export interface ComparisonState {
  readonly options: CompareOptions;
  readonly before: Lookup;
  readonly after: Lookup;
  readonly operations: Operation[];
  readonly notices: Notice[];
  /** Columns of `before` that go away or become another type, by key, with the new type's base where it has one. */
  readonly lostColumns: Set<string>;
  readonly retypedColumns: Map<string, { readonly from: string; readonly to: string }>;
  /** Keys (`table.constraint`) of constraints of `before` that are dropped. */
  readonly droppedConstraints: Set<string>;
  /** Enums of `before` that a column has left, by key. */
  readonly leftEnums: Set<string>;
}

export function newState(before: Schema, after: Schema, options: CompareOptions): ComparisonState {
  return {
    options,
    before: byName(before),
    after: byName(after),
    operations: [],
    notices: [],
    lostColumns: new Set(),
    retypedColumns: new Map(),
    droppedConstraints: new Set(),
    leftEnums: new Set(),
  };
}

export function isExact(state: ComparisonState): boolean {
  return state.options.mode === 'exact';
}

/** Whether the user named this table, or this part of it, as something to drop. */
export function mayDrop(state: ComparisonState, table: QualifiedName, part?: string): boolean {
  const key = part === undefined ? keyOf(table) : `${keyOf(table)}.${part}`;
  return isExact(state) || state.options.drop?.has(key) === true;
}

/** Whether a name by itself makes a difference for the parts of `table`. */
export function namesCount(state: ComparisonState, table: QualifiedName): boolean {
  return isExact(state) || state.options.rename?.has(keyOf(table)) === true;
}

/** Takes an index off a list of those not yet paired. */
export function takeIndex(list: Index[], test: (index: Index) => boolean): Index | undefined {
  const position = list.findIndex(test);
  return position === -1 ? undefined : list.splice(position, 1)[0];
}

export function columnOf(table: Table, name: string): Table['columns'][number] | undefined {
  return table.columns.find((column) => column.name === name);
}
