import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isKeelError, KeelError, messageOf, NOTHING_WRITTEN } from '../../errors';
import { defaultExport, loadModule } from '../../project/load-module';
import type { PlanFile } from '../plan/define-plan';

/** A plan file that was read. */
export interface LoadedPlan {
  readonly file: string;
  readonly plan: PlanFile;
}

const PLAN_FILE = /\.(?:[cm]?js|ts|cts|mts|json)$/;

/**
 * The plan file to use: the one that is named, or else the only one in the folder `bulk` under the seeders.
 *
 * @throws KeelError `SEED_PLAN_NOT_FOUND`, `SEED_PLAN_AMBIGUOUS`
 */
export function findPlanFile(
  root: string,
  seeders: string,
  named: string | undefined,
): string | undefined {
  if (named !== undefined) {
    const file = path.resolve(root, named);
    if (existsSync(file)) return file;
    throw new KeelError(`The plan file ${file} does not exist.`, {
      code: 'SEED_PLAN_NOT_FOUND',
      state: NOTHING_WRITTEN,
    });
  }
  const folder = path.join(seeders, 'bulk');
  if (!existsSync(folder)) return undefined;
  const files = readdirSync(folder).filter(
    (name) => PLAN_FILE.test(name) && !name.endsWith('.d.ts'),
  );
  if (files.length > 1) {
    throw new KeelError(`There are ${files.length} plan files in ${folder}: ${files.join(', ')}.`, {
      code: 'SEED_PLAN_AMBIGUOUS',
      state: NOTHING_WRITTEN,
      hint: 'Name one with --plan.',
    });
  }
  return files[0] === undefined ? undefined : path.join(folder, files[0]);
}

/**
 * Loads a plan file.
 *
 * @throws KeelError `SEED_PLAN_UNREADABLE` where it does not compile, throws, or exports something else
 */
export async function loadPlanFile(file: string, root: string): Promise<LoadedPlan> {
  let exported: unknown;
  try {
    exported = defaultExport(await loadModule(file));
  } catch (error) {
    if (isKeelError(error)) throw error;
    throw new KeelError(
      `The plan file ${path.relative(root, file)} cannot be loaded: ${messageOf(error)}`,
      {
        code: 'SEED_PLAN_UNREADABLE',
        state: NOTHING_WRITTEN,
        details: placeOf(error, file),
        cause: error,
      },
    );
  }
  const plan = exported as PlanFile;
  const unknown =
    typeof exported === 'object' && exported !== null
      ? Object.keys(exported).filter((key) => !['seed', 'models', 'junctions'].includes(key))
      : undefined;
  if (unknown?.length === 0) return { file, plan };
  throw new KeelError(
    unknown === undefined
      ? `The plan file ${path.relative(root, file)} does not export a plan.`
      : `The plan file ${path.relative(root, file)} has ${unknown.join(', ')}, which a plan does not have.`,
    {
      code: 'SEED_PLAN_UNREADABLE',
      state: NOTHING_WRITTEN,
      hint: 'Let it say: export default definePlan({ seed, models: { … }, junctions: { … } });',
    },
  );
}

/** The place in the plan file that an error came from. */
function placeOf(error: unknown, file: string): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const line = stack.split('\n').find((each) => each.includes(file));
  return line === undefined ? [] : [line.trim()];
}

/**
 * The same error, its problems led by the line of the plan file that they are about: problems begin with the
 * path of a setting, such as `Post.columns.titel` or `Post.userId`.
 */
export function withPlaces(error: unknown, { file }: LoadedPlan, root: string): unknown {
  if (!isKeelError(error) || !error.code.startsWith('SEED_')) return error;
  const source = readFileSync(file, 'utf8');
  const place = (problem: string): string => {
    const line = findLine(source, problem);
    return line === undefined ? problem : `${path.relative(root, file)}:${line}: ${problem}`;
  };
  const { code, state, hint, details, cause } = error;
  return new KeelError(details.length === 0 ? place(error.message) : error.message, {
    code,
    details: details.map(place),
    cause,
    state,
    hint,
  });
}

/** The line of the setting that a problem begins with: its names are looked for one after the other. */
function findLine(source: string, problem: string): number | undefined {
  const names = /^[\w.]+/.exec(problem)?.[0].split('.').filter(Boolean) ?? [];
  let at = 0;
  let found: number | undefined;
  for (const name of names) {
    const match = new RegExp(`(^|[\\s{,'"])${name}['"]?\\s*:`, 'm').exec(source.slice(at));
    if (!match) break;
    at += match.index + match[0].length;
    found = at;
  }
  return found === undefined ? undefined : source.slice(0, found).split('\n').length;
}
