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
}

/**
 * Runs files on a scratch database, on top of those before them, and notes what each of their statements does. A file
 * that fails ends the trace, and carries the reason.
 *
 * @throws KeelError REPLAY_FAILED where a file before them fails
 */
export async function traceFiles(scratch: Scratch, request: TraceRequest): Promise<Trace> {
  const { before, files, exclusive, signal } = request;
  const speed = request.speed ?? (await measureSpeed(await scratch.create()));
  const common = { speed, serverVersion: scratch.serverVersion, notice: scratch.notice };
  let collector = new Collector('', '', []);
  let reached = -1;
  try {
    await replay(scratch, {
      stages: [before, files].map((stage) => stage.map(({ name }) => name)),
      exclusive,
      signal,
      read: false,
      watchStage: (stage, { paths: { root, migrations } }) => {
        reached = stage;
        if (stage === 0) return {};
        collector = new Collector(root, migrations, files);
        return { tracer: collector.recorder, onEvent: collector.onEvent };
      },
    });
  } catch (error) {
    const failed = isKeelError(error, 'REPLAY_FAILED') && reached === 1;
    if (!failed || !collector.fail(reasonOf(error))) throw error;
  }
  return { files: await collector.finish(), ...common };
}

function reasonOf(error: Error): string {
  const { cause } = error;
  const reason = isKeelError(cause) ? [cause.message, ...cause.details] : [error.message];
  return reason.join('\n');
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

  /** The file that was running has failed; false where none was. */
  fail(reason: string): boolean {
    if (!this.current) return false;
    this.keep(this.current.mode, reason);
    return true;
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
    });
    this.current = undefined;
  }
}
