/** PostgreSQL's table locks, the weakest first; see https://www.postgresql.org/docs/current/explicit-locking.html */
export const LOCK_MODES = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;

export type LockMode = (typeof LOCK_MODES)[number];

/** `AccessExclusiveLock`, as pg_locks has it, is ACCESS EXCLUSIVE in SQL. */
export function lockModeOf(name: string): LockMode {
  const words = name
    .replace(/Lock$/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase();
  return LOCK_MODES.find((mode) => mode === words) ?? 'ACCESS SHARE';
}

export function strengthOf(mode: LockMode): number {
  return LOCK_MODES.indexOf(mode);
}

export function stronger(a: LockMode | undefined, b: LockMode): LockMode {
  return a === undefined || strengthOf(b) > strengthOf(a) ? b : a;
}

/** Whether statements that only read wait for it. */
export function blocksReads(mode: LockMode): boolean {
  return mode === 'ACCESS EXCLUSIVE';
}

/** Whether INSERT, UPDATE and DELETE wait for it. */
export function blocksWrites(mode: LockMode): boolean {
  return strengthOf(mode) >= strengthOf('SHARE');
}
