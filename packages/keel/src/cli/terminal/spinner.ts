import type { Output } from './output';

let stopCurrent: () => void = () => undefined;
let renameCurrent: (text: string) => void = () => undefined;

/** Stops the spinner, where one is moving. */
export function stopSpinner(): void {
  stopCurrent();
  stopCurrent = () => undefined;
  renameCurrent = () => undefined;
}

/** Changes the text of the spinner that is moving. */
export function renameSpinner(text: string): void {
  renameCurrent(text);
}

/**
 * Shows that something goes on, after a moment, so that quick steps do not flicker; nothing where there is no
 * terminal. A terminal has room for one spinner, so the one before is stopped.
 */
export function startSpinner(output: Output, text: string): void {
  stopSpinner();
  if (!output.interactive) return;
  let running: { text: string; stop(): unknown } | undefined;
  let latest = text;
  let stopped = false;
  const timer = setTimeout(() => {
    void import('ora').then(({ default: ora }) => {
      if (stopped) return;
      // Left alone, standard input lets Ctrl-C through.
      running = ora({ text: latest, discardStdin: false, stream: process.stdout }).start();
    });
  }, 150);
  renameCurrent = (next) => {
    latest = next;
    if (running) running.text = next;
  };
  stopCurrent = () => {
    stopped = true;
    clearTimeout(timer);
    running?.stop();
  };
}
