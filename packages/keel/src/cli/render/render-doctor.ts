import { counted } from '../../format-count';
import path from 'node:path';
import type { DoctorFinding } from '../../doctor/doctor-finding';
import type { Examination } from '../../doctor/examine-project';
import type { Repair } from '../../doctor/write-repair';
import pc from '../terminal/colours';

const MARKS = { ok: pc.green, warning: pc.yellow, fault: pc.red } as const;

const WIDTH = 'warning'.length;

/** A line for each finding, what to do below it, and the sum. */
export function renderExamination({ findings, warnings, faults }: Examination): string[] {
  const topics = Math.max(...findings.map(({ topic }) => topic.length));
  return [
    ...findings.flatMap((finding) => renderFinding(finding, topics)),
    '',
    faults + warnings === 0
      ? 'All is well.'
      : `${counted(faults, 'fault')}, ${counted(warnings, 'warning')}.`,
  ];
}

function renderFinding(
  { topic, status, text, details, next }: DoctorFinding,
  topics: number,
): string[] {
  const margin = ' '.repeat(WIDTH + topics + 3);
  const lines = text.split('\n');
  return [
    `${MARKS[status](status.padEnd(WIDTH))} ${topic.padEnd(topics)}  ${lines[0] ?? ''}`,
    ...[...lines.slice(1), ...(details ?? [])].map((line) => `${margin}${line.trim()}`),
    ...(next === undefined ? [] : next.split('\n').map((line) => pc.cyan(`${margin}${line}`))),
  ];
}

/** What `--fix` has written, and what not. */
export function renderRepair({ files, left }: Repair, root = '.'): string[] {
  const remaining = left.map(
    (what) => `Not cleared, as the migrations build it and need it: ${what}`,
  );
  if (left.length > 0)
    remaining.push(
      'Bring models and migrations together: keel migration:generate --from-models --name <name>',
    );
  if (files.length === 0) return left.length > 0 ? remaining : ['There is nothing to clear.'];
  return [
    ...remaining,
    ...files.map(({ path: file }) => `New migration was created at ${path.relative(root, file)}`),
    'Run up and down on a scratch database with the schema of this one.',
    pc.dim('Read it, then apply it with: keel db:migrate'),
  ];
}
