import type { CheckOptions } from '../check/check-schema';
import type { GenerateOptions } from '../generate/generate-options';
import type { LintOptions } from '../lint/lint-project';
import type { ProjectFlags } from '../project/project-flags';
import type { ConnectionTarget } from '../project/project';
import type { RunOptions } from '../runner/with-plan';

/** Which project to work on; everything that is left out is read as the command line reads it. */
export interface KeelOptions extends ProjectFlags {
  /** Another database or server than the config's, its other settings kept. */
  readonly connection?: ConnectionTarget;
}

/** How to run: timeouts in milliseconds, a signal to interrupt, and who is told of each step. */
export interface KeelRunOptions extends Partial<Omit<RunOptions, 'exclusive' | 'permission'>> {
  /** Undo everything in production too. */
  readonly force?: boolean;
  /** Apply migrations that block others for long, although the config says `lint: 'error'`. */
  readonly allowBlocking?: boolean;
}

/** How to compare: without the cache, and a signal to interrupt. */
export type KeelCheckOptions = Omit<CheckOptions, 'exclusive'>;

/** Which migrations to look at, and with which sizes. */
export type KeelLintOptions = Omit<LintOptions, 'exclusive'>;

/** The new migration's name, what was renamed or is to go, and in what steps. */
export type KeelGenerateOptions = Omit<GenerateOptions, 'exclusive'>;
