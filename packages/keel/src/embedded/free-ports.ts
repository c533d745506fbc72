import { connect, createServer } from 'node:net';

/** The only address an embedded server listens on: nothing but this machine can reach it. */
export const HOST = '127.0.0.1';

/** The port that a project's first start tries first. */
export const FIRST_PORT = 54320;
const ATTEMPTS = 200;

/** Whether nothing listens on the port now; it can be taken the moment after. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: HOST, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Free ports in the order in which to try them: the preferred one, then upwards from the usual one. */
export async function* freePorts(preferred: number | undefined): AsyncGenerator<number> {
  if (preferred !== undefined && (await isFree(preferred))) yield preferred;
  for (let port = FIRST_PORT; port < FIRST_PORT + ATTEMPTS; port += 1) {
    if (port !== preferred && (await isFree(port))) yield port;
  }
}

/** Whether something accepts connections on the port. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port, timeout: 1000 });
    const settle = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', settle(true));
    socket.once('error', settle(false));
    socket.once('timeout', settle(false));
  });
}
