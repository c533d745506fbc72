import type { DeployPlan } from './deploy-plan';

/** As much of a plan as has to be so when it is carried out. */
export interface PlannedFacts extends Pick<DeployPlan, 'database' | 'server' | 'applied'> {
  readonly files: readonly Pick<DeployPlan['files'][number], 'name' | 'sha256'>[];
}

/** What is not as the plan has it, in sentences; nothing where it can be carried out. */
export function compareDeployPlan(plan: PlannedFacts, now: PlannedFacts): string[] {
  if (plan.database !== now.database)
    return [`It is for the database "${plan.database}", and this is "${now.database}".`];
  if (plan.server !== null && now.server !== null && plan.server !== now.server)
    return [`It is for a database "${plan.database}" on another server.`];
  const planned = new Map(plan.files.map(({ name, sha256 }) => [name, sha256]));
  const pending = new Map(now.files.map(({ name, sha256 }) => [name, sha256]));
  const gone = [...planned.keys()].filter((name) => !pending.has(name));
  const added = [...pending.keys()].filter((name) => !planned.has(name));
  const changed = [...pending].filter(([name, sha256]) => {
    const known = planned.get(name);
    return known !== undefined && known !== sha256;
  });
  const differences = [
    ...gone.map((name) => `${name} is in it, and is not pending: it is applied or gone.`),
    ...added.map((name) => `${name} is pending, and not in it.`),
    ...changed.map(([name]) => `${name} has another text now.`),
  ];
  const sameOrder = [...planned.keys()].join('\n') === [...pending.keys()].join('\n');
  if (differences.length === 0 && !sameOrder) differences.push('The files have another order now.');
  if (plan.applied.sha256 !== now.applied.sha256) differences.push(movedLedger(plan, now));
  return differences;
}

function movedLedger({ applied: then }: PlannedFacts, { applied: now }: PlannedFacts): string {
  const told = (count: number, last: string | null): string =>
    last === null ? 'nothing was' : `${count} files were, the last of them ${last}`;
  return then.count === now.count && then.last === now.last
    ? 'Other files are applied now than when it was made.'
    : `Other files are applied now: when it was made, ${told(then.count, then.last)}; now ${now.count} are${now.last === null ? '' : `, the last of them ${now.last}`}.`;
}
