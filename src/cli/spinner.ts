import type { Output } from './output';

/** A moving sign that something goes on. */
export interface Spinner {
  start(text: string): void;
  stop(): void;
}

/** A spinner that shows after a moment, so that quick steps do not flicker; nothing where there is no terminal. */
export function createSpinner(output: Output): Spinner {
  let stopLast: () => void = () => undefined;
  const stop = (): void => {
    stopLast();
    stopLast = () => undefined;
  };
  return {
    stop,
    start: (text) => {
      stop();
      if (!output.interactive) return;
      let running: { stop(): unknown } | undefined;
      const timer = setTimeout(() => {
        void import('ora').then(({ default: ora }) => {
          if (stopped) return;
          // Left alone, standard input lets Ctrl-C through.
          running = ora({ text, discardStdin: false, stream: process.stdout }).start();
        });
      }, 150);
      let stopped = false;
      stopLast = () => {
        stopped = true;
        clearTimeout(timer);
        running?.stop();
      };
    },
  };
}
