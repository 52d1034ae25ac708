import { type Kind, PASSES } from './log-event-kind.js';

/** What happens to a process, at its admin pages, and to those who call it. */
export const PROCESS_LOG_EVENTS = {
  // The process
  'service.starting': { level: 'info', meaning: 'A step of the start that may take a while.', act: '' },
  'service.listening': { level: 'info', meaning: 'The service takes requests at this address.', act: '' },
  'service.keyless': {
    level: 'info',
    meaning:
      'There is no access key yet, and a log must hold none: unlike a start for people to read, this one made none.',
    act: 'Make one: `npm run cli -- access-key create`, or `npx homing access-key create`.',
  },
  'service.stopping': { level: 'info', meaning: 'A signal was heard. The node drains.', act: '' },
  'service.stopped': { level: 'info', meaning: 'Everything has ended in order.', act: '' },
  'service.stop-timeout': {
    level: 'error',
    meaning:
      'What was under way did not end within `STOP_TIMEOUT`; the process ended all the same. Nothing acknowledged is lost. This line goes to standard error.',
    act: 'See what hung before: mostly the database. A longer `STOP_TIMEOUT` if it was only slow.',
  },
  'service.failed': {
    level: 'fatal',
    meaning: "The service can't start, and why. This line goes to standard error.",
    act: 'Mend what it names: a setting, the port, the database.',
  },
  'process.crashed': {
    level: 'fatal',
    meaning:
      'Something went wrong that nobody expected, and the process ended with 1. This line goes to standard error.',
    act: 'Whoever runs it starts it anew, and nothing acknowledged is lost. Report it with its stack.',
  },
  'process.replaced': {
    level: 'warn',
    meaning: 'One of the `PROCESSES` ended, and another is started.',
    act: 'See its last lines (`pid`), and whether the machine ran out of memory.',
  },
  'process.warning': {
    level: 'warn',
    meaning: 'A warning of Node.js.',
    act: 'Report it, if it comes again and again.',
  },
  'library.said': {
    level: 'warn',
    meaning: 'A library wrote to the console.',
    act: 'Read it: mostly advice on how Redis or PostgreSQL is set up.',
  },
  'debug.ignored': {
    level: 'warn',
    meaning: 'The variable `DEBUG` is set. It is ignored: what libraries print for it holds passwords and texts.',
    act: 'Take it away; use `LOG_LEVEL=debug`.',
  },
  'log.dropped': {
    level: 'warn',
    meaning: 'Whoever reads the log was too slow: this many lines did not fit into `LOG_BUFFER` and were dropped.',
    act: 'See to the reader of standard output, or write less.',
  },

  // The admin pages
  'admin.password-made': {
    level: 'info',
    meaning:
      'A password of the admin pages was made, since none is set in development, and is kept in this file. A log must not hold it.',
    act: 'Read it there, or set `ADMIN_PASSWORD`.',
  },
  'admin.off': {
    level: 'warn',
    meaning: 'There are no admin pages: no `ADMIN_PASSWORD` is set, and one that was made could not be kept.',
    act: 'Set `ADMIN_PASSWORD`, or mend `DATA_DIR`.',
  },
  'admin.entered': { level: 'info', meaning: 'Somebody logged in to the admin pages, from this address.', act: '' },
  'admin.wrong-password': {
    level: 'warn',
    meaning: 'A login to the admin pages had a wrong password. Told once a second at most.',
    act: 'Find out who it is, if it comes again.',
  },
  'admin.guessed': {
    level: 'warn',
    meaning:
      'After too many wrong passwords logins from this address are refused for a while (`ADMIN_LOGIN_RATE`). Told once a minute.',
    act: 'Find out who it is. Let nobody from outside reach `/admin`.',
  },
  'admin.acted': {
    level: 'info',
    meaning: 'Jobs of the queue were tried again or deleted on the admin pages; `path` says which.',
    act: '',
  },
  'admin.failed': {
    level: 'warn',
    meaning: 'An admin page could not be shown. Told once a minute.',
    act: `${PASSES}See whether the database answers.`,
  },
  'node.unreported': {
    level: 'warn',
    meaning: 'The admin pages are not told of this node, which serves all the same. Told once a minute.',
    act: `${PASSES}See whether the database answers.`,
  },
  'lookup.unanswered': {
    level: 'warn',
    meaning: 'This node could not answer what the admin pages asked about a recipient.',
    act: `${PASSES}See whether the database answers.`,
  },

  // What callers meet
  'request.failed': {
    level: 'error',
    meaning: 'A request met a fault of ours. Its caller was told this `requestId`.',
    act: 'Report it with its stack.',
  },
  'request.unavailable': {
    level: 'debug',
    meaning: 'A request was answered 503, since the database could not be reached.',
    act: '',
  },
  'upgrade.refused': { level: 'debug', meaning: 'A WebSocket was refused, and with which status.', act: '' },
  'keys.guessed': {
    level: 'warn',
    meaning:
      'Requests from this address bear access keys that are not valid, and are refused for a while. Told once a minute.',
    act: 'Find out who it is: a backend with an old key, or somebody who guesses.',
  },
  'keys.unreadable': {
    level: 'warn',
    meaning: 'An access key could not be read, so that a request was answered 503. Told once a second at most.',
    act: `${PASSES}See whether the database answers.`,
  },
  'keys.unnoted': { level: 'warn', meaning: 'The last use of an access key could not be noted.', act: PASSES.trim() },
  'certificate.renewed': { level: 'info', meaning: 'The certificate was taken up anew.', act: '' },
  'certificate.kept': {
    level: 'warn',
    meaning: "The changed certificate can't be used; that of before stays in use.",
    act: 'Mend `TLS_CERT_FILE` and `TLS_KEY_FILE` before the old one expires.',
  },
  'metrics.unserved': {
    level: 'error',
    meaning:
      "Metrics can't be served on `METRICS_PORT`. It is tried again every 5 s; the service delivers without them.",
    act: 'Mend what it names: mostly another program has the port.',
  },
  'metrics.unreadable': {
    level: 'warn',
    meaning: 'What was counted could not be written for who asked.',
    act: 'Report it.',
  },

  'traces.on': { level: 'info', meaning: 'Traces are on, and where spans go.', act: '' },
  'traces.off': {
    level: 'error',
    meaning: 'Traces are asked for and could not be switched on. The service delivers without them.',
    act: 'Mend what it names.',
  },
  'traces.mistaken': {
    level: 'warn',
    meaning: 'A variable `OTEL_*` asks for what this service does not have, and what it does instead.',
    act: 'Mend the variable: see [Traces](#traces).',
  },
  'traces.unexported': {
    level: 'warn',
    meaning:
      'Spans could not be handed to the collector, and are dropped. Told once until some are; the service delivers without them.',
    act: 'See whether the collector runs, and `OTEL_EXPORTER_OTLP_ENDPOINT` and `OTEL_EXPORTER_OTLP_HEADERS`.',
  },
  'trace.span': {
    level: 'info',
    meaning: 'A span, where `OTEL_TRACES_EXPORTER` is `console`.',
    act: '',
  },
} as const satisfies Record<string, Kind>;
