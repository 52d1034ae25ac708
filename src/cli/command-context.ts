import { type INestApplicationContext, Module, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigModule } from '../config/config.module.js';
import type { SettingValues } from '../config/settings.js';
import { resolveDatabase } from '../database/database.js';
import { DatabaseModule } from '../database/database.module.js';

@Module({})
class CommandModule {}

/** Does the work of a command with some modules of the service, on its database, whether the service runs or not. */
export async function inContext(
  settings: SettingValues,
  modules: (databaseUrl: string) => NonNullable<ModuleMetadata['imports']>,
  work: (context: INestApplicationContext) => Promise<void>,
): Promise<void> {
  const database = await resolveDatabase(settings, (line) => process.stderr.write(`${line}\n`));
  let context: INestApplicationContext | undefined;
  try {
    const imports = [
      ConfigModule.forRoot(settings, []),
      DatabaseModule.forRoot(database.url),
      ...modules(database.url),
    ];
    context = await NestFactory.createApplicationContext(
      { module: CommandModule, imports },
      { logger: false, abortOnError: false },
    );
    await work(context);
  } finally {
    await context?.close();
    await database.release();
  }
}
