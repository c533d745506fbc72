import { counted } from '../../format-count';
import { describeLongLock } from '../../lint/describe-long-lock';
import path from 'node:path';
import type { Finding } from '../../lint/finding';
import type { LintResult } from '../../lint/lint-project';
import { sentence } from './render-lint';

/** Where the annotations are shown. */
export interface AnnotationPlace {
  /** The project's folder. */
  readonly root: string;
  /** The repository's folder, which GitHub counts paths from. */
  readonly repository: string;
}

/**
 * The findings as GitHub's workflow commands, which it shows at the lines of a pull request, and one line for the log.
 *
 * @see https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 */
export function renderAnnotations({ files, counts }: LintResult, place: AnnotationPlace): string[] {
  const findings = files.flatMap((file) => file.findings);
  const { error, warning, notice } = counts;
  return [
    ...findings.filter(({ safe }) => safe === undefined).map((each) => annotation(each, place)),
    `keel db:lint: ${counted(files.length, 'migration')}, ${counted(error, 'error')}, ${counted(warning, 'warning')}, ${counted(notice, 'notice')}.`,
  ];
}

function annotation(finding: Finding, { root, repository }: AnnotationPlace): string {
  const { severity, rule, source, message, blocking, why, safeForm } = finding;
  const file = path.relative(repository, path.join(root, source?.file ?? finding.path));
  const properties = {
    file: file.split(path.sep).join('/'),
    line: `${source?.line ?? 1}`,
    ...(source && { col: `${source.column}` }),
    title: `keel: ${rule}`,
  };
  const text = [
    sentence(message),
    ...(blocking ? [describeLongLock(blocking)] : []),
    why,
    ...(safeForm === undefined ? [] : ['', 'Instead:', safeForm]),
    ...(severity === 'error' ? ['', `To do it all the same: safe = { '${rule}': 'why' }`] : []),
  ].join('\n');
  const list = Object.entries(properties).map(
    ([name, value]) => `${name}=${escapeProperty(value)}`,
  );
  return `::${severity} ${list.join(',')}::${escapeData(text)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
