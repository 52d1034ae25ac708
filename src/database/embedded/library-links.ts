import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { EmbeddedDatabaseError } from './embedded-database.error.js';

interface LibraryLink {
  /** The library's file. */
  readonly source: string;
  /** The name by which the programs look for it: this is the link. */
  readonly target: string;
}

/**
 * Makes the symbolic links between the libraries of a PostgreSQL package. A package can't hold links, so its install
 * script makes them; but npm may have been told to run no scripts.
 * @throws EmbeddedDatabaseError when they are missing and can't be made.
 */
export function linkLibraries(packageFolder: string): void {
  for (const { source, target } of readLinks(packageFolder)) {
    const link = join(packageFolder, target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new EmbeddedDatabaseError(
        `The libraries of the embedded PostgreSQL are incomplete, since its install script did not run, and ${packageFolder} cannot be written to. Run "npm rebuild" as a user who may write there, or set DATABASE_URL.`,
        { cause: error },
      );
    }
  }
}

function readLinks(packageFolder: string): readonly LibraryLink[] {
  const list = join(packageFolder, 'native', 'pg-symlinks.json');
  return existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as LibraryLink[]) : [];
}
