import path from 'node:path';
import type { Project } from '../project/project';
import { makeFolder, writeStampedFile } from '../scaffold/new-files';

/** A migration that was written. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
}

export interface StepText {
  readonly suffix: string;
  readonly text: string;
  readonly extension: string;
}

/** Writes each step as a migration of its own, in their order. */
export function writeSteps(project: Project, name: string, steps: readonly StepText[]): NewFile[] {
  const folder = makeFolder('migrations', project.paths.migrations, {
    force: false,
    root: project.paths.root,
  });
  return steps.map(({ suffix, text, extension }) => ({
    path: writeStampedFile(folder.path, { name: `${name}${safe(suffix)}`, extension, text }),
    text,
  }));
}

/** The name of an index may hold what a file's name cannot. */
function safe(suffix: string): string {
  return suffix.replaceAll(/[^\w.-]+/g, '-');
}

/** Files named so that they sort in order, for a folder that only a proof sees. */
export function stepFileName(step: StepText, position: number): string {
  return `${String(position + 1).padStart(3, '0')}${safe(step.suffix)}.${path.basename(step.extension)}`;
}
