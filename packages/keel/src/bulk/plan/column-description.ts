import type { ModelColumn } from './describe-models';
import type { PgType } from '../generators/pg-type';

/** What is known of a column when its generator is chosen. */
export interface ColumnDescription {
  readonly name: string;
  readonly type: PgType;
  readonly unique: boolean;
  readonly model: Pick<ModelColumn, 'attribute' | 'validators' | 'role'> | undefined;
  /** The column that tells when a row was made, if the table has one. */
  readonly createdAt: string | undefined;
}
