import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Difference } from '../diff/describe-operation';
import type { ProjectFlags } from '../project/project-flags';
import type { Project } from '../project/project';
import type { Schema } from '../schema/schema';
import type { BuiltModels, ModelPlace, PlannedModels } from './model-side';

/** What the process is to do: load the models first, then anything with them. */
export type ModelsOrder =
  | { readonly kind: 'load'; readonly flags: ProjectFlags }
  | { readonly kind: 'plan'; readonly place: ModelPlace }
  | {
      readonly kind: 'build';
      /** The scratch database for it, on the project's server. */
      readonly database: string;
      readonly surroundings: Schema;
    };

/** What it has done; nothing where anything was not as it should be. */
export interface ModelsAnswer {
  readonly planned?: PlannedModels;
  readonly built?: Omit<BuiltModels, 'failures'>;
  /** What {@link LoadedSide.failures} tells so far. */
  readonly doubts: readonly Difference[];
}

/** A process that has loaded a project's models. */
export interface ModelsProcess {
  readonly plan: (place: ModelPlace) => Promise<ModelsAnswer>;
  /** @param database an empty one on the project's server */
  readonly build: (database: string, surroundings: Schema) => Promise<ModelsAnswer>;
  /** Ends it, and prints what the models have printed: for whoever has used what they say. */
  readonly finish: () => Promise<void>;
  readonly stop: () => void;
}

/**
 * Loads the models in a process of their own, while this one does other things. In one process what models change, such
 * as `useCLS()`, would be there when the migrations run, and in a deploy it is not. Where that process fails in any
 * way the caller loads the models as ever.
 */
export function startModels(project: Project, signal: AbortSignal | undefined): ModelsProcess {
  const child = fork(path.join(__dirname, 'models-child.js'), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const printed = collectOutput(child);
  // Only then all that it has printed is here.
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  const kill = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', kill);
  const stop = (): void => {
    signal?.removeEventListener('abort', kill);
    kill();
  };
  const ask = (order: ModelsOrder): Promise<ModelsAnswer> => {
    const answered = new Promise<ModelsAnswer>((resolve) => {
      child.once('message', (given) => {
        resolve(given as ModelsAnswer);
      });
    });
    send(child, order);
    return Promise.race([answered, ended.then((): ModelsAnswer => ({ doubts: [] }))]);
  };
  send(child, { kind: 'load', flags: project.flags });
  return {
    plan: (place) => ask({ kind: 'plan', place }),
    build: (database, surroundings) => ask({ kind: 'build', database, surroundings }),
    finish: async () => {
      stop();
      await ended;
      for (const write of printed) write();
    },
    stop,
  };
}

/** One that cannot be sent has no answer either. */
function send(child: ChildProcess, order: ModelsOrder): void {
  child.send(order, () => undefined);
}

function collectOutput({ stdout, stderr }: ChildProcess): readonly (() => void)[] {
  const printed: (() => void)[] = [];
  stdout?.on('data', (text: Buffer) => printed.push(() => process.stdout.write(text)));
  stderr?.on('data', (text: Buffer) => printed.push(() => process.stderr.write(text)));
  return printed;
}
