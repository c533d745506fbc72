#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { CommanderError } from 'commander';
import { buildProgram } from './cli/build-program';
import { errorDocument, renderError } from './cli/render/render-error';
import type { GivenProjectFlags } from './cli/render/repeat-flags';
import { explainEarlyEnd, type UncaughtError } from './cli/terminal/explain-early-end';
import { createOutput } from './cli/terminal/output';
import { stopSpinner } from './cli/terminal/spinner';
import { claimStreams } from './cli/terminal/standard-streams';
import { watchSignals } from './cli/terminal/watch-signals';
import { interrupted, isKeelError, KeelError } from './errors';

const argv = process.argv.slice(2);
const json = argv.includes('--json');
const debug = argv.includes('--debug');
const streams = claimStreams({ json });
const interruption = watchSignals((code, state) => endNow(interrupted({ state }), code));
let finished = false;
/** Of an error that has been told: what the project's code does after it says nothing new. */
let toldCode: number | undefined;
let uncaught: UncaughtError;
let idle = false;

void main();

async function main(): Promise<void> {
  process.on('uncaughtExceptionMonitor', (error: unknown) => (uncaught ??= { error }));
  process.on('beforeExit', () => (idle = true));
  process.on('exit', refuseEarlyExit);
  const output = createOutput(json, streams);
  let exitCode = 0;
  const frame = {
    output,
    takeSignal: interruption.take,
    interruptedBy: interruption.code,
    exitWith: (code: number) => {
      exitCode = code;
    },
  };
  const program = buildProgram(frame, argv);
  try {
    await program.parse(argv);
  } catch (error) {
    stopSpinner();
    // Help and the version are an exception to commander, and a success.
    if (!(error instanceof CommanderError)) {
      exitCode = exitCodeOf(error);
      const given = program.command.opts<GivenProjectFlags>();
      for (const line of renderError(error, { debug, given })) output.note(line);
      if (json) output.result(errorDocument(error, given), []);
      toldCode = exitCode;
    }
  }
  await streams.drained();
  const lost = streams.failure();
  if (lost) {
    for (const line of renderError(outputLost(lost), { debug })) output.note(line);
    exitCode ||= 1;
  }
  finished = true;
  // Application code that a migration loaded may hold connections open.
  process.exit(exitCode);
}

function exitCodeOf(error: unknown): number {
  if (!isKeelError(error)) return 1;
  return isKeelError(error, 'INTERRUPTED')
    ? (interruption.code() ?? error.exitCode)
    : error.exitCode;
}

function outputLost(error: Error): KeelError {
  return new KeelError(`The output could not be written: ${error.message}.`, {
    code: 'OUTPUT_NOT_WRITTEN',
    state: 'The command itself came to its end; only what it says is lost.',
    hint: 'Write it where there is room.',
    cause: error,
  });
}

/** Says an error without waiting for anything, and ends the process. */
function endNow(error: KeelError, code: number): never {
  finished = true;
  streams.flush();
  writeNow(2, `${renderError(error, { debug }).join('\n')}\n`);
  if (json) writeNow(1, `${JSON.stringify(errorDocument(error), undefined, 2)}\n`);
  process.exit(code);
}

function writeNow(file: 1 | 2, text: string): void {
  try {
    writeSync(file, text);
  } catch {
    // Nobody reads it.
  }
}

/** A config or a migration that calls process.exit(0) must not be taken for success. */
function refuseEarlyExit(code: number): void {
  if (finished || interruption.code() !== undefined) return;
  if (toldCode !== undefined) process.exit(toldCode);
  endNow(explainEarlyEnd(uncaught, idle), code === 0 ? 1 : code);
}
