import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KeelError, messageOf, NOTHING_CHANGED } from '../../errors';
import { readPageCode } from '../render/read-page-code';
import type { ServedPage } from './served-page';

export interface PageServerOptions {
  /** 0 for one that is free. */
  readonly port: number;
  readonly page: ServedPage;
  /** Called when somebody loads the page. */
  readonly onVisit: () => void;
}

/** The only address that is listened on: nothing but this machine can reach it. */
const HOST = '127.0.0.1';

/**
 * Serves the page while `use` runs, at an address that nobody can guess.
 *
 * @throws KeelError PAGE_NOT_SERVED
 */
export async function withPageServer<Result>(
  options: PageServerOptions,
  use: (url: string) => Promise<Result>,
): Promise<Result> {
  const token = randomBytes(24).toString('base64url');
  const server = createServer();
  const port = await listen(server, options.port);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response, { ...options, port, token });
  });
  try {
    return await use(`http://${HOST}:${port}/${token}/`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function listen(server: Server, port: number): Promise<number> {
  try {
    await once(server.listen({ host: HOST, port, exclusive: true }), 'listening');
    return (server.address() as AddressInfo).port;
  } catch (error) {
    throw new KeelError(`The page cannot be served on port ${port}: ${messageOf(error)}`, {
      code: 'PAGE_NOT_SERVED',
      state: NOTHING_CHANGED,
      hint: 'Give another --port, or none: then a free one is chosen.',
      cause: error,
    });
  }
}

const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

type Exchange = PageServerOptions & { readonly token: string };

function answer(request: IncomingMessage, response: ServerResponse, exchange: Exchange): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  // Whatever the body is, it is not read.
  request.resume();
  // A site whose name was made to point at this machine is the page's own origin to the browser, and would read it.
  // https://en.wikipedia.org/wiki/DNS_rebinding
  if (!isOwnAddress(request.headers.host, exchange.port))
    return refuse(response, 403, 'This server answers to its own address only.');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return refuse(response, 405, 'This server is for reading only.');
  }
  const [path = ''] = (request.url ?? '').split('?');
  const [, token = '', ...rest] = path.split('/');
  if (!isSame(token, exchange.token)) return refuse(response, 404, 'There is nothing here.');
  switch (rest.join('/')) {
    case '':
      if (rest.length > 0) return sendPage(request, response, exchange);
      break;
    case 'events':
      return sendEvents(request, response, exchange.page);
  }
  refuse(response, 404, 'There is nothing here.');
}

function isOwnAddress(host: string | undefined, port: number): boolean {
  return host === `${HOST}:${port}` || host === `localhost:${port}`;
}

/** In a time that does not tell how much of it is right. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.setHeader('Content-Security-Policy', `default-src 'none'; frame-ancestors 'none'`);
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

function sendPage(
  { method }: IncomingMessage,
  response: ServerResponse,
  { page, onVisit }: Exchange,
): void {
  const body = Buffer.from(page.html);
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': body.length,
    'Content-Security-Policy': `${readPageCode({ live: true }).policy}; frame-ancestors 'none'`,
  });
  response.end(method === 'HEAD' ? undefined : body);
  if (method === 'GET') onVisit();
}

/** Tells an open page of each new state, beginning with that of now. */
function sendEvents({ method }: IncomingMessage, response: ServerResponse, page: ServedPage): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
  if (method === 'HEAD') {
    response.end();
    return;
  }
  const stop = page.listen((told) => {
    response.write(`data: ${JSON.stringify(told)}\n\n`);
  });
  response.on('close', stop);
}
