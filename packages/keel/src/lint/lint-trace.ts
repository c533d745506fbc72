import { shortStatement } from '../db/sql-text';
import type { FileLock } from '../runner/dry-run';
import type { Blocking, Finding } from './finding';
import { allRules } from './rules/all-rules';
import type { Hit, Rule } from './rules/rule';
import { RULE_IDS, type RuleId } from './rules/rule-ids';
import { renderSafeForm } from './safe-code';
import type { FileTrace } from './trace/trace';
import { fileLocks } from './views/file-locks';
import { FileView } from './views/file-view';
import type { Hold } from './views/holds';
import { RunView, type RunInput } from './views/run-view';

/** What a file keeps others from for longer than the threshold. */
export interface LongLock extends Blocking {
  /** Why the file may do it, as it says itself. */
  readonly safe: string | undefined;
}

/** What the rules say of a file. */
export interface LintedFile {
  readonly name: string;
  readonly path: string;
  readonly findings: readonly Finding[];
  /** What is held for too long, the longest first. */
  readonly locks: readonly LongLock[];
  /** Every table that it locks, with the strongest lock. */
  readonly taken: readonly FileLock[];
}

/**
 * What all rules say of the files of one run. Pure: the same trace and sizes give the same findings.
 *
 * @param reported whether a file is asked about; the others only run before it
 */
export function lintTrace(
  input: RunInput,
  reported: (name: string) => boolean = () => true,
): LintedFile[] {
  const run = new RunView(input);
  return input.files
    .filter(({ name }) => reported(name))
    .map((file) => lintFile(new FileView(run, file)));
}

function lintFile(view: FileView): LintedFile {
  const { file } = view;
  const found = allRules.flatMap((rule) => findingsOf(rule, view));
  const findings = [...withoutRepeats(found), ...unknownRules(file)].sort(
    (a, b) => (a.source?.line ?? 0) - (b.source?.line ?? 0),
  );
  const locks = view.longHolds.map((hold) => {
    const blocking = blockingOf(view, hold);
    const about = findings.find(
      ({ table, safe, severity }) =>
        table === blocking.table && safe !== undefined && severity === 'error',
    );
    const open = findings.some(
      ({ table, safe, blocking: own }) => table === blocking.table && own && safe === undefined,
    );
    return { ...blocking, safe: open ? undefined : about?.safe };
  });
  return {
    name: file.name,
    path: file.path,
    findings,
    locks: locks.sort((a, b) => (b.ms ?? Infinity) - (a.ms ?? Infinity)),
    taken: fileLocks(view),
  };
}

function findingsOf(rule: Rule, view: FileView): Finding[] {
  const ofStatements = view.statements.flatMap((statement) =>
    (rule.statement?.(statement) ?? []).map((hit) => ({ ...hit, at: hit.at ?? statement.at })),
  );
  const ofFile = rule.file?.(view) ?? [];
  return [...ofStatements, ...ofFile].map((hit) => findingOf(rule, hit, view));
}

function findingOf(rule: Rule, hit: Hit, view: FileView): Finding {
  const { file } = view;
  const statement = hit.at === undefined ? undefined : file.statements[hit.at];
  const hold = view.longHolds.find(({ table }) => table.oid === hit.table?.oid);
  return {
    rule: rule.id,
    severity: hit.severity ?? rule.severity,
    file: file.name,
    path: file.path,
    source: statement?.source,
    message: hit.message,
    why: rule.why,
    table: hit.table?.name,
    statement: statement && shortStatement(statement.sql),
    blocking: hold && blockingOf(view, hold),
    safeForm: hit.safeForm && renderSafeForm(hit.safeForm, file.name),
    safe: file.safe[rule.id],
  };
}

function blockingOf({ run }: FileView, { table, reads, writes }: Hold): Blocking {
  const worst = writes ?? reads;
  const readsLong = reads !== undefined && run.exceeds(reads);
  const known = worst !== undefined && !worst.unknown;
  return {
    table: table.name,
    reads: readsLong,
    writes: true,
    ms: known ? Math.round(worst.ms) : null,
    rows: known ? worst.rows : null,
  };
}

/** A lock needs no word of its own where a rule says already what its table, or the statement that takes it, waits for. */
function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const explaining = findings.filter(({ rule, blocking }) => rule !== 'long-lock' && blocking);
  const explained = new Set(explaining.flatMap(({ table, statement }) => [table, statement]));
  const seen = new Set<string>();
  return findings.filter(({ rule, table, statement, message }) => {
    const key = `${rule} ${table ?? ''} ${message}`;
    const isExplained = explained.has(table) || explained.has(statement);
    const isRepeated = seen.has(key) || (rule === 'long-lock' && isExplained);
    seen.add(key);
    return !isRepeated;
  });
}

function unknownRules(file: FileTrace): Finding[] {
  const rule = allRules.find(({ id }) => id === 'unknown-rule') as Rule;
  const known = new Set<string>(RULE_IDS);
  return Object.keys(file.safe)
    .filter((id) => !known.has(id))
    .map((id) => ({
      rule: rule.id,
      severity: rule.severity,
      file: file.name,
      path: file.path,
      source: undefined,
      message: `\`safe\` names "${id}", which is no rule${likeliest(id)}`,
      why: rule.why,
      table: undefined,
      statement: undefined,
      blocking: undefined,
      safeForm: undefined,
      safe: undefined,
    }));
}

function likeliest(id: string): string {
  const words = id.split(/[-_ ]/);
  const shared = (rule: RuleId): number =>
    rule.split('-').filter((word) => words.includes(word)).length;
  const [best] = [...RULE_IDS].sort((a, b) => shared(b) - shared(a));
  return best && shared(best) > 0 ? `; perhaps "${best}"` : '; keel db:lint --rules lists them';
}
