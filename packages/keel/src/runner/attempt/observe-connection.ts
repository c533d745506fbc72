import type pg from 'pg';
import type { Attempt } from './attempt';
import { deliver, isSubmittable, readCall, type QueryArguments } from './query-call';
import type { RawQuery } from './statement-tracer';
import type { ConnectionOwner } from './savepoint-stack';

interface Observer {
  readonly attempt: Attempt;
  readonly owner: ConnectionOwner;
}

const observed = new WeakMap<pg.Client, Observer>();

/** Notes in the attempt what is sent on a connection of the pool; its statements go their own way. */
export function observeConnection(client: pg.Client, observer: Observer): void {
  const known = observed.has(client);
  observed.set(client, observer);
  if (known) return;
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const observe = (...args: QueryArguments): unknown => {
    const current = observed.get(client);
    // The pool may give the connection to the run itself once the file is done.
    if (!current || current.attempt.closed || isSubmittable(args[0])) return query(...args);
    const { attempt, owner } = current;
    const { call, callback } = readCall(args);
    const statement = attempt.findings.note(call.text, call.values);
    const ends = attempt.starts(statement, owner, client);
    const raw = { query } as unknown as RawQuery;
    const traced = attempt.options.tracer?.asked({ sql: call.text, values: call.values });
    const result = traced
      ? traced({ raw, inTransaction: false }, () => call.send(raw))
      : call.send(raw);
    const settled = result.then(
      (value) => {
        ends();
        return value;
      },
      (error: unknown) => {
        ends(error);
        throw error;
      },
    );
    return deliver(settled, callback);
  };
  client.query = observe as typeof client.query;
}
