import { AsyncLocalStorage } from 'node:async_hooks';
import childProcess, { ChildProcess } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';
import path from 'node:path';

/** Who is asked before a file's code takes a detour past the connections that it is given. */
export interface DetourGuard {
  /** The database server's ports, which a connection of the code's own would go to. */
  readonly ports: readonly number[];
  /**
   * @param command what starts a program, where it is one
   * @throws Error where it must not happen now
   */
  check(what: string, command?: string): void;
  /** Notes what the code does that a rollback does not take back. */
  note(what: string): void;
}

interface Watch {
  readonly guards: AsyncLocalStorage<DetourGuard>;
  readonly sockets: Set<Socket>;
  started: boolean;
}

/** Node's modules are there once for a process, but this one is loaded anew for each test file of Jest. */
const shared = Socket.prototype as unknown as Record<symbol, Watch | undefined>;
const watch = (shared[Symbol.for('sequelize-keel.watch')] ??= {
  guards: new AsyncLocalStorage(),
  sockets: new Set(),
  started: false,
});
const { guards, sockets } = watch;

/**
 * Remembers every connection that this process opens from now on, and lets guards refuse some. It has to come before all
 * code of the project: `const { execSync } = require('child_process')` keeps the function that is there at that moment.
 */
export function watchDetours(): void {
  if (watch.started) return;
  watch.started = true;
  watchSockets();
  watchPrograms();
}

/** Runs code that `guard` is asked about. */
export function withGuard<T>(guard: DetourGuard, run: () => T): T {
  return guards.run(guard, run);
}

/** Runs what opens a connection for the file in keel's name. */
export function withoutGuard<T>(run: () => T): T {
  return guards.exit(run);
}

/** Whether a server session, known by its client's port, belongs to this process. */
export function isOwnSession(port: number | null): boolean {
  // -1 stands for a Unix socket, which has no port to know it by.
  return [...sockets].some((socket) =>
    port === -1 ? socket.localPort === undefined : socket.localPort === port,
  );
}

function watchSockets(): void {
  // Node's diagnostics channel tells of net.connect() only, and pg does without it.
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own socket below
  const { connect } = Socket.prototype;
  Socket.prototype.connect = function watchedConnect(this: Socket, ...args: unknown[]) {
    const guard = guards.getStore();
    if (guard && !guard.ports.some((port) => leadsTo(port, args))) {
      guard.note('opens a connection to another server');
    } else if (guard) {
      try {
        guard.check('opens a connection of its own');
      } catch (error) {
        return this.destroy(error as Error);
      }
    }
    sockets.add(this);
    this.once('close', () => sockets.delete(this));
    return (connect as (...rest: unknown[]) => Socket).apply(this, args);
  };
}

function leadsTo(port: number, args: readonly unknown[]): boolean {
  // net.connect() hands its arguments on as an array of options and callback.
  const [first] = (Array.isArray(args[0]) ? args[0] : args) as unknown[];
  const target =
    typeof first === 'object' && first !== null
      ? (first as { port?: unknown; path?: unknown })
      : { port: first, path: first };
  return Number(target.port) === port || String(target.path).endsWith(`.s.PGSQL.${port}`);
}

/** The ways to start a program that do not end in `ChildProcess.prototype.spawn`. */
const SYNCHRONOUS = ['execSync', 'execFileSync', 'spawnSync'] as const;

function watchPrograms(): void {
  const prototype = ChildProcess.prototype as unknown as Record<string, Start>;
  const functions = childProcess as unknown as Record<string, Start>;
  guardMethod(prototype, 'spawn');
  for (const name of SYNCHRONOUS) guardMethod(functions, name);
  syncBuiltinESMExports();
}

type Start = (...args: unknown[]) => unknown;

function guardMethod(owner: Record<string, Start>, name: string): void {
  const start = owner[name] as Start;
  owner[name] = function (this: unknown, ...args) {
    guards.getStore()?.check('starts a program', commandLine(args));
    return start.apply(this, args);
  };
}

const SHELL = /^(sh|bash|dash|zsh|cmd\.exe|powershell\.exe|pwsh)$/i;

/**
 * The command line that a call starts a program by, as one text.
 *
 * @param args those of `execSync`, `execFileSync` or `spawnSync`, or of `ChildProcess.prototype.spawn`
 */
export function commandLine(args: readonly unknown[]): string {
  const [first, second] = args;
  if (typeof first === 'object' && first !== null) {
    // Node has put a command for the shell behind `sh -c`, or `cmd /d /s /c`, by now.
    const { file = '', args: words = [] } = first as { file?: string; args?: readonly string[] };
    const command = words.findIndex((word) => word === '-c' || word === '/c') + 1;
    return command > 0 && SHELL.test(path.basename(file))
      ? words.slice(command).join(' ')
      : [file, ...words.slice(1)].join(' ');
  }
  return [first, ...(Array.isArray(second) ? (second as unknown[]) : [])].join(' ');
}
