import type pg from 'pg';
import type { StatementCall } from './statement-call';

/** The arguments of `client.query`, in any of its forms. */
export type QueryArguments = readonly [unknown, unknown?, unknown?];

type QueryCallback = (error: unknown, result?: unknown) => void;

/** Takes a call of `client.query` apart. */
export function readCall(args: QueryArguments): {
  readonly call: StatementCall;
  readonly callback: QueryCallback | undefined;
} {
  const callback = args.find((arg) => typeof arg === 'function') as QueryCallback | undefined;
  const plain = args.filter((arg) => typeof arg !== 'function' && arg !== undefined);
  const config = args[0];
  const fromConfig =
    typeof config === 'object' && config !== null ? (config as pg.QueryConfig) : undefined;
  const values = (Array.isArray(plain[1]) ? plain[1] : fromConfig?.values) as unknown[] | undefined;
  const send = (client: Pick<pg.Client, 'query'>): Promise<unknown> =>
    (client.query as (...rest: unknown[]) => Promise<unknown>)(...plain);
  return { call: { text: fromConfig ? fromConfig.text : String(config), values, send }, callback };
}

/** Hands a result to a callback where the caller gave one, as `pg` does. */
export function deliver(result: Promise<unknown>, callback: QueryCallback | undefined): unknown {
  if (!callback) return result;
  result.then((value) => {
    callback(null, value);
  }, callback);
  return undefined;
}

/** COPY, a cursor or a stream: something that speaks with the server on its own. */
export function isSubmittable(value: unknown): value is pg.Submittable {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as pg.Submittable).submit === 'function'
  );
}
