import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Difference } from '../diff/describe-operation';
import type { ProjectFlags } from '../project/project-flags';
import type { Project } from '../project/project';
import { neededOf } from '../schema/build-surroundings';
import type { Schema } from '../schema/schema';
import type { BuiltModels } from './model-side';
import type { Scratch } from './with-scratch';

/** What the child process is to build. */
export interface ModelsOrder {
  readonly flags: ProjectFlags;
  /** The scratch database for it, on the project's server. */
  readonly database: string;
  readonly surroundings: Schema;
}

export interface ModelsAnswer {
  /** Undefined where anything was not as it should be. */
  readonly built?: Omit<BuiltModels, 'failures'>;
  /** What {@link LoadedSide.failures} tells. */
  readonly doubts: readonly Difference[];
}

/** The models' side as a process of its own has built it. */
export interface ModelsAhead {
  readonly built: BuiltModels;
  readonly doubts: readonly Difference[];
}

/** A process that is at it. */
export interface ModelsUnderWay {
  /** What it has built, or undefined where the migrations turned out to build other surroundings than it was given. */
  readonly take: (migrations: Schema) => Promise<ModelsAhead | undefined>;
  readonly stop: () => void;
}

/** A process takes a third of a second to start: with fewer files to replay it gains nothing. */
const MANY_FILES = 100;

/** Whether a project's models are built ahead while `files` migrations are replayed. */
export function isAhead({ paths }: Project, files: number, exclusive: boolean): boolean {
  // A process that is not keel's own may have the project from elsewhere than another one would read it from.
  return exclusive && files >= MANY_FILES && availableParallelism() > 1 && existsSync(paths.models);
}

/**
 * Starts to build the models in a process of its own, while this one replays the migrations: in one process what models
 * change, such as `useCLS()`, would be there when the migrations run, and in a deploy it is not. Where that process
 * fails in any way the caller builds the models as ever.
 *
 * @param expected what the migrations are likely to build, such as what is in the live database
 */
export async function startModels(
  scratch: Scratch,
  project: Project,
  expected: Schema,
  signal: AbortSignal | undefined,
): Promise<ModelsUnderWay | undefined> {
  // The child finds the project's own server by itself.
  if (scratch.notice !== undefined) return undefined;
  const surroundings = neededOf(expected);
  const { connection } = await scratch.create();
  const order = { flags: project.flags, database: connection.database, surroundings };
  const child = fork(path.join(__dirname, 'models-child.js'), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const stop = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', stop);
  const printed = collectOutput(child);
  const answered = askChild(child, order);
  return {
    take: async (migrations) => {
      const { built, doubts } = await answered;
      if (built === undefined || !isSame(surroundings, neededOf(migrations))) return undefined;
      for (const write of printed) write();
      return { built: { ...built, failures: [] }, doubts };
    },
    stop: () => {
      signal?.removeEventListener('abort', stop);
      stop();
    },
  };
}

/** What the models print is shown where they are used. */
function collectOutput({ stdout, stderr }: ChildProcess): readonly (() => void)[] {
  const printed: (() => void)[] = [];
  stdout?.on('data', (text: Buffer) => printed.push(() => process.stdout.write(text)));
  stderr?.on('data', (text: Buffer) => printed.push(() => process.stderr.write(text)));
  return printed;
}

async function askChild(child: ChildProcess, order: ModelsOrder): Promise<ModelsAnswer> {
  return new Promise((resolve) => {
    let answer: ModelsAnswer = { doubts: [] };
    child.once('message', (given) => {
      answer = given as ModelsAnswer;
      child.kill('SIGKILL');
    });
    child.once('error', () => {
      resolve(answer);
    });
    // Only now all that it has printed is here.
    child.once('close', () => {
      resolve(answer);
    });
    child.send(order, () => undefined);
  });
}

function isSame(a: Schema, b: Schema): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
