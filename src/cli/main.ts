import { Command, CommanderError } from 'commander';
import { environment } from '../config/environment.js';
import { readSettings } from '../config/settings.js';
import { accessKeyCommand } from './access-key.command.js';
import { archiveCommands } from './archive.command.js';
import { VERSION } from '../graphql/version.js';
import { listenCommand } from './listen.command.js';
import { recipientCommand } from './recipient.command.js';

const program = new Command('homing')
  .description('The command line of Homing. As a package, `homing` without a command starts the service.')
  .version(VERSION, '--version', 'shows the version')
  .exitOverride()
  .addCommand(accessKeyCommand(() => readSettings(environment())))
  .addCommand(recipientCommand(() => readSettings(environment())))
  .addCommand(listenCommand());
for (const command of archiveCommands(() => readSettings(environment()))) program.addCommand(command);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode);
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
