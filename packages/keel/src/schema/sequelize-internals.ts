/**
 * The parts of Sequelize that `sync()` is made of and whose types it does not publish. They are the same
 * in versions 5 and 6: lib/model.js, lib/dialects/abstract/query-generator.js.
 */
import type { IndexesOptions, ModelAttributeColumnOptions } from 'sequelize';

export type TableReference = string | { readonly tableName: string; readonly schema?: string };

export interface AnyModel {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>> & { readonly uniqueKeys?: unknown };
  readonly uniqueKeys: unknown;
  /** Without virtual attributes. */
  readonly tableAttributes: Readonly<Record<string, ModelAttributeColumnOptions>>;
  readonly _indexes?: readonly IndexesOptions[];
  readonly _timestampAttributes?: Readonly<Record<string, string>>;
  readonly associations?: Readonly<Record<string, AnyAssociation>>;
  readonly sequelize?: AnySequelize;
  getTableName(): TableReference;
}

export interface AnyAssociation {
  /** `BelongsTo`, `HasMany`, `HasOne` or `BelongsToMany`. */
  readonly associationType: string;
  /** The attribute's name. */
  readonly foreignKey: string;
  readonly source: AnyModel;
  readonly target: AnyModel;
  readonly options: {
    readonly onDelete?: string;
    readonly onUpdate?: string;
    readonly constraints?: boolean;
  };
}

export interface QueryGenerator {
  quoteTable(table: TableReference): string;
  quoteIdentifier(name: string): string;
  attributeToSQL(attribute: object, options: object): string;
  attributesToSQL(attributes: object, options: object): Record<string, string>;
  createTableQuery(table: TableReference, columns: Record<string, string>, options: object): string;
  addIndexQuery(table: TableReference, options: object, rawTable: TableReference): string;
  pgEnum(table: TableReference, column: string, type: object, options: object): string;
}

export interface AnySequelize {
  readonly modelManager: { readonly models: readonly AnyModel[] };
  getQueryInterface(): {
    readonly queryGenerator?: QueryGenerator;
    readonly QueryGenerator?: unknown;
  };
  normalizeAttribute(attribute: ModelAttributeColumnOptions): ModelAttributeColumnOptions;
}
