import { KeelError, messageOf } from '../../errors';

const STATE = 'A migration that was running in a transaction is rolled back by the server.';

/** An error that reached nobody, or undefined where the process was ended on purpose. */
export type UncaughtError = { readonly error: unknown } | undefined;

/**
 * Why the process ends before the command is done.
 *
 * @param idle whether Node had nothing left to wait for
 */
export function explainEarlyEnd(uncaught: UncaughtError, idle: boolean): KeelError {
  if (uncaught === undefined && idle) {
    return new KeelError(
      'A promise was awaited that nothing will ever settle, so the process ended before keel was done.',
      {
        code: 'PROCESS_ENDED',
        state: STATE,
        // https://github.com/brianc/node-postgres/issues/2180
        hint: 'Look for it in the config, the migration, the seeder or the model. pg before 8.0.3 never connects on Node 14 and later: install a newer one. Then run the same command again.',
      },
    );
  }
  return uncaught === undefined
    ? new KeelError(
        'The process was ended by the code of the project (process.exit) before keel was done.',
        {
          code: 'PROCESS_ENDED',
          state: STATE,
          hint: 'Correct what it says above, such as a variable that is not set, or take process.exit out of the config, the migration, the seeder or the model. Then run the same command again.',
        },
      )
    : new KeelError(`An error was not caught: ${messageOf(uncaught.error)}`, {
        code: 'ERROR_NOT_CAUGHT',
        details: placeOf(uncaught.error),
        state: STATE,
        hint: 'Await the promise, or catch the error, in the config, the migration, the seeder or the model. Then run the same command again.',
        cause: uncaught.error,
      });
}

/** Where the error comes from, without what Node and the packages add. */
function placeOf(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  const places = lines.flatMap(
    (line) => /^\s*at .*?\(?((?:file:\/\/)?[^\s(]+:\d+:\d+)\)?$/.exec(line)?.[1] ?? [],
  );
  const own = places.find((place) => !/^node:|node_modules/.test(place));
  return own === undefined ? [] : [`in ${own}`];
}
