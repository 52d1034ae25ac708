import { createReadStream, createWriteStream } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { Command } from 'commander';
import { DataSource } from 'typeorm';
import type { SettingValues } from '../config/settings.js';
import { ArchiveError, archiveOf, type Counts, putBack } from '../database/archive.js';
import { inContext } from './command-context.js';

/** `export` and `import`: all that an installation keeps, in a file. What is said goes to standard error. */
export function archiveCommands(settings: () => SettingValues): Command[] {
  return [
    new Command('export')
      .description('Writes all keys, messages and revocations into a new file, whether the service runs or not.')
      .argument('<file>', 'the file; it is compressed, and its owner alone can read it')
      .exitOverride()
      .action((file: string) =>
        inContext(
          settings(),
          () => [],
          (context) => write(context.get(DataSource), file),
        ),
      ),
    new Command('import')
      .description('Puts what export wrote into an empty database, before the first node runs on it.')
      .argument('<file>', 'the file')
      .exitOverride()
      .action((file: string) =>
        inContext(
          settings(),
          () => [],
          async (context) => {
            const counts = await read(context.get(DataSource), file);
            process.stderr.write(`Imported ${told(counts)}.\n`);
          },
        ),
      ),
  ];
}

async function write(dataSource: DataSource, file: string): Promise<void> {
  const output = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  let isOurs = false;
  output.once('open', () => (isOurs = true));
  try {
    await pipeline(Readable.from(archiveOf(dataSource)), createGzip(), output);
  } catch (error) {
    if (isOurs) await unlink(file);
    throw error;
  }
  process.stderr.write(
    `Exported to ${file}. The secrets of tokens are not in it: keep TOKEN_SECRETS, or DATA_DIR/secrets/token-secrets, too.\n`,
  );
}

async function read(dataSource: DataSource, file: string): Promise<Counts> {
  let counts: Counts | undefined;
  try {
    await pipeline(createReadStream(file), createGunzip(), async (plain: AsyncIterable<Uint8Array>) => {
      counts = await putBack(dataSource, plain);
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_'))
      throw new ArchiveError('The file is no archive of Homing, or it is damaged. Nothing was imported.');
    throw error;
  }
  if (!counts) throw new Error('The archive was not read');
  return counts;
}

function told(counts: Counts): string {
  return Object.entries(counts)
    .map(([table, count]) => `${count} ${table.replace('_', ' ')}`)
    .join(', ');
}
