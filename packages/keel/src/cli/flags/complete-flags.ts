import path from 'node:path';
import { KeelError, NOTHING_CHANGED } from '../../errors';
import type { RunSettings } from '../../project/keel-settings';
import type { Project } from '../../project/project';
import { changeInvocation, type Invocation } from '../define-command';

/** The flags that may stand in the config. */
const NAMES = [
  ...([
    'dryRun',
    'fake',
    'allowMissing',
    'lockTimeout',
    'lockWait',
    'statementTimeout',
    'retries',
  ] as const),
] satisfies readonly (keyof RunSettings)[];

/**
 * An invocation whose flags are completed by those that stand in the config under `keel`. What the command line says
 * wins, and a flag that the command does not have is none of its.
 *
 * @throws KeelError `CONTRADICTING_FLAGS` where a command that cannot be a dry run, or fake, is to be one
 */
export function completeFlags<Flags extends object>(
  invocation: Invocation<Flags>,
  project: Project,
): Invocation<Flags> {
  const { command, declares } = invocation;
  const flags = invocation.flags as Readonly<Record<string, unknown>>;
  const missing = NAMES.filter(
    (name) => flags[name] === undefined && project.settings[name] !== undefined,
  );
  const runs = declares.has('lockTimeout');
  const impossible = missing.find(
    (name) =>
      (name === 'dryRun' || (name === 'fake' && declares.has('statementTimeout'))) &&
      runs &&
      project.settings[name] &&
      !declares.has(name),
  );
  if (impossible !== undefined) throw cannot(impossible, command, project);
  const added = missing
    .filter((name) => declares.has(name))
    .map((name) => [name, project.settings[name]]);
  const completed = { ...invocation.flags, ...(Object.fromEntries(added) as Partial<Flags>) };
  return changeInvocation(invocation, { flags: completed });
}

function cannot(name: keyof RunSettings, command: string, project: Project): KeelError {
  const { configPath, paths, environment } = project;
  const place = configPath === undefined ? 'the config' : path.relative(paths.root, configPath);
  return new KeelError(
    `${command} works for real only, and keel.${name} is true for the environment "${environment}" in ${place}.`,
    {
      code: 'CONTRADICTING_FLAGS',
      state: NOTHING_CHANGED,
      hint: `Take keel.${name} out of ${place}, or choose another environment with --env.`,
    },
  );
}
