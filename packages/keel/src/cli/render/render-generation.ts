import path from 'node:path';
import pc from '../terminal/colours';
import type { GenerateResult } from '../../generate/generate-options';
import type { Baseline } from '../../generate/generate-from-database';
import { byTable, noticeLines } from './render-check';

/** What a generated migration changes, what to mind, and where it is. */
export function renderGeneration(result: GenerateResult, root: string): string[] {
  const { files, changes, hazards, notices } = result;
  if (files.length === 0) {
    return ['Models and migrations agree: there is nothing to write.', ...noticeLines(notices)];
  }
  return [
    ...byTable(changes),
    ...hazards.map((hazard) => pc.yellow(hazard)),
    ...noticeLines(notices),
    'Run up and down on a scratch database: it builds what the models describe, and leaves nothing behind.',
    ...files.map(({ path: file }) => `New migration was created at ${path.relative(root, file)}`),
    ...laterLines(files, root),
    pc.dim('Read it, then apply it with: keel db:migrate'),
  ];
}

function laterLines(files: GenerateResult['files'], root: string): string[] {
  const later = files.filter((file) => file.later === true);
  const last = files.filter((file) => file.later !== true).at(-1);
  if (later.length === 0 || last === undefined) return [];
  return [
    'For a later release, when no session of an older one is left:',
    ...later.map(({ path: file }) => `  ${path.relative(root, file)}`),
    `Until then: keel db:migrate --to ${path.basename(last.path)}`,
  ];
}

/** Where the first migration of an existing database is. */
export function renderBaseline({ file, left }: Baseline, root: string): string[] {
  return [
    ...left.map((what) => `Not written: ${what}`),
    left.length === 0
      ? 'Run on a scratch database: it builds the schema that is there.'
      : 'Run on a scratch database: it builds all the rest of the schema that is there.',
    `New migration was created at ${path.relative(root, file.path)} and recorded as applied.`,
  ];
}
