import { setTimeout as sleep } from 'node:timers/promises';
import { terminate } from './database';
import type { RunnerProcess } from './runner-process';
import type { Phase, Verdict, WireProxy, WireStatement } from './wire-proxy';

/** What a fault has to work with. */
export interface Scene {
  readonly runner: RunnerProcess;
  readonly proxy: WireProxy;
  readonly database: string;
  readonly statement: WireStatement;
}

/** Something that goes wrong at a point of a run. */
export interface Fault {
  readonly name: string;
  readonly phases: readonly Phase[];
  /** The exit codes that keel may have afterwards; null where a signal ends it. Always 0 where all was done. */
  readonly codes: readonly (number | null)[];
  strike(scene: Scene): Promise<Verdict>;
}

/** Faults that can strike at every statement of a run. */
export const FAULTS = {
  kill: {
    name: 'SIGKILL of the runner',
    phases: ['before', 'during', 'after'],
    codes: [null],
    strike: async ({ runner }) => {
      await runner.kill();
      return 'drop';
    },
  },
  terminate: {
    name: "pg_terminate_backend of the statement's connection",
    phases: ['before', 'during', 'after'],
    codes: [1],
    strike: async ({ statement }) => {
      await terminate('pid = $1', [statement.pid]);
      return 'forward';
    },
  },
  terminateLock: {
    name: "pg_terminate_backend of the lock's connection",
    phases: ['before', 'after'],
    codes: [1],
    strike: async ({ database }) => {
      await terminate(`datname = $1 AND application_name = 'keel lock'`, [database]);
      return 'forward';
    },
  },
  cut: {
    name: 'network cut on every connection',
    phases: ['before', 'during', 'after'],
    codes: [1],
    strike: ({ proxy }) => {
      proxy.cut();
      return Promise.resolve('drop');
    },
  },
  interrupt: {
    name: 'Ctrl-C',
    phases: ['before', 'during', 'after'],
    codes: [130],
    strike: async ({ runner }) => {
      runner.child.kill('SIGINT');
      await sleep(20);
      return 'forward';
    },
  },
} as const satisfies Record<string, Fault>;
