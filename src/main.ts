import cluster from 'node:cluster';
import { DatabaseError } from 'pg';
import { commandLine } from './config/command-line.js';
import { environment } from './config/environment.js';
import { type TokenSecret, tokenSecrets } from './config/secrets.js';
import { SettingsError } from './config/settings.error.js';
import { readSettings, type SettingValues } from './config/settings.js';
import { resolveDatabase } from './database/database.js';
import { EmbeddedDatabaseError } from './database/embedded/embedded-database.error.js';
import { isUnreachable } from './graphql/unreachable.js';
import { inherited } from './processes/inheritance.js';
import { ProcessEndedError } from './processes/process-ended.error.js';
import { startProcesses } from './processes/start-processes.js';
import type { RunningService, start } from './start.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

try {
  const settings = readSettings({ ...environment(), ...commandLine(process.argv.slice(2)) });
  const secrets = tokenSecrets(settings);
  if (cluster.isWorker) await serveAsOneOfSeveral(settings, secrets);
  else if (settings.processes > 1) {
    stopOnSignals(settings, Promise.resolve(await startProcesses(settings, say)));
    say(`${settings.processes} processes serve.`);
  } else {
    const starting = serve(settings, secrets, await resolveDatabase(settings, say, loadService), say);
    stopOnSignals(settings, starting);
    await starting;
  }
} catch (error) {
  fail(error);
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
async function serveAsOneOfSeveral(settings: SettingValues, secrets: readonly TokenSecret[]): Promise<void> {
  for (const signal of SIGNALS) process.on(signal, () => undefined);
  const { database, number, speaks } = inherited();
  const notOurs = { ...database, release: () => Promise.resolve() };
  const starting = serve(ofProcess(number, settings), secrets, notOurs, speaks ? say : () => undefined);
  process.once('message', () => {
    starting.then((service) => service.stop()).then(() => process.exit(), fail);
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
      say(`Stopping (${signal}); once more stops at once ...`);
      setTimeout(
        () => {
          process.stderr.write('What was under way did not end within STOP_TIMEOUT; the service ends all the same.\n');
          process.exit(1);
        },
        settings.shutdownDelay + settings.drainTime + settings.stopTimeout,
      ).unref();
      starting.then((service) => service.stop()).then(() => process.exit(), fail);
    });
  }
}

/** A mistake of whoever starts the service is told in sentences; anything else with its stack. */
function fail(error: unknown): never {
  const { code, syscall, message, stack } = error as NodeJS.ErrnoException;
  // One of several processes listens by binding.
  const isListening = syscall === 'listen' || syscall === 'bind';
  if (error instanceof SettingsError)
    process.stderr.write(
      `The settings can't be used:\n${message.replace(/^/gm, '  ')}\nSee .env.example for all of them.\n`,
    );
  else if (isListening && code === 'EADDRINUSE')
    process.stderr.write(`The port is in use by another program. Stop that one, or set PORT to another port.\n`);
  else if (isListening && code === 'EACCES')
    process.stderr.write(`This user may not listen on that port. Set PORT to one above 1023.\n`);
  else if (isUnreachable(error) || error instanceof DatabaseError)
    // An attempt at several addresses has a code and no message.
    process.stderr.write(
      `The service can't start: its database can't be used (${message || code}). See DATABASE_URL.\n`,
    );
  else
    process.stderr.write(
      `The service can't start: ${error instanceof EmbeddedDatabaseError || error instanceof ProcessEndedError ? message : (stack ?? message)}\n`,
    );
  process.exit(1);
}
