import type pg from 'pg';

/** Sequelize's connection manager, as much of it as matters here; the same in versions 5 and 6. */
export interface ConnectionManager {
  readonly dialectName?: string;
  readonly sequelize: {
    readonly config: Readonly<Record<string, unknown>>;
    readonly options: { databaseVersion?: string | number };
    /** Its class, which in version 5 has Bluebird. */
    readonly constructor: { readonly Promise?: PromiseConstructor };
  };
  readonly pool: { destroy(connection: pg.Client): unknown };
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

type Originals = Pick<
  ConnectionManager,
  'getConnection' | 'releaseConnection' | 'destroyConnection'
>;

const interceptors = new Set<ConnectionInterceptor>();
const patched = new Map<object, Originals>();

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
  const prototype = prototypeOf(manager);
  if (!patched.has(prototype)) patched.set(prototype, patch(prototype));
  interceptors.add(interceptor);
  return () => {
    interceptors.delete(interceptor);
    if (interceptors.size > 0) return;
    for (const [owner, originals] of patched) Object.assign(owner, originals);
    patched.clear();
  };
}

/** A connection of the pool itself, past every interceptor. */
export function takeFromPool(manager: ConnectionManager): PromiseLike<pg.Client> {
  const prototype = prototypeOf(manager);
  const { getConnection } = patched.get(prototype) ?? prototype;
  return getConnection.call(manager, { type: 'RAW', useMaster: true });
}

function prototypeOf(manager: ConnectionManager): ConnectionManager {
  let prototype = Object.getPrototypeOf(manager) as object;
  while (!Object.hasOwn(prototype, 'getConnection'))
    prototype = Object.getPrototypeOf(prototype) as object;
  return prototype as ConnectionManager;
}

function patch(prototype: ConnectionManager): Originals {
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
  if (!destroyConnection) return { getConnection, releaseConnection };
  prototype.destroyConnection = function (this: ConnectionManager, connection) {
    const taken = [...interceptors].some((candidate) => candidate.release(connection));
    return taken ? asOwnPromise(this, undefined) : destroyConnection.call(this, connection);
  };
  return { getConnection, releaseConnection, destroyConnection };
}

/** Sequelize 5 calls methods of Bluebird, such as `tap`, on what it is given. */
function asOwnPromise<T>(
  { sequelize }: ConnectionManager,
  value: T | PromiseLike<T>,
): PromiseLike<T> {
  return (sequelize.constructor.Promise ?? Promise).resolve(value);
}
