import { SettingsError } from './settings.error.js';
import { parseAddressRange } from './address-range.js';
import { parseOrigin } from './origin.js';
import { parseTokenSecrets, type TokenSecret } from './secrets.js';
import {
  duration,
  integer,
  list,
  matching,
  oneOf,
  optionalOrigin,
  optionalUrl,
  size,
  text,
  type Setting,
} from './setting.js';

/** Every setting of the service, in the order in which `.env.example` lists them. */
export const SETTINGS = {
  nodeEnv: oneOf(
    {
      name: 'NODE_ENV',
      default: 'development',
      description: 'production: JSON logs, and no secret is made up for nodes that must share it.',
    },
    ['development', 'test', 'production'],
  ),
  logLevel: oneOf({ name: 'LOG_LEVEL', default: 'warn', description: 'The least severe log line that is written.' }, [
    'debug',
    'log',
    'warn',
    'error',
    'fatal',
  ]),

  host: text({
    name: 'HOST',
    default: '0.0.0.0',
    description: 'The address to listen on; 127.0.0.1 for this machine alone.',
  }),
  port: integer(
    {
      name: 'PORT',
      default: '3000',
      description: 'The TCP port of the API, the console and the WebSocket endpoint; 0 takes a free one.',
    },
    0,
    65_535,
  ),
  publicUrl: optionalOrigin({
    name: 'PUBLIC_URL',
    description:
      "The service's address as browsers see it, such as https://push.example.com. Without it, connectionUri is made from the request's own host.",
  }),
  trustedProxies: list(
    {
      name: 'TRUSTED_PROXIES',
      default: '',
      description: 'Addresses or CIDR ranges of the proxies whose word on clients counts: see FORWARDED_HEADER.',
    },
    'IP addresses or CIDR ranges',
    parseAddressRange,
  ),
  forwardedHeader: oneOf(
    {
      name: 'FORWARDED_HEADER',
      default: 'x-forwarded-for',
      description:
        'The header in which TRUSTED_PROXIES append the address of the client. The other one is ignored, since they may let it through as the client sent it.',
    },
    ['x-forwarded-for', 'forwarded'],
  ),
  tlsCertFile: text({
    name: 'TLS_CERT_FILE',
    default: '',
    description:
      'A file with the certificate in PEM, and the certificates between it and its root behind it. The service then speaks TLS alone, and takes up changed files by itself.',
  }),
  tlsKeyFile: text({
    name: 'TLS_KEY_FILE',
    default: '',
    description: 'A file with the private key of TLS_CERT_FILE in PEM.',
  }),
  corsOrigins: list(
    {
      name: 'CORS_ORIGINS',
      default: '',
      description:
        'Origins such as https://admin.example.com whose pages may call the API with an access key. Without it none may.',
    },
    'origins such as https://admin.example.com',
    parseOrigin,
  ),
  drainTime: duration(
    {
      name: 'DRAIN_TIME',
      default: '10s',
      description: 'How long the open connections are spread over when the service stops.',
    },
    '0',
    '1h',
  ),
  stopTimeout: duration(
    {
      name: 'STOP_TIMEOUT',
      default: '15s',
      description:
        'How long a service that stops may take beyond DRAIN_TIME to end what is under way. Then its process ends with 1 all the same.',
    },
    '100ms',
    '1h',
  ),

  dataDir: text({
    name: 'DATA_DIR',
    default: './data',
    description: 'The folder of the embedded database and of the secrets that were made.',
  }),
  databaseUrl: optionalUrl(
    {
      name: 'DATABASE_URL',
      description: 'A PostgreSQL server (14 or later). Without it an embedded one runs, its data in DATA_DIR.',
    },
    ['postgres', 'postgresql'],
  ),
  databasePoolSize: integer(
    { name: 'DATABASE_POOL_SIZE', default: '10', description: 'Connections to the database for each process.' },
    2,
    1_000,
  ),
  redisUrl: optionalUrl(
    {
      name: 'REDIS_URL',
      description: 'Redis or Valkey for the queue and the signals between nodes. Without it both use PostgreSQL.',
    },
    ['redis', 'rediss'],
  ),
  namespace: matching(
    {
      name: 'NAMESPACE',
      default: 'homing',
      description:
        'Prefix of every queue key and signal channel, so that two installations can share a Redis or a database server.',
    },
    /^[A-Za-z_][A-Za-z0-9_]{0,39}$/,
    'a word of letters, digits and underscores that begins with no digit, of at most 40 characters',
  ),

  tokenSecrets: {
    name: 'TOKEN_SECRETS',
    default: '',
    description:
      'Secrets with their ids, such as "b:NEW,a:OLD". The first one seals new tokens, all of them open. Without it one is made in DATA_DIR.',
    parse: (value) => (value === '' ? [] : parseTokenSecrets(value)),
  } satisfies Setting<readonly TokenSecret[]>,
  tokenTtl: duration(
    {
      name: 'TOKEN_TTL',
      default: '7d',
      description:
        'How long a recipient token can open connections; 0 for ever. Made shorter, it ends tokens that were made before. Who makes it longer again changes TOKEN_SECRETS too: a revocation is kept for one TOKEN_TTL.',
    },
    '0',
    '36500d',
  ),

  maxMessageBytes: size(
    { name: 'MAX_MESSAGE_SIZE', default: '64KiB', description: 'The largest message text, in bytes of UTF-8.' },
    '1B',
    '1MiB',
  ),
  maxRecipientLength: integer(
    { name: 'MAX_RECIPIENT_LENGTH', default: '256', description: 'The longest recipient name, in characters.' },
    1,
    256,
  ),
  maxTopicLength: integer(
    { name: 'MAX_TOPIC_LENGTH', default: '256', description: 'The longest topic, in characters.' },
    1,
    256,
  ),
  maxRecipients: integer(
    { name: 'MAX_RECIPIENTS', default: '10000', description: 'The most recipients of one pushMessage.' },
    1,
    100_000,
  ),
  maxBodyBytes: size(
    { name: 'MAX_BODY_SIZE', default: '8MiB', description: 'The largest GraphQL request body.' },
    '1KiB',
    '64MiB',
  ),
  maxQueryDepth: integer(
    {
      name: 'MAX_QUERY_DEPTH',
      default: '16',
      description: 'The deepest GraphQL selection (introspection by the console needs 15).',
    },
    2,
    100,
  ),
  maxQueryAliases: integer(
    { name: 'MAX_QUERY_ALIASES', default: '30', description: 'The most aliases in one GraphQL document.' },
    0,
    10_000,
  ),
  maxQueryFields: integer(
    {
      name: 'MAX_QUERY_FIELDS',
      default: '500',
      description: 'The most fields selected by one GraphQL document, fragments counted wherever they are spread.',
    },
    10,
    100_000,
  ),
  maxQueryCost: integer(
    {
      name: 'MAX_QUERY_COST',
      default: '250000',
      description:
        'The most that one operation may cost: the recipients of its largest push, or the limit of its largest page, times the fields that it selects.',
    },
    1_000,
    100_000_000,
  ),
  maxAnswerBytes: size(
    {
      name: 'MAX_ANSWER_SIZE',
      default: '16MiB',
      description:
        'The most bytes of message texts in one answer, each counted as often as it is selected. A page ends where it has them; a push whose answer would have more is refused.',
    },
    '1MiB',
    '64MiB',
  ),
  maxPageSize: integer(
    { name: 'MAX_PAGE_SIZE', default: '1000', description: 'The largest page of a query.' },
    1,
    10_000,
  ),
  mutationRate: integer(
    {
      name: 'MUTATION_RATE',
      default: '5000',
      description:
        'The most mutations a second for each tenant: over all nodes with REDIS_URL, on each node without it. A burst of as many is allowed.',
    },
    1,
    1_000_000,
  ),
  failedKeyRate: integer(
    {
      name: 'FAILED_KEY_RATE',
      default: '30',
      description:
        'The most requests a minute with an access key that is not valid, from each address (IPv6: each /64) on each node; a burst of as many is allowed.',
    },
    1,
    1_000_000,
  ),

  headersTimeout: duration(
    {
      name: 'HEADERS_TIMEOUT',
      default: '10s',
      description: 'How long a client may take to send the head of a request; then it is answered 408 and cut off.',
    },
    '100ms',
    '10m',
  ),
  requestTimeout: duration(
    {
      name: 'REQUEST_TIMEOUT',
      default: '30s',
      description:
        'How long a client may take to send a whole request, its body included; then it is answered 408 and cut off. And how long to read the answer; then it is cut off.',
    },
    '100ms',
    '1h',
  ),

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

/** The settings of a running service: durations in milliseconds, sizes in bytes. */
export type SettingValues = { readonly [K in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[K]['parse']> };

/**
 * Reads every setting from an environment.
 * @throws SettingsError with a sentence for each mistake, all of them at once.
 */
export function readSettings(environment: Record<string, string | undefined>): SettingValues {
  const mistakes: string[] = [];
  const entries = Object.entries(SETTINGS).map(([key, setting]) => {
    try {
      return [key, setting.parse((environment[setting.name] ?? '').trim() || setting.default)];
    } catch (error) {
      mistakes.push(`${setting.name} must be ${(error as Error).message}.`);
      return [key, undefined];
    }
  });
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return Object.fromEntries(entries) as SettingValues;
}
