import type { RuleId } from './rules/rule-ids';
import type { SourcePlace } from './trace/trace';

export const SEVERITIES = ['notice', 'warning', 'error'] as const;

/** `error`: it stops readers or writers for long, breaks running code, or fails. `warning`: it may. `notice`: know it. */
export type Severity = (typeof SEVERITIES)[number];

export function isSeverity(text: string): text is Severity {
  return SEVERITIES.some((severity) => severity === text);
}

/** What waits while a file runs, and for how long. */
export interface Blocking {
  /** With its schema. */
  readonly table: string;
  readonly reads: boolean;
  readonly writes: boolean;
  /** An estimate in milliseconds; null where the size of a table that is worked on is not known. */
  readonly ms: number | null;
  /** Of the table that is worked on most; null where it is not known. */
  readonly rows: number | null;
}

/** One thing that a rule says of a file. */
export interface Finding {
  readonly rule: RuleId;
  readonly severity: Severity;
  /** The migration's name. */
  readonly file: string;
  /** Relative to the project's folder. */
  readonly path: string;
  readonly source: SourcePlace | undefined;
  /** What it is, in one or two sentences. */
  readonly message: string;
  /** Why the rule is there. */
  readonly why: string;
  readonly table: string | undefined;
  /** The statement, shortened. */
  readonly statement: string | undefined;
  readonly blocking: Blocking | undefined;
  /** The safe form, as code. */
  readonly safeForm: string | undefined;
  /** Why the file may do it all the same, as it says itself (`safe`). */
  readonly safe: string | undefined;
}
