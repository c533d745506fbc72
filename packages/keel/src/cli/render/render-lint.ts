import { counted } from '../../format-count';
import pc from '../terminal/colours';
import { describeLongLock } from '../../lint/describe-long-lock';
import type { Finding, Severity } from '../../lint/finding';
import type { LintedFile } from '../../lint/lint-trace';
import type { LintResult } from '../../lint/lint-project';

const MARKS: Readonly<Record<Severity, (text: string) => string>> = {
  error: pc.red,
  warning: pc.yellow,
  notice: pc.dim,
};

const SIZES: Readonly<Record<LintResult['sizes'], string>> = {
  database: 'Sizes are those of the database; times are estimates from them.',
  file: 'Sizes are those of the file; times are estimates from them.',
  unknown:
    'No sizes that count are known, so that every table is taken to be big: --stats <file>, or --env production.',
};

/** What the rules say, file by file, for people. */
export function renderLint(result: LintResult): string[] {
  const { files, counts, notices } = result;
  if (files.length === 0) return ['', 'There is no migration to look at.'];
  const spoken = files.filter(({ findings }) => findings.length > 0);
  return [
    ...spoken.flatMap(renderFile),
    '',
    ...notices.map((notice) => pc.dim(`note: ${notice}`)),
    `${counted(files.length, 'migration')}: ${summary(counts)}.`,
    ...(spoken.length === 0 ? [] : [pc.dim(SIZES[result.sizes])]),
  ];
}

function summary(counts: LintResult['counts']): string {
  const parts = (['error', 'warning', 'notice'] as const)
    .filter((severity) => counts[severity] > 0)
    .map((severity) => counted(counts[severity], severity));
  return parts.length === 0 ? 'nothing to object to' : parts.join(', ');
}

function renderFile({ name, findings }: LintedFile): string[] {
  return ['', pc.bold(name), ...findings.flatMap(renderFinding)];
}

function renderFinding(finding: Finding): string[] {
  const { severity, rule, message, statement, safe, safeForm, why } = finding;
  const head = `${MARKS[severity](severity.padEnd(8))}${rule}  ${pc.dim(placeOf(finding))}`;
  if (safe !== undefined) return [`  ${pc.dim('safe')}    ${rule}: ${safe}`];
  const lines = [
    sentence(message),
    ...waits(finding),
    ...(statement === undefined ? [] : [pc.dim(statement)]),
    pc.dim(why),
  ];
  if (severity === 'notice') return [`  ${head}`, `    ${sentence(message)}`];
  return [
    `  ${head}`,
    ...lines.flatMap((line) => line.split('\n')).map((line) => `    ${line}`),
    ...(safeForm === undefined ? [] : ['    Instead:']),
    ...(safeForm?.split('\n').map((line) => `      ${line}`) ?? []),
  ];
}

/** `file:line`, so that a terminal can open it. */
export function placeOf({ source, path }: Pick<Finding, 'source' | 'path'>): string {
  return source === undefined ? path : `${source.file}:${source.line}`;
}

function waits({ blocking }: Finding): string[] {
  return blocking === undefined ? [] : [pc.bold(describeLongLock(blocking))];
}

/** With a full stop, unless it ends in one or in code. */
export function sentence(text: string): string {
  return /[.!?)`]$/.test(text) ? text : `${text}.`;
}
