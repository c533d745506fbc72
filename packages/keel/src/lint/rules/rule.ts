import type { Severity } from '../finding';
import type { FileView } from '../views/file-view';
import type { StatementView } from '../views/statement-view';
import type { RelationRef } from '../trace/catalog-change';
import type { RuleId } from './rule-ids';

/** Something that a rule has found. */
export interface Hit {
  readonly message: string;
  /** The table that it is about: what waits for it is told. */
  readonly table?: RelationRef;
  /** The statement of the file, by its place; that which is looked at where undefined. */
  readonly at?: number;
  /** The safe form as the lines of an `up`, and whether that file needs to be without a transaction. */
  readonly safeForm?: SafeForm;
  /** Where it is another one than the rule's. */
  readonly severity?: Severity;
}

/** The safe way of a change: one file, or several that are deployed one after the other. */
export type SafeForm = readonly SafeFile[];

export interface SafeFile {
  /** What it is for, where there are several. */
  readonly title?: string;
  readonly transaction: boolean;
  /** Rules that it breaks on purpose, with the reason. */
  readonly safe?: Readonly<Partial<Record<RuleId, string>>>;
  /** Statements of JavaScript. */
  readonly lines: readonly string[];
}

/** A rule: pure, from what a trace has seen to what is to be said. */
export interface Rule {
  readonly id: RuleId;
  readonly severity: Severity;
  /** One sentence. */
  readonly why: string;
  /** Looks at one statement. */
  readonly statement?: (view: StatementView) => readonly Hit[];
  /** Looks at a whole file. */
  readonly file?: (view: FileView) => readonly Hit[];
}
