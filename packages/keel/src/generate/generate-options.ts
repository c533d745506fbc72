import type { Difference } from '../diff/describe-operation';
import type { RenameOptions } from './plan-change';
import type { NewFile } from './plan-files';

export interface GenerateOptions extends RenameOptions {
  /** Becomes part of the file's name. */
  readonly name: string;
  /**
   * - `auto`: safe steps for tables that have many rows in the live database
   * - `simple`: one plain file
   * - `safe`: as if every table had many rows
   */
  readonly steps?: 'auto' | 'simple' | 'safe';
  /** As `--expand` takes them: what is changed beside the old columns, which stay until a later release. */
  readonly expand?: readonly string[];
  readonly exclusive: boolean;
  readonly signal?: AbortSignal;
}

export interface GenerateResult {
  /** In the order in which they run; none where models and migrations agree. */
  readonly files: readonly NewFile[];
  /** What the files change. */
  readonly changes: readonly Difference[];
  /** What may go wrong or be lost, with the rows of the live database that are hit. */
  readonly hazards: readonly string[];
  readonly notices: readonly Difference[];
}
