import { AsyncLocalStorage } from 'node:async_hooks';
import type { BackfillProgress } from './backfill-options';

/** What the code of a migration can learn of the run that it is part of. */
export interface RunningFile {
  readonly name: string;
  readonly direction: 'up' | 'down';
  /** Whether all is rolled back in the end: a dry run. */
  readonly pretend: boolean;
  readonly signal: AbortSignal | undefined;
  /** How many backfills the file has begun. */
  backfills: number;
  /** SQL to be committed together with the file's record. */
  readonly onRecord: Set<string>;
  report(progress: BackfillProgress): void;
}

/** The command may be another copy of keel than the one that the migration imports. */
const KEY = Symbol.for('sequelize-keel.runningFile');

type Holder = Record<symbol, AsyncLocalStorage<RunningFile> | undefined>;

/** Runs a file's code, which then finds out what runs it. */
export function withRunningFile<T>(file: RunningFile, code: () => T): T {
  const holder = globalThis as unknown as Holder;
  holder[KEY] ??= new AsyncLocalStorage();
  return holder[KEY].run(file, code);
}

/** The file whose code is running; undefined where keel does not run it. */
export function runningFile(): RunningFile | undefined {
  return (globalThis as unknown as Holder)[KEY]?.getStore();
}
