import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { addressGroup, isWithin } from '../config/address-range.js';
import type { SettingValues } from '../config/settings.js';
import type { Metrics } from '../metrics/metrics.js';
import { Counts } from './counts.js';
import { RateBuckets } from './rate-buckets.js';
import { giveRequestId, REQUEST_ID } from './request-id.js';

/** How often Node looks for requests that take too long, in milliseconds. */
const CHECK_INTERVAL = 1_000;
/** How many connections of a crowded address are answered in a second; the others are reset. */
const ANSWERS_RATE = 10;
/** How long a client may take to read why it is cut off, in milliseconds. */
const PATIENCE = 1_000;

/** A way in which a request is refused by HTTP status. */
export interface Refusal {
  readonly status: number;
  /** The answer's body: what is wrong, to whoever reads it. */
  readonly reason: string;
  /** What a client should do now. */
  readonly client: string;
}

const STAYS_AWAY = 'Stays away until it is mended.';

/** Every answer to what does not become a request, or comes from a crowded address. `docs/close-codes.md` is written from it. */
export const CUT_OFFS = {
  notHttp: { status: 400, reason: 'The request is not HTTP.', client: STAYS_AWAY },
  noGateway: {
    status: 404,
    reason: 'This node takes no WebSockets.',
    client: 'Stays away until it is mended: a proxy sends it to a node without the role `gateway`.',
  },
  slow: {
    status: 408,
    reason: 'The request was not sent within HEADERS_TIMEOUT and REQUEST_TIMEOUT.',
    client: 'Comes back.',
  },
  addressFull: {
    status: 429,
    reason: 'Your address has too many connections.',
    client: 'Comes back later. `Retry-After` is given.',
  },
  largeHead: { status: 431, reason: 'The head of the request is too large.', client: STAYS_AWAY },
} as const satisfies Record<string, Refusal>;

type Limits = Pick<SettingValues, 'headersTimeout' | 'requestTimeout' | 'maxConnectionsPerAddress' | 'trustedProxies'>;

/** Makes a server cut off clients that are too slow, and refuse those that open too many connections. */
export function limitServer(server: Server, limits: Limits, metrics: Metrics): void {
  const { headersTimeout, requestTimeout } = limits;
  // Node takes the interval as an option of the constructor, which Nest calls, and reads it when the server listens.
  Object.assign(server, { headersTimeout, requestTimeout, connectionsCheckingInterval: CHECK_INTERVAL });
  cutOffIdleReaders(server, requestTimeout);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => answerClientError(error, socket, metrics));
  limitAddresses(server, limits, metrics);
}

/** Refuses every upgrade, on a node that has no gateway. */
export function refuseUpgrades(
  server: Server,
  settings: Pick<SettingValues, 'trustedProxies'>,
  metrics: Metrics,
): void {
  server.on('upgrade', (request, socket) => {
    endOnError(socket);
    metrics.httpRefusals.of({ reason: 'no_gateway' }).add();
    refuse(socket, CUT_OFFS.noGateway, giveRequestId(request, settings));
  });
}

function answerClientError({ code = '' }: NodeJS.ErrnoException, socket: Socket, { httpRefusals }: Metrics): void {
  const [reason, refusal] =
    code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? (['slow', CUT_OFFS.slow] as const)
      : code === 'HPE_HEADER_OVERFLOW'
        ? (['large_head', CUT_OFFS.largeHead] as const)
        : code.startsWith('HPE_')
          ? (['not_http', CUT_OFFS.notHttp] as const)
          : (['network', null] as const);
  httpRefusals.of({ reason }).add();
  if (refusal) refuse(socket, refusal);
  else socket.destroy();
}

/** Ends the connections of clients that do not read what they asked for: answers that wait take memory. */
function cutOffIdleReaders(server: Server, patience: number): void {
  // Of those that read nothing at all, such as half of a file.
  server.setTimeout(patience, (socket: Socket) => {
    if (socket.writableLength > 0) socket.destroy();
  });
  // And of those that read an answer, which is handed over as a whole, a little at a time.
  server.on('request', (_request, response: ServerResponse) => {
    response.once('prefinish', () => {
      const { socket } = response;
      if (!socket?.writableLength) return;
      const end = socket.bytesWritten;
      setTimeout(() => {
        if (socket.bytesWritten - socket.writableLength < end) socket.destroy();
      }, patience).unref();
    });
  });
}

/**
 * Looks at a connection before anything is built for it, since a flood opens thousands a second. Most of those that are too
 * many are reset without a word: that takes half of the time.
 */
function limitAddresses(
  server: Server,
  { maxConnectionsPerAddress, trustedProxies }: Limits,
  { httpRefusals }: Metrics,
): void {
  const crowded = httpRefusals.of({ reason: 'address_full' });
  const open = new Counts();
  const answers = new RateBuckets(ANSWERS_RATE, ANSWERS_RATE);
  const takers = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (!isWithin(address, trustedProxies)) {
      const group = addressGroup(address);
      if (open.of(group) >= maxConnectionsPerAddress) {
        crowded.add();
        socket.on('error', () => undefined);
        // Before the handshake of TLS there is no way to say why.
        if (server instanceof HttpsServer || !answers.take(group)) socket.resetAndDestroy();
        else refuse(socket, CUT_OFFS.addressFull);
        return;
      }
      open.add(group, 1);
      socket.once('close', () => open.add(group, -1));
    }
    for (const take of takers) take.call(server, socket);
  });
}

/** Ends a connection that fails. Here, so that the listener keeps nothing else in memory, as the request of an upgrade. */
export function endOnError(socket: Duplex): void {
  socket.on('error', () => socket.destroy());
}

/** The headers of a refusal, whoever writes it. */
export function refusalHeaders({ status }: Refusal, requestId: string): Record<string, string> {
  return {
    'Content-Type': 'text/plain; charset=utf-8',
    [REQUEST_ID]: requestId,
    ...((status === 429 || status === 503) && { 'Retry-After': '1' }),
  };
}

/** Says why, and ends the connection, whose client may leave its half open for ever. What became no request has no id yet. */
export function refuse(socket: Duplex, refusal: Refusal, requestId: string = randomUUID()): void {
  const { status, reason } = refusal;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(reason)}`,
    ...Object.entries(refusalHeaders(refusal, requestId)).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${reason}`, () => socket.destroy());
  setTimeout(() => socket.destroy(), PATIENCE).unref();
}
