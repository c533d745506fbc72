import path from 'node:path';
import { isKeelError } from '../../errors';
import type { MigrationFile } from '../../runner/files/migration-state';
import { loadMigration } from '../../runner/files/load-migration';
import type { RunMode } from '../../runner/files/run-mode';
import type { RunEvent } from '../../runner/results';
import { replay } from '../../scratch/replay';
import type { Scratch } from '../../scratch/with-scratch';
import { measureSpeed } from './measure-speed';
import type { FileTrace, ServerSpeed, Trace } from './trace';
import { TraceRecorder } from './trace-recorder';

/** What to trace. */
export interface TraceRequest {
  /** Files that are applied before, unseen. */
  readonly before: readonly MigrationFile[];
  /** Files that are looked at, in the order in which they run. */
  readonly files: readonly MigrationFile[];
  /** Whether the process is keel's own. */
  readonly exclusive: boolean;
  readonly signal?: AbortSignal;
  /** The server's speed where it is measured already. */
  readonly speed?: ServerSpeed;
  /** Whether the files after one that fails are run without it. */
  readonly goOn?: boolean;
}

/**
 * Runs files on a scratch database, on top of those before them, and notes what each of their statements does. A file
 * that fails carries the reason, and ends the trace unless it is to go on.
 *
 * @throws KeelError REPLAY_FAILED where a file before them fails
 */
export async function traceFiles(scratch: Scratch, request: TraceRequest): Promise<Trace> {
  const { before, files, exclusive, signal, goOn } = request;
  const speed = request.speed ?? (await measureSpeed(await scratch.create()));
  const common = { speed, serverVersion: scratch.serverVersion, notice: scratch.notice };
  let collector = new Collector('', '', []);
  await replay(scratch, {
    stages: [before, files].map((stage) => stage.map(({ name }) => name)),
    exclusive,
    signal,
    read: false,
    watchStage: (stage, { paths: { root, migrations } }) => {
      if (stage === 0) return {};
      collector = new Collector(root, migrations, files);
      return { tracer: collector.recorder, onEvent: collector.onEvent };
    },
    afterFailure: (stage, error) => {
      if (stage === 0 || !isKeelError(error) || isKeelError(error, 'INTERRUPTED')) return undefined;
      const left = collector.fail([error.message, ...error.details].join('\n'));
      return left && (goOn ? left : []);
    },
  });
  return { files: await collector.finish(), ...common };
}

type Recorded = Omit<FileTrace, 'safe' | 'asksNoTransaction'>;

/** Follows a run, and cuts what the recorder sees into files. */
class Collector {
  readonly recorder: TraceRecorder;
  private readonly done: Recorded[] = [];
  private current: { readonly name: string; mode: RunMode } | undefined;

  constructor(
    private readonly root: string,
    migrations: string,
    private readonly files: readonly MigrationFile[],
  ) {
    this.recorder = new TraceRecorder(root, migrations);
  }

  readonly onEvent = (event: RunEvent): void => {
    if (event.type === 'start') {
      this.current = { name: event.name, mode: 'transaction' };
      this.recorder.begin();
    } else if (event.type === 'retry') {
      if (this.current) this.current.mode = event.mode;
      this.recorder.begin();
    } else if (event.type === 'done') {
      this.keep(event.file.mode === 'fake' ? 'transaction' : event.file.mode, undefined);
    }
  };

  /** The file that was running has failed. Gives the names of those after it; undefined where none was running. */
  fail(reason: string): readonly string[] | undefined {
    if (!this.current) return undefined;
    const { name, mode } = this.current;
    this.keep(mode, reason);
    const names = this.files.map((file) => file.name);
    return names.slice(names.indexOf(name) + 1);
  }

  async finish(): Promise<FileTrace[]> {
    const traces: FileTrace[] = [];
    for (const recorded of this.done) {
      const file = this.files.find(({ name }) => name === recorded.name);
      const module = file && (await loadMigration(file).catch(() => undefined));
      const safe = Object.entries(module?.safe ?? {}).map(([id, reason]) => [id, String(reason)]);
      traces.push({
        ...recorded,
        asksNoTransaction: module?.withoutTransaction ?? false,
        safe: Object.fromEntries(safe) as Record<string, string>,
      });
    }
    return traces;
  }

  private keep(mode: RunMode, error: string | undefined): void {
    const { current, recorder } = this;
    if (!current) return;
    const { name } = current;
    const file = this.files.find((each) => each.name === name);
    this.done.push({
      name,
      path: file ? path.relative(this.root, file.path) : name,
      mode,
      statements: recorder.statements,
      rollsBack: recorder.rollsBack,
      backfills: recorder.backfills,
      session: recorder.session,
      codeMs: error === undefined ? recorder.codeMs : 0,
      error,
      without: this.done.flatMap((other) => (other.error === undefined ? [] : [other.name])),
    });
    this.current = undefined;
  }
}
