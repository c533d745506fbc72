import type { Command } from 'commander';
import type { ProjectFlags } from '../project/project-flags';
import type { Output } from './terminal/output';

/** Flags that every command has. */
export interface GlobalFlags extends ProjectFlags {
  readonly json?: boolean;
  /** How long to wait for a server that is not up yet, in milliseconds. */
  readonly wait?: number;
}

/** What a command's action is given. */
export interface Invocation<Flags> {
  /** The command's name, such as `db:migrate`. */
  readonly command: string;
  /** The flags that the command has, in camel case. */
  readonly declares: ReadonlySet<string>;
  readonly flags: Flags & GlobalFlags;
  /** What stands on the command line besides flags. */
  readonly args: readonly (string | undefined)[];
  /** The whole program, for a command that speaks of the others. */
  readonly program: Command;
  readonly output: Output;
  /**
   * Aborted by Ctrl-C and by a request to terminate. From the first reading on, the command ends by itself on
   * it; until then the process is ended at once.
   */
  readonly signal: AbortSignal;
}

/** The same invocation with other flags or another output. Its signal is not taken by that, as by a spread. */
export function changeInvocation<Flags>(
  invocation: Invocation<Flags>,
  change: Partial<Pick<Invocation<Flags>, 'flags' | 'output'>>,
): Invocation<Flags> {
  const { command, declares, flags, args, program, output } = invocation;
  return {
    command,
    declares,
    flags,
    args,
    program,
    output,
    ...change,
    get signal() {
      return invocation.signal;
    },
  };
}

/** What the program gives to each command when it is set up. */
export interface Frame {
  readonly output: Output;
  /** The signal of {@link Invocation}. */
  readonly takeSignal: () => AbortSignal;
  /** The exit code of the signal that interrupted the command; undefined while none has. */
  readonly interruptedBy: () => number | undefined;
  /** Told what a command wants the process to exit with, where it is not 0 without being an error. */
  readonly exitWith: (code: number) => void;
}

/** A command: declared once, set up on the program under its name in the list of commands. */
export interface CommandDefinition {
  /** Shown under `--help`: a command line and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  /** Declares arguments and options of its own. */
  readonly configure?: (command: Command) => void;
  readonly run: (invocation: Invocation<Record<string, never>>, frame: Frame) => Promise<void>;
}

/** Declares a command; gives its flags the type that its action expects. */
export function defineCommand<Flags extends object>(
  definition: Omit<CommandDefinition, 'run'> & {
    readonly run: (invocation: Invocation<Flags>, frame: Frame) => Promise<void>;
  },
): CommandDefinition {
  return definition as unknown as CommandDefinition;
}
