import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A statement as it passes: a simple query, or the Parse of an extended one. */
export interface WireStatement {
  /** Counted from 1 over all connections of the proxy. */
  readonly number: number;
  /** The connection's application_name. */
  readonly application: string;
  /** The server's process that the connection is with. */
  readonly pid: number;
  readonly sql: string;
}

/**
 * Where in the life of a statement a fault strikes: before the server sees it, while the server works on it,
 * or when the server is done and nobody has heard its answer.
 */
export type Phase = 'before' | 'during' | 'after';

/** What becomes of the statement, or of its answer, once the fault has struck. */
export type Verdict = 'forward' | 'drop' | 'stall';

/** Called as each statement reaches each phase. */
export type Watcher = (
  statement: WireStatement,
  phase: Phase,
) => Verdict | undefined | Promise<Verdict | undefined>;

/** A proxy that speaks as much of PostgreSQL's protocol as it takes to tell statements apart. */
export interface WireProxy {
  readonly port: number;
  readonly statements: readonly WireStatement[];
  /** Breaks every connection; later ones are let through. */
  cut(): void;
  /** From now on nothing passes, in either direction, on connections old and new. */
  stall(): void;
  close(): Promise<void>;
}

const CANCEL_REQUEST = 80877102;
const SSL_REQUEST = 80877103;

/** A message of the protocol. */
interface Message {
  /** Empty for the untyped messages that a connection begins with. */
  readonly type: string;
  readonly body: Buffer;
  readonly raw: Buffer;
}

type Step = 'forward' | 'drop' | 'sent';

/** Starts a proxy before a server. The watcher decides what happens at each statement. */
export async function startProxy(
  target: { readonly host: string; readonly port: number },
  watcher: Watcher = () => undefined,
): Promise<WireProxy> {
  const statements: WireStatement[] = [];
  const sockets = new Set<Socket>();
  let stalled = false;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const gate = async (verdict: Verdict | undefined): Promise<'forward' | 'drop'> => {
    if (verdict !== 'stall' && !stalled) return verdict ?? 'forward';
    await ended;
    return 'drop';
  };

  const serve = (client: Socket): void => {
    const server = connect(target.port, target.host);
    const state = { application: '', pid: 0, pending: [] as WireStatement[] };
    const closeBoth = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      sockets.add(socket.setNoDelay(true));
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        if (!stalled) setImmediate(closeBoth);
      });
    }
    const begin = (sql: string): WireStatement => {
      const { application, pid } = state;
      const statement = { number: statements.length + 1, application, pid, sql };
      statements.push(statement);
      return statement;
    };
    const ask = async (statement: WireStatement, phase: Phase): Promise<'forward' | 'drop'> =>
      gate(await watcher(statement, phase));

    const fromClient = async (message: Message): Promise<Step> => {
      if (message.type === '') {
        state.application = readApplication(message.body) ?? state.application;
        return gate(undefined);
      }
      let statement: WireStatement | undefined;
      if (message.type === 'Q') statement = begin(cString(message.body, 0));
      if (message.type === 'P') {
        const nameEnd = message.body.indexOf(0);
        statement = begin(cString(message.body, nameEnd + 1));
      }
      if (!statement) return gate(undefined);
      state.pending.push(statement);
      const verdict = await ask(statement, 'before');
      if (verdict === 'drop') return verdict;
      server.write(message.raw);
      return (await ask(statement, 'during')) === 'drop' ? 'drop' : 'sent';
    };
    const fromServer = async (message: Message): Promise<Step> => {
      if (message.type === 'K') state.pid = message.body.readInt32BE(0);
      const statement = message.type === 'Z' ? state.pending.shift() : undefined;
      return statement ? ask(statement, 'after') : gate(undefined);
    };
    void pump(client, server, fromClient, closeBoth, true);
    void pump(server, client, fromServer, closeBoth, false);
  };

  const listener: Server = createServer(serve);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    statements,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    stall: () => {
      stalled = true;
    },
    close: async () => {
      end();
      listener.close();
      for (const socket of sockets) socket.destroy();
      await once(listener, 'close');
    },
  };
}

/** Passes messages on one by one, in order, each when `decide` lets it. */
async function pump(
  from: Socket,
  to: Socket,
  decide: (message: Message) => Promise<Step>,
  closeBoth: () => void,
  untypedFirst: boolean,
): Promise<void> {
  let buffer = Buffer.alloc(0);
  let untyped = untypedFirst;
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      buffer = Buffer.concat([buffer, chunk]);
      for (let message = take(buffer, untyped); message; message = take(buffer, untyped)) {
        buffer = buffer.subarray(message.raw.length);
        if (untyped) {
          const code = message.body.readInt32BE(0);
          // The answer to an SSL request is a single byte, and the real start follows.
          if (code === SSL_REQUEST) {
            from.write('N');
            continue;
          }
          untyped = code === CANCEL_REQUEST;
        }
        const verdict = await decide(message);
        if (verdict === 'drop') {
          closeBoth();
          return;
        }
        if (verdict === 'forward') to.write(message.raw);
      }
    }
  } catch {
    // The connection broke, which is what these tests are about.
  }
  to.end();
}

function take(buffer: Buffer, untyped: boolean): Message | undefined {
  const head = untyped ? 0 : 1;
  if (buffer.length < head + 4) return undefined;
  const length = head + buffer.readInt32BE(head);
  if (buffer.length < length) return undefined;
  return {
    type: untyped ? '' : String.fromCharCode(buffer[0] ?? 0),
    body: buffer.subarray(head + 4, length),
    raw: buffer.subarray(0, length),
  };
}

function cString(buffer: Buffer, start: number): string {
  return buffer.toString('utf8', start, buffer.indexOf(0, start));
}

function readApplication(startup: Buffer): string | undefined {
  const parts = startup.toString('utf8', 4).split('\0');
  const index = parts.indexOf('application_name');
  return index % 2 === 0 ? parts[index + 1] : undefined;
}
