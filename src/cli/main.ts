import { Command, CommanderError } from 'commander';
import { VERSION } from '../graphql/version.js';
import { listenCommand } from './listen.command.js';

const program = new Command('homing')
  .description('The command line of Homing. As a package, `homing` without a command starts the service.')
  .version(VERSION, '--version', 'shows the version')
  .exitOverride()
  .addCommand(listenCommand());

try {
  // They load most of the service, and who listens waits for the first message.
  if (process.argv[2] !== 'listen') for (const command of await databaseCommands()) program.addCommand(command);
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode);
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}

/** The commands that work on the database. */
async function databaseCommands(): Promise<Command[]> {
  const [{ environment }, { readSettings }, { accessKeyCommand }, { recipientCommand }, { archiveCommands }] =
    await Promise.all([
      import('../config/environment.js'),
      import('../config/settings.js'),
      import('./access-key.command.js'),
      import('./recipient.command.js'),
      import('./archive.command.js'),
    ]);
  const settings = () => readSettings(environment());
  return [accessKeyCommand(settings), recipientCommand(settings), ...archiveCommands(settings)];
}
