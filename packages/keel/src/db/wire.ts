import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type pg from 'pg';

/**
 * What keel reads of a `pg` client that its types do not show. The same in all of version 8.
 *
 * @see https://github.com/brianc/node-postgres/blob/master/packages/pg/lib/client.js
 */
interface Internals {
  /** Emits each message of the server under its name in the protocol. */
  readonly connection: EventEmitter & { readonly stream: Socket };
  /** Null until the server has told it. */
  readonly processID: number | null;
}

/** The transaction status that ends each answer. I: idle, T: in a transaction, E: in a failed transaction. */
export type WireStatus = 'I' | 'T' | 'E';

function internalsOf(client: pg.Client): Internals {
  return client as unknown as Internals;
}

/** The socket, or the TLS socket, below a connection. */
export function streamOf(client: pg.Client): Socket {
  return internalsOf(client).connection.stream;
}

/** Whether the connection is gone: whatever is sent on it now gets no answer. */
export function isCut(client: pg.Client): boolean {
  const { destroyed, readableEnded } = streamOf(client);
  return destroyed || readableEnded;
}

/** The server's process for a connection. Behind a pooler the number means nothing to the server. */
export function processIdOf(client: pg.Client): number | undefined {
  return internalsOf(client).processID ?? undefined;
}

/** Calls `listener` at the end of each answer of the server. */
export function onAnswered(client: pg.Client, listener: (status: WireStatus) => void): void {
  internalsOf(client).connection.on('readyForQuery', (message: { status: WireStatus }) => {
    listener(message.status);
  });
}

/** Calls `listener` when a statement fails; the answer goes on after that. */
export function onErrorMessage(client: pg.Client, listener: () => void): void {
  internalsOf(client).connection.on('errorMessage', listener);
}

/** Calls `listener` with each value that the server reports of a setting, from the login on. */
export function onParameter(
  client: pg.Client,
  name: string,
  listener: (value: string) => void,
): void {
  const { connection } = internalsOf(client);
  connection.on('parameterStatus', (message: { parameterName: string; parameterValue: string }) => {
    if (message.parameterName === name) listener(message.parameterValue);
  });
}
