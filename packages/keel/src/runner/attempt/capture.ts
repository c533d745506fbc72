import type pg from 'pg';
import type { Attempt, StatementCall } from './attempt';
import type { ConnectionOwner } from './savepoint-stack';

/** Sequelize's connection manager, as much of it as matters here; the same in versions 5 and 6. */
export interface ConnectionManager {
  readonly dialectName?: string;
  readonly sequelize: {
    readonly config: Readonly<Record<string, unknown>>;
    readonly options: { databaseVersion?: string | number };
    /** Its class, which in version 5 has Bluebird. */
    readonly constructor: { readonly Promise?: PromiseConstructor };
  };
  readonly pool: { destroy(connection: pg.Client): PromiseLike<unknown> };
  getConnection(options?: object): PromiseLike<pg.Client>;
  releaseConnection(connection: pg.Client): unknown;
  destroyConnection?(connection: pg.Client): unknown;
}

/** Who wants to see the connections that Sequelize hands out. */
export interface ConnectionInterceptor {
  /** Whether this manager's connections are to be taken over now. */
  owns(manager: ConnectionManager): boolean;
  /** A connection in place of one from the pool; `fromPool` gives the pool's. */
  acquire(
    manager: ConnectionManager,
    fromPool: () => PromiseLike<pg.Client>,
  ): PromiseLike<pg.Client>;
  /** Takes a connection back; false where it came from the pool. */
  release(connection: pg.Client): boolean;
}

const interceptors = new Set<ConnectionInterceptor>();
const patched = new Map<object, () => void>();

/**
 * Lets an interceptor see every connection that the project's copy of Sequelize hands out, whichever
 * instance asks, so that application models with an instance of their own are seen as well.
 *
 * @returns a function that ends it
 */
export function interceptConnections(
  manager: ConnectionManager,
  interceptor: ConnectionInterceptor,
): () => void {
  const prototype = prototypeWith(manager, 'getConnection');
  if (!patched.has(prototype)) patched.set(prototype, patch(prototype as ConnectionManager));
  interceptors.add(interceptor);
  return () => {
    interceptors.delete(interceptor);
    if (interceptors.size > 0) return;
    for (const restore of patched.values()) restore();
    patched.clear();
  };
}

function prototypeWith(object: object, method: string): object {
  let prototype = Object.getPrototypeOf(object) as object;
  while (!Object.hasOwn(prototype, method)) prototype = Object.getPrototypeOf(prototype) as object;
  return prototype;
}

function patch(prototype: ConnectionManager): () => void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- each is called with the manager it is called on
  const { getConnection, releaseConnection, destroyConnection } = prototype;
  prototype.getConnection = function (this: ConnectionManager, options) {
    const interceptor = [...interceptors].find((candidate) => candidate.owns(this));
    const fromPool = (): PromiseLike<pg.Client> => getConnection.call(this, options);
    return interceptor ? asOwnPromise(this, interceptor.acquire(this, fromPool)) : fromPool();
  };
  prototype.releaseConnection = function (this: ConnectionManager, connection) {
    const taken = [...interceptors].some((candidate) => candidate.release(connection));
    return taken ? asOwnPromise(this, undefined) : releaseConnection.call(this, connection);
  };
  if (destroyConnection) {
    prototype.destroyConnection = function (this: ConnectionManager, connection) {
      const taken = [...interceptors].some((candidate) => candidate.release(connection));
      return taken ? asOwnPromise(this, undefined) : destroyConnection.call(this, connection);
    };
  }
  return () => {
    Object.assign(prototype, { getConnection, releaseConnection });
    if (destroyConnection) prototype.destroyConnection = destroyConnection;
  };
}

/** Sequelize 5 calls methods of Bluebird, such as `tap`, on what it is given. */
function asOwnPromise<T>(
  { sequelize }: ConnectionManager,
  value: T | PromiseLike<T>,
): PromiseLike<T> {
  return (sequelize.constructor.Promise ?? Promise).resolve(value);
}

type QueryArguments = readonly [unknown, unknown?, unknown?];
type QueryCallback = (error: unknown, result?: unknown) => void;

/** A call of `client.query` in any of its forms, taken apart. */
function readCall(args: QueryArguments): {
  call: StatementCall;
  callback: QueryCallback | undefined;
} {
  const callback = args.find((arg) => typeof arg === 'function') as QueryCallback | undefined;
  const plain = args.filter((arg) => typeof arg !== 'function' && arg !== undefined);
  const config = args[0];
  const fromConfig =
    typeof config === 'object' && config !== null ? (config as pg.QueryConfig) : undefined;
  const values = (Array.isArray(plain[1]) ? plain[1] : fromConfig?.values) as unknown[] | undefined;
  const send = (client: pg.Client): Promise<unknown> =>
    (client.query as (...rest: unknown[]) => Promise<unknown>)(...plain);
  const text = fromConfig ? fromConfig.text : String(config);
  return { call: values === undefined ? { text, send } : { text, values, send }, callback };
}

function isSubmittable(value: unknown): value is pg.Submittable {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as pg.Submittable).submit === 'function'
  );
}

/** A connection as the file sees it, whose statements go through the attempt's queue to the real one. */
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
    const result = attempt().execute(owner, { ...call, send: () => call.send(real) });
    if (!callback) return result;
    result.then((value) => {
      callback(null, value);
    }, callback);
    return undefined;
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
    if (!current || isSubmittable(args[0])) return query(...args);
    const { attempt, owner } = current;
    const { call, callback } = readCall(args);
    const statement = attempt.findings.note(call.text, call.values);
    attempt.starts(statement, owner, client);
    const result = call.send({ query } as unknown as pg.Client);
    const settled = result.then(
      (value) => {
        attempt.ends(statement, owner);
        return value;
      },
      (error: unknown) => {
        attempt.ends(statement, owner, error);
        throw error;
      },
    );
    if (!callback) return settled;
    settled.then((value) => {
      callback(null, value);
    }, callback);
    return undefined;
  };
  client.query = observe as typeof client.query;
}
