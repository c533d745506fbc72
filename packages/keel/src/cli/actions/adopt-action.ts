import { existsSync } from 'node:fs';
import type { CheckResult } from '../../check/check-schema';
import type { Baseline } from '../../generate/generate-from-database';
import type { Project } from '../../project/project';
import type { PullResult } from '../../pull/pull-models';
import type { Invocation } from '../define-command';
import { pullRequest, type PullFlags } from '../flags/pull-flags';

/** The flags of `adopt`. */
export interface AdoptFlags extends PullFlags {
  readonly name: string;
}

/** What `adopt` wrote, and whether all agrees afterwards. */
export interface Adoption {
  /** Undefined where the project had migrations before. */
  readonly baseline?: Baseline;
  readonly pull: PullResult;
  readonly check: CheckResult;
}

/** Writes the first migration where there is none, then the models, and compares all three. */
export async function takeOver(
  project: Project,
  { flags, output, signal }: Invocation<AdoptFlags>,
): Promise<Adoption> {
  const { readStatus } =
    require('../../runner/read-status') as typeof import('../../runner/read-status');
  const { generateFromDatabase } =
    require('../../generate/generate-from-database') as typeof import('../../generate/generate-from-database');
  const { pullModels } =
    require('../../pull/pull-models') as typeof import('../../pull/pull-models');
  const { checkSchema } =
    require('../../check/check-schema') as typeof import('../../check/check-schema');
  const { migrations } = existsSync(project.paths.migrations)
    ? await readStatus(project, 'migration')
    : { migrations: [] };
  const baseline =
    migrations.length > 0
      ? undefined
      : await generateFromDatabase(project, { name: flags.name, exclusive: true, signal });
  if (baseline !== undefined) output.note('The first migration is written and proved.');
  const pull = await pullModels(project, pullRequest(flags));
  const check = await checkSchema(project, { exclusive: true, signal });
  return { baseline, pull, check };
}
