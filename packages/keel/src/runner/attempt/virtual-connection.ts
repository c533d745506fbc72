import type pg from 'pg';
import type { Attempt } from './attempt';
import { deliver, isSubmittable, readCall, type QueryArguments } from './query-call';
import type { ConnectionOwner } from './savepoint-stack';

/** A connection as the file sees it: its statements go through the attempt's queue to the real one. */
export function virtualConnection(
  real: pg.Client,
  owner: ConnectionOwner,
  attempt: () => Attempt,
): pg.Client {
  const connection = Object.create(real) as pg.Client;
  const query = (...args: QueryArguments): unknown => {
    if (isSubmittable(args[0])) {
      attempt().findings.note('COPY or cursor');
      return real.query(args[0]);
    }
    const { call, callback } = readCall(args);
    const send = (): Promise<unknown> => call.send(real);
    return deliver(attempt().execute(owner, { ...call, send }), callback);
  };
  // The pool's own bookkeeping writes to the connection; it must not reach the real one.
  Object.assign(connection, {
    query,
    uuid: undefined,
    _invalid: undefined,
    end: () => Promise.resolve(),
  });
  return connection;
}
