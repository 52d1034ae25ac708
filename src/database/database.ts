import type { SettingValues } from '../config/settings.js';
import { openEmbeddedDatabase } from './embedded/embedded-database.js';

/** A PostgreSQL server that can be used until `release` is called. */
export interface Database {
  readonly url: string;
  readonly embedded: boolean;
  release(): Promise<void>;
}

/**
 * The server that `DATABASE_URL` names, or the embedded one.
 * @param say gets a line for each step that takes a while.
 * @param meanwhile is called while an embedded server that has to be started does so.
 */
export async function resolveDatabase(
  settings: Pick<SettingValues, 'databaseUrl' | 'dataDir'>,
  say: (line: string) => void,
  meanwhile?: () => Promise<unknown>,
): Promise<Database> {
  if (settings.databaseUrl !== null) {
    return { url: settings.databaseUrl, embedded: false, release: () => Promise.resolve() };
  }
  const database = await openEmbeddedDatabase(settings.dataDir, say, meanwhile);
  return { url: database.url, embedded: true, release: () => database.release() };
}
