import { availableParallelism } from 'node:os';
import { parseAddressRange } from './address-range.js';
import { parseOrigin } from './origin.js';
import {
  duration,
  integer,
  integerOrAuto,
  list,
  oneOf,
  optionalInteger,
  optionalOrigin,
  size,
  someOf,
  text,
  type Setting,
} from './setting.js';

/** What a node can do: answer the API, hold the connections of recipients, work the queue. */
export const ROLES = ['api', 'gateway', 'worker'] as const;
export type Role = (typeof ROLES)[number];

/** How a node serves: what it does, where it listens, whom it trusts, and how it stops. In the order of `.env.example`. */
export const SERVICE_SETTINGS = {
  nodeEnv: oneOf(
    {
      name: 'NODE_ENV',
      default: 'development',
      description: 'production: a log in JSON, and no secret is made up for nodes that must share it.',
    },
    ['development', 'test', 'production'],
  ),
  logLevel: oneOf(
    {
      name: 'LOG_LEVEL',
      default: 'info',
      description:
        'The least severe log line that is written; log is another word for info. At debug a message can be followed by the id of its request.',
    },
    ['debug', 'info', 'log', 'warn', 'error', 'fatal'],
  ),
  logFormat: oneOf(
    {
      name: 'LOG_FORMAT',
      default: 'auto',
      description:
        'json: one object a line, and nothing else on standard output and standard error; text: for people to read, and a first start shows a demo access key; auto: json in production, else text.',
    },
    ['auto', 'json', 'text'],
  ),
  logBuffer: size(
    {
      name: 'LOG_BUFFER',
      default: '1MiB',
      description:
        'The log lines that wait in memory while nobody reads standard output. Beyond it lines are dropped, and counted.',
    },
    '4KiB',
    '1GiB',
  ),
  roles: someOf(
    {
      name: 'ROLES',
      default: ROLES.join(','),
      description:
        'What this node does: api answers GraphQL and has the console and the tour, gateway takes WebSockets, worker works the queue. An installation needs each of them somewhere.',
    },
    ROLES,
  ),
  processes: integerOrAuto(
    {
      name: 'PROCESSES',
      default: '1',
      description:
        'How many processes serve on this machine, on one port; auto: as many as it has cores. The argument --processes goes before it.',
    },
    1,
    256,
    availableParallelism,
  ),

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
  metricsPort: optionalInteger(
    {
      name: 'METRICS_PORT',
      description:
        'The TCP port of /metrics for Prometheus, such as 9464; 0 takes a free one. Without it there are no metrics. Of several PROCESSES each has its own: this one, and those that follow.',
    },
    0,
    // Room for the last of the most processes.
    65_535 - 255,
  ),
  metricsHost: text({
    name: 'METRICS_HOST',
    default: '127.0.0.1',
    description:
      'The address on which METRICS_PORT listens: this machine alone, unless another is given. Whoever reaches it reads the metrics, without a key.',
  }),
  metricsInterval: duration(
    {
      name: 'METRICS_INTERVAL',
      default: '15s',
      description: 'How long a process remembers what it has to ask the database or the queue for a scrape.',
    },
    '0',
    '10m',
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
  tour: oneOf(
    {
      name: 'TOUR',
      default: 'on',
      description:
        'on: nodes with the role api show a browser that opens / a tour, on which whoever has an access key sees the service at work. off: nothing is there.',
    },
    ['on', 'off'],
  ),
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
  shutdownDelay: duration(
    {
      name: 'SHUTDOWN_DELAY',
      default: '0',
      description:
        'How long a service that stops goes on as before, and only says that it is not ready, so that the balancers before it notice.',
    },
    '0',
    '10m',
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
        'How long a service that stops may take beyond SHUTDOWN_DELAY and DRAIN_TIME to end what is under way. Then its process ends with 1 all the same.',
    },
    '100ms',
    '1h',
  ),
} satisfies Record<string, Setting<unknown>>;
