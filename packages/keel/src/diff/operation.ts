import type {
  Column,
  Constraint,
  EnumType,
  Extension,
  Index,
  QualifiedName,
  Table,
} from '../schema/schema';

/** A column whose type is an enum or an array of it, as far as replacing the enum has to know it. */
export interface EnumColumn {
  readonly table: QualifiedName;
  readonly column: string;
  readonly before: EnumUse;
  readonly after: EnumUse;
}

interface EnumUse {
  readonly isArray: boolean;
  readonly default?: string;
}

/** A column and what it is computed from; undefined where that is written into the file by hand. */
export interface Assignment {
  readonly column: string;
  readonly sql: string | undefined;
}

interface OnTable {
  readonly table: QualifiedName;
}

interface Renaming {
  readonly from: QualifiedName;
  readonly to: QualifiedName;
}

interface ColumnChange extends OnTable {
  readonly before: Column;
  readonly after: Column;
  /**
   * Whether it is written as SQL, because the whole column must not be stated: PostgreSQL refuses to set even the type that
   * a column has where a view, rule, trigger or policy uses it, and another step may change the rest of the column.
   */
  readonly asSql?: boolean;
  /** Whether rows have no value where one is required from now on: they are given one before. */
  readonly filled?: boolean;
}

interface EnumChange {
  readonly before: EnumType;
  readonly after: EnumType;
  readonly columns: readonly EnumColumn[];
  /** What has to step aside while the enum is replaced. */
  readonly dependents: readonly EnumDependent[];
}

/** The default of a column of another type, which PostgreSQL keeps as `('a'::kind)::text`, in what it names. */
export interface DependentDefault {
  readonly column: string;
  /** Undefined where another operation changes the default or drops the column. */
  readonly before?: string;
  readonly after?: string;
}

/** An index or a constraint whose definition may name values of the enum, or a default that does. */
export type EnumDependent = OnTable &
  ({ readonly index: Index } | { readonly constraint: Constraint } | DependentDefault);

/** One member of the union for each of the types `T`, so that a test of `type` narrows to it. */
type Each<T extends string, P> = T extends unknown ? { readonly type: T } & P : never;

/**
 * One change of a schema, as a value: everything that is needed to make it, to undo it, to describe it
 * and to judge it. Code, sentences and hazards are all read from the same value.
 */
export type Operation =
  | Each<'createSchema' | 'dropSchema', { readonly name: string }>
  | Each<'createExtension' | 'dropExtension', { readonly extension: Extension }>
  | Each<'createEnum' | 'dropEnum', { readonly enum: EnumType }>
  /** Also to another schema: one of the two changes at a time for a table. */
  | Each<'renameEnum' | 'renameTable' | 'renameSequence', Renaming>
  | Each<
      'renameEnumValue',
      { readonly enum: QualifiedName; readonly from: string; readonly to: string }
    >
  /**
   * `addEnumValues` rewrites nothing, but there is no such way back; `replaceEnum` puts a new type in the old one's place,
   * and moves its columns between array and scalar with it, for no default suits both types at once.
   */
  | Each<'addEnumValues' | 'replaceEnum', EnumChange>
  /** The table with its columns, primary key, UNIQUE and CHECK constraints; the rest are operations of their own. */
  | Each<'createTable' | 'dropTable', { readonly table: Table }>
  /** `filled`: on a full table, where a required column comes empty and is filled before it is required. */
  | Each<
      'addColumn' | 'dropColumn',
      OnTable & { readonly column: Column; readonly filled?: boolean }
    >
  | Each<'renameColumn', OnTable & { readonly from: string; readonly to: string }>
  /** `changeType` moves the default too where it has to be taken off for the change. */
  | Each<'changeType' | 'changeDefault' | 'changeNull' | 'changeIncrement', ColumnChange>
  | Each<
      'changeComment',
      OnTable & { readonly column?: string; readonly before?: string; readonly after?: string }
    >
  | Each<
      'addConstraint' | 'dropConstraint',
      OnTable & { readonly constraint: Constraint; readonly notValid?: boolean }
    >
  | Each<
      'validateConstraint' | 'invalidateConstraint',
      OnTable & { readonly constraint: Constraint }
    >
  | Each<
      'renameConstraint' | 'renameIndex',
      OnTable & { readonly from: string; readonly to: string }
    >
  | Each<
      'createIndex' | 'dropIndex',
      OnTable & {
        readonly index: Index;
        readonly concurrently?: boolean;
        /** Built on each partition by itself, and then attached: that of a partitioned table. */
        readonly onPartitions?: boolean;
      }
    >
  /** Gives columns of the rows that are there their values; `unfill` leaves them, and does so when it is undone. */
  | Each<
      'backfill' | 'unfill',
      OnTable & {
        readonly values: readonly Assignment[];
        /** Only the rows that have no value at all; else those with another one too. */
        readonly where?: 'empty';
      }
    >
  /** A trigger that computes old columns from new ones and the other way round. */
  | Each<
      'syncColumns' | 'unsyncColumns',
      OnTable & { readonly forward: readonly Assignment[]; readonly back: readonly Assignment[] }
    >
  /** Waits for the end of releases that use what is taken away next. */
  | Each<'requireRelease', OnTable & { readonly application: string }>
  /** What has no operation of its own: triggers, policies, storage options. */
  | Each<
      'runSql',
      OnTable & {
        readonly what: string;
        /** What it is on both sides, where it is on both. */
        readonly shown?: { readonly before: string; readonly after: string };
        readonly up: readonly string[];
        readonly down: readonly string[];
      }
    >;

export type OperationType = Operation['type'];

/** The operation of one type. */
export type OperationOf<T extends OperationType> = Extract<Operation, { readonly type: T }>;

/** What is done between two deploys, besides changes of the schema. */
export type OnlineOperation = OperationOf<
  'backfill' | 'unfill' | 'syncColumns' | 'unsyncColumns' | 'requireRelease'
>;

export function isOnline(operation: Operation): operation is OnlineOperation {
  const { type } = operation;
  return /^(backfill|unfill|syncColumns|unsyncColumns|requireRelease)$/.test(type);
}

/** The table that an operation changes; undefined for those of types, schemas and extensions. */
export function tableOf(operation: Operation): QualifiedName | undefined {
  if ('table' in operation) return operation.table;
  return operation.type === 'renameTable' ? operation.from : undefined;
}
