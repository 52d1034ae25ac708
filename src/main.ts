import { DatabaseError } from 'pg';
import { environment } from './config/environment.js';
import { tokenSecrets } from './config/secrets.js';
import { SettingsError } from './config/settings.error.js';
import { readSettings } from './config/settings.js';
import { EmbeddedDatabaseError } from './database/embedded/embedded-database.error.js';
import { isUnreachable } from './graphql/unreachable.js';
import { start } from './start.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  const settings = readSettings(environment());
  const service = await start(settings, tokenSecrets(settings), say);
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      say(`Stopping (${signal}); once more stops at once ...`);
      setTimeout(() => {
        process.stderr.write('What was under way did not end within STOP_TIMEOUT; the service ends all the same.\n');
        process.exit(1);
      }, settings.drainTime + settings.stopTimeout).unref();
      service.stop().then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
    });
  }
} catch (error) {
  fail(error);
}

/** A mistake of whoever starts the service is told in sentences; anything else with its stack. */
function fail(error: unknown): never {
  const { code, syscall, message, stack } = error as NodeJS.ErrnoException;
  if (error instanceof SettingsError)
    process.stderr.write(
      `The settings can't be used:\n${message.replace(/^/gm, '  ')}\nSee .env.example for all of them.\n`,
    );
  else if (syscall === 'listen' && code === 'EADDRINUSE')
    process.stderr.write(`The port is in use by another program. Stop that one, or set PORT to another port.\n`);
  else if (syscall === 'listen' && code === 'EACCES')
    process.stderr.write(`This user may not listen on that port. Set PORT to one above 1023.\n`);
  else if (isUnreachable(error) || error instanceof DatabaseError)
    // An attempt at several addresses has a code and no message.
    process.stderr.write(
      `The service can't start: its database can't be used (${message || code}). See DATABASE_URL.\n`,
    );
  else
    process.stderr.write(
      `The service can't start: ${error instanceof EmbeddedDatabaseError ? message : (stack ?? message)}\n`,
    );
  process.exit(1);
}
