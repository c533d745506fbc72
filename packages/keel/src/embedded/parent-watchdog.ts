/**
 * The program of a process that outlives its parent to clean up after it: `node -e` with the folder
 * of a temporary server as its argument. Its standard input is a pipe from the parent, which the
 * system closes when the parent ends, however it ends. The last line there is the id of the process
 * that works in the folder at the time (initdb, then the server), or 0.
 *
 * A text, not a file, because it must run where the sources are compiled in memory, as in tests.
 */
export const WATCHDOG = `
const { existsSync, rmSync } = require('node:fs');
const { join } = require('node:path');
const folder = process.argv[1];
const pidFile = join(folder, 'data', 'postmaster.pid');

let input = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (text) => { input += text; });
process.stdin.on('error', () => {});
process.stdin.on('close', stop);

function stop() {
  const pid = Number(input.trimEnd().split('\\n').at(-1));
  if (pid > 0) send(pid, 'SIGQUIT');
  waitForEnd(pid, Date.now() + 10000);
}

function waitForEnd(pid, deadline) {
  // A dead process without a parent that cares still counts as a process; its file is gone, though.
  const ended = !(pid > 0) || !send(pid, 0) || !existsSync(pidFile);
  if (!ended && Date.now() < deadline) return setTimeout(waitForEnd, 20, pid, deadline);
  if (!ended) send(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

function send(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
`;
