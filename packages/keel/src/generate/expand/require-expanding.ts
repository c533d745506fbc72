import { KeelError, NOTHING_WRITTEN } from '../../errors';
import { nearestManifest } from '../../project/is-es-module';
import type { Project } from '../../project/project';
import { readFileStyle } from '../../scaffold/file-style';
import type { GenerateOptions } from '../generate-options';

/**
 * @throws KeelError CONTRADICTING_FLAGS, EXPAND_REFUSED where the project cannot have steps
 */
export function requireExpanding(
  { paths }: Project,
  { expand = [], steps }: Pick<GenerateOptions, 'expand' | 'steps'>,
): void {
  if (expand.length === 0) return;
  if (steps === 'simple')
    throw new KeelError('--expand and --simple exclude each other', {
      code: 'CONTRADICTING_FLAGS',
      state: NOTHING_WRITTEN,
      hint: '--expand writes one file for each step.',
    });
  if (hasSteps(paths)) return;
  throw new KeelError(
    '--expand writes migrations that import sequelize-keel, which the project does not have',
    {
      code: 'EXPAND_REFUSED',
      state: NOTHING_WRITTEN,
      hint: 'Install it in the project: npm install sequelize-keel',
    },
  );
}

/** Whether migrations can import what the steps need. */
function hasSteps({ migrations, root }: Project['paths']): boolean {
  return readFileStyle(migrations, root).typesFrom === 'sequelize-keel';
}

/** Whether `--expand` could be given. */
export function mayExpand({ paths }: Project, { steps }: Pick<GenerateOptions, 'steps'>): boolean {
  return steps !== 'simple' && hasSteps(paths);
}

/** What sessions of the application call themselves before the `@`, if they follow the name of its package. */
export function applicationOf({ paths }: Project): string {
  const name = nearestManifest(paths.root)?.name ?? '';
  return name.replace(/^@[^/]*\//, '') || 'app';
}
