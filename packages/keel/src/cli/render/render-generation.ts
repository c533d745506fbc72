import path from 'node:path';
import pc from '../terminal/colours';
import type { GenerateResult } from '../../generate/generate-from-models';
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
    pc.dim('Read it, then apply it with: keel db:migrate'),
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
