import { duration, integer, size, type Setting } from './setting.js';

/** How many connections there may be, what they may do, and how messages are looked after. In the order of `.env.example`. */
export const DELIVERY_SETTINGS = {
  maxConnectionsPerRecipient: integer(
    {
      name: 'MAX_CONNECTIONS_PER_RECIPIENT',
      default: '100',
      description: 'The most open connections of one recipient on each node; more are refused with 429.',
    },
    1,
    1_000_000,
  ),
  maxConnectionsPerTenant: integer(
    {
      name: 'MAX_CONNECTIONS_PER_TENANT',
      default: '100000',
      description: 'The most open connections of one tenant on each node; more are refused with 429.',
    },
    1,
    10_000_000,
  ),
  maxConnectionsPerAddress: integer(
    {
      name: 'MAX_CONNECTIONS_PER_ADDRESS',
      default: '10000',
      description:
        'The most open connections from one address (IPv6: each /64) on each node; more are refused with 429. TRUSTED_PROXIES may open any number; behind them it counts WebSockets by the address of the client.',
    },
    1,
    10_000_000,
  ),
  maxConnections: integer(
    {
      name: 'MAX_CONNECTIONS',
      default: '100000',
      description: 'The most open connections of a node; more are refused with 429.',
    },
    1,
    10_000_000,
  ),
  pingInterval: duration(
    {
      name: 'PING_INTERVAL',
      default: '25s',
      description: 'Time between pings on a quiet connection. One that has not answered by the next is dead.',
    },
    '100ms',
    '30s',
  ),
  maxInboundFrame: size(
    {
      name: 'MAX_INBOUND_FRAME',
      default: '4KiB',
      description: 'The largest frame a client may send (it is dropped); a larger one closes 1009.',
    },
    '125B',
    '1MiB',
  ),
  inboundRate: integer(
    {
      name: 'INBOUND_RATE',
      default: '20',
      description: 'The most frames a second that a client may send, averaged over ten seconds; a flood closes 1008.',
    },
    1,
    100_000,
  ),
  maxBufferedBytes: size(
    {
      name: 'MAX_BUFFERED',
      default: '1MiB',
      description:
        'The most bytes that wait for a consumer who does not read; more and it is cut off, its messages stay PENDING.',
    },
    '128KiB',
    '1GiB',
  ),

  reconcileInterval: duration(
    {
      name: 'RECONCILE_INTERVAL',
      default: '10s',
      description: 'How often each node looks for messages of its recipients whose events were lost.',
    },
    '100ms',
    '15s',
  ),
  messageRetention: duration(
    {
      name: 'MESSAGE_RETENTION',
      default: '30d',
      description:
        'How long messages are kept. One that can still be delivered, because it expires later, stays until then.',
    },
    '1m',
    '36500d',
  ),
} satisfies Record<string, Setting<unknown>>;
