#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { createOutput } from './cli/terminal/output';
import { buildProgram, isCommanderExit, usageDocument } from './cli/build-program';
import { errorDocument, renderError } from './cli/render/render-error';
import { stopSpinner } from './cli/terminal/spinner';
import { interrupted, isKeelError } from './errors';

const argv = process.argv.slice(2).map(kebabCase);
const json = argv.includes('--json');
const debug = argv.includes('--debug');
const interruption = new AbortController();
let finished = false;
/** Whether the command ends by itself when it is interrupted. */
let signalTaken = false;
/** The exit code of the signal that interrupted the command. */
let signalCode: number | undefined;

void main();

async function main(): Promise<void> {
  watchSignals();
  process.on('exit', refuseEarlyExit);
  const write = json ? claimStandardOutput() : (text: string) => void process.stdout.write(text);
  const output = createOutput(json, write);
  let exitCode = 0;
  try {
    const program = buildProgram({
      output,
      takeSignal: () => {
        signalTaken = true;
        return interruption.signal;
      },
      exitWith: (code) => {
        exitCode = code;
      },
    });
    if (argv.length === 0) program.help({ error: true });
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    exitCode = exitCodeOf(error);
    stopSpinner();
    if (isCommanderExit(error)) {
      const document = usageDocument(error);
      if (json && document) output.result(document, []);
    } else {
      for (const line of renderError(error, debug)) output.note(line);
      if (json) output.result(errorDocument(error), []);
    }
  }
  finished = true;
  process.exitCode = exitCode;
  // Application code that a migration loaded may hold connections open.
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
  process.exit(exitCode);
}

function exitCodeOf(error: unknown): number {
  if (isCommanderExit(error)) return error.exitCode;
  if (!isKeelError(error)) return 1;
  return error.code === 'INTERRUPTED' ? (signalCode ?? error.exitCode) : error.exitCode;
}

/** sequelize-cli takes `--migrationsPath` for `--migrations-path`. */
function kebabCase(arg: string): string {
  const match = /^--([a-z]+[A-Z][A-Za-z]*)(=.*)?$/s.exec(arg);
  if (!match?.[1]) return arg;
  return `--${match[1].replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}${match[2] ?? ''}`;
}

/** With `--json`, whatever a config or a migration prints goes to standard error. */
function claimStandardOutput(): (text: string) => void {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  return (text) => void write(text);
}

/** A signal that comes again within this time is the same one: npm hands on what the terminal has sent already. */
const ECHO_MS = 500;

/** The first signal lets the run roll back and say where it stands; the second ends the process at once. */
function watchSignals(): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    let first = 0;
    process.on(signal, () => {
      if (interruption.signal.aborted && Date.now() - first < ECHO_MS) return;
      if (interruption.signal.aborted)
        endNow(code, 'What was running in a transaction is rolled back by the server.');
      if (!signalTaken) endNow(code);
      first = Date.now();
      signalCode = code;
      interruption.abort();
    });
  }
}

function endNow(code: number, state?: string): never {
  finished = true;
  const error = interrupted({ state });
  writeSync(2, `${renderError(error, false).join('\n')}\n`);
  if (json) writeSync(1, `${JSON.stringify(errorDocument(error), undefined, 2)}\n`);
  process.exit(code);
}

/** A config or a migration that calls process.exit(0) must not be taken for success. */
function refuseEarlyExit(code: number): void {
  if (finished || interruption.signal.aborted) return;
  process.exitCode = code === 0 ? 1 : code;
  const lines = [
    'The process was ended by the code of the project (process.exit) before keel was done.',
    'A migration that was running in a transaction is rolled back by the server.',
    'Take process.exit out of the config, the migration or the seeder, then run the same command again.',
  ];
  writeSync(2, `\nERROR: ${lines.join('\n')}\n`);
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0 || stream.destroyed) resolve();
    else
      stream.write('', () => {
        resolve();
      });
  });
}
