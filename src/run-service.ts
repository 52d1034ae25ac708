import cluster from 'node:cluster';
import { DatabaseError } from 'pg';
import { commandLine } from './config/command-line.js';
import { environment } from './config/environment.js';
import { NodeId } from './config/node-id.js';
import { type TokenSecret, tokenSecrets } from './config/secrets.js';
import { SettingsError } from './config/settings.error.js';
import { readSettings, type SettingValues } from './config/settings.js';
import { resolveDatabase } from './database/database.js';
import { EmbeddedDatabaseError } from './database/embedded/embedded-database.error.js';
import type { Extension } from './extension.js';
import { isUnreachable } from './graphql/unreachable.js';
import { describeError, messageOf } from './log/describe-error.js';
import { adoptForeignOutput, ignoreDebugVariable } from './log/foreign-output.js';
import type { LogEvent } from './log/log-events.js';
import { isJson, ServiceLogger } from './log/service-logger.js';
import { inherited } from './processes/inheritance.js';
import { ProcessEndedError } from './processes/process-ended.error.js';
import { startProcesses } from './processes/start-processes.js';
import type { Say } from './say.js';
import type { RunningService, ServiceProcess, start } from './start.js';

type LogSettings = Parameters<typeof ServiceLogger.create>[0];

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** How long whoever reads the log has for its last lines, in milliseconds. */
const LAST_LINES_TIME = 1_000;

const node = new NodeId();
const origin = { pid: process.pid, node: node.text };
/** What is known of the log's settings while they are not read. */
let logSettings: LogSettings = {
  nodeEnv: process.env['NODE_ENV'] as LogSettings['nodeEnv'],
  logFormat: (process.env['LOG_FORMAT'] || 'auto') as LogSettings['logFormat'],
  logLevel: 'info',
  logBuffer: 1_048_576,
};
let logger: ServiceLogger | undefined;

/**
 * Makes this process the service: it serves until a signal stops it, and ends with the process's exit code.
 * @param extension what a team adds to it
 * @param commands how its commands are called here, as people type it
 */
export async function runService(extension: Extension, commands: string): Promise<void> {
  const debugIsSet = ignoreDebugVariable();
  try {
    const settings = readSettings({ ...environment(), ...commandLine(process.argv.slice(2)) });
    logSettings = settings;
    logger = await ServiceLogger.create(settings, origin, process.stdout);
    adoptForeignOutput(logger);
    process.on('uncaughtException', (error) => void crash(error));
    if (debugIsSet)
      logger.write('debug.ignored', 'The variable DEBUG is ignored: what is printed for it holds secrets');
    const secrets = tokenSecrets(settings);
    const parts = { node, logger, say, extension, commands };
    if (cluster.isWorker) await serveAsOneOfSeveral(settings, secrets, parts);
    else if (settings.processes > 1) {
      stopOnSignals(settings, Promise.resolve(await startProcesses(settings, say)));
      say(`${settings.processes} processes serve.`, 'service.listening');
    } else {
      const starting = serve(settings, secrets, await resolveDatabase(settings, say, loadService), parts);
      stopOnSignals(settings, starting);
      await starting;
    }
  } catch (error) {
    await fail(error);
  }
}

/** Tells people, on standard output, or the log. */
function say(sentence: string, event: LogEvent = 'service.starting'): void {
  if (isJson(logSettings)) logger?.write(event, sentence);
  else process.stdout.write(`${sentence}\n`);
}

/** What serves is not even loaded by a process that only keeps others. */
function loadService(): Promise<{ start: typeof start }> {
  return import('./start.js');
}

async function serve(...given: Parameters<typeof start>): Promise<RunningService> {
  const service = await loadService();
  return service.start(...given);
}

/** Stops when the process that started this one says so. Ctrl-C and the end of a session reach all processes; that one decides. */
async function serveAsOneOfSeveral(
  settings: SettingValues,
  secrets: readonly TokenSecret[],
  parts: ServiceProcess,
): Promise<void> {
  for (const signal of SIGNALS) process.on(signal, () => undefined);
  const { database, number, speaks } = inherited();
  const notOurs = { ...database, release: () => Promise.resolve() };
  // People want to hear it once; in a log each tells of itself.
  const quiet: Say = () => undefined;
  const starting = serve(ofProcess(number, settings), secrets, notOurs, {
    ...parts,
    say: speaks || isJson(settings) ? parts.say : quiet,
  });
  process.once('message', () => {
    starting.then((service) => service.stop()).then(end, fail);
  });
  await starting;
}

/** Each process is scraped by itself, as each node is: a sum of theirs would fall whenever one is replaced, and hide which one hangs. */
function ofProcess(number: number, settings: SettingValues): SettingValues {
  return { ...settings, metricsPort: settings.metricsPort && settings.metricsPort + number };
}

/** From before it listens: a signal that finds nobody to hear it would end the process at once, with the requests that it has taken. */
function stopOnSignals(settings: SettingValues, starting: Promise<RunningService>): void {
  let stopping = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      say(`Stopping (${signal}); once more stops at once ...`, 'service.stopping');
      setTimeout(
        () => {
          const sentence = 'What was under way did not end within STOP_TIMEOUT; the service ends all the same.';
          void complain('service.stop-timeout', sentence).then(() => process.exit(1));
        },
        settings.shutdownDelay + settings.drainTime + settings.stopTimeout,
      ).unref();
      starting.then((service) => service.stop()).then(end, fail);
    });
  }
}

/** Ends the process when all has ended in order. */
async function end(): Promise<void> {
  if (isJson(logSettings)) say('The service has stopped', 'service.stopped');
  await logger?.flush(LAST_LINES_TIME);
  process.exit();
}

/** What nobody expected has left the process in a state that nobody knows. */
async function crash(error: unknown): Promise<void> {
  await complain('process.crashed', 'Something went wrong that nobody expected, and the process ends', error);
  process.exit(1);
}

/** A mistake of whoever starts the service is told in sentences; anything else with its stack. */
async function fail(error: unknown): Promise<never> {
  const sentence = sentenceOf(error);
  await (sentence === null
    ? complain('service.failed', "The service can't start", error)
    : complain('service.failed', sentence));
  process.exit(1);
}

/** What whoever starts the service should do about an error, or null when he can't know. */
function sentenceOf(error: unknown): string | null {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  // One of several processes listens by binding.
  const isListening = syscall === 'listen' || syscall === 'bind';
  if (error instanceof SettingsError)
    return `The settings can't be used:\n${message.replace(/^/gm, '  ')}\nSee .env.example for all of them.`;
  if (isListening && code === 'EADDRINUSE')
    return 'The port is in use by another program. Stop that one, or set PORT to another port.';
  if (isListening && code === 'EACCES') return 'This user may not listen on that port. Set PORT to one above 1023.';
  if (isUnreachable(error) || error instanceof DatabaseError)
    return `The service can't start: its database can't be used (${messageOf(error)}). See DATABASE_URL.`;
  if (error instanceof EmbeddedDatabaseError || error instanceof ProcessEndedError)
    return `The service can't start: ${message}`;
  return null;
}

/** Says on standard error why the process ends: a sentence, and of an error what may be told, with its stack. */
async function complain(event: LogEvent, sentence: string, error?: unknown): Promise<void> {
  if (isJson(logSettings)) {
    const errors = await ServiceLogger.create(logSettings, origin, process.stderr);
    errors.write(event, sentence, { ...(error !== undefined && { error }) });
    await errors.flush(LAST_LINES_TIME);
    await logger?.flush(LAST_LINES_TIME);
    return;
  }
  const { type, message, stack = '' } = describeError(error, { stack: true });
  process.stderr.write(
    error === undefined ? `${sentence}\n` : `${sentence}: ${type}: ${message}\n${stack.replace(/^/gm, '    ')}\n`,
  );
  await logger?.flush(LAST_LINES_TIME);
}
