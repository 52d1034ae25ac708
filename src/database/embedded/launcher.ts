import { type ChildProcess, spawn, spawnSync, type SpawnOptions } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import type { PostgresBinaries } from './binaries.js';
import { EmbeddedDatabaseError } from './embedded-database.error.js';

/** A user of this machine. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Starts PostgreSQL's programs as a user whom PostgreSQL accepts: never root. */
export class Launcher {
  /**
   * @param user who the programs run as; null: as the user of this process.
   * @param wrapper a program, with its arguments, that becomes that user; empty: the system call does.
   */
  constructor(
    readonly user: User | null,
    private readonly wrapper: readonly string[] = [],
  ) {}

  spawn(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    const [command, ...rest] = this.line(program, args);
    return spawn(command, rest, { ...options, ...this.surroundings() });
  }

  /** Whether the programs would get into the folder and could read the files. */
  canReach(folder: string, files: readonly string[]): boolean {
    const script = 'cd "$1" && shift && for file; do : < "$file" || exit 1; done';
    const [command, ...rest] = this.line('/bin/sh', ['-c', script, 'sh', folder, ...files]);
    return spawnSync(command, rest, { stdio: 'ignore', ...this.surroundings() }).status === 0;
  }

  private line(program: string, args: readonly string[]): [string, ...string[]] {
    return [...this.wrapper, program, ...args] as [string, ...string[]];
  }

  private surroundings(): SpawnOptions {
    const ids = this.user && this.wrapper.length === 0 ? { uid: this.user.uid, gid: this.user.gid } : {};
    // Neither the service's secrets nor its PG* variables are the database's business; the current folder may be
    // one that its user can't enter.
    return { ...ids, cwd: '/', env: { PATH: process.env.PATH, LC_ALL: 'C' } };
  }
}

/**
 * The launcher for a data folder. An ordinary user starts PostgreSQL as himself; root lets it run as the folder's owner,
 * so that a folder made by an ordinary user remains his, or else as `postgres` or `nobody`.
 * @throws EmbeddedDatabaseError when there is no such user, or he can't reach the programs or the data.
 */
export function launcherFor(dataDir: string, folder: string, binaries: PostgresBinaries): Launcher {
  if (process.getuid?.() !== 0) return new Launcher(null);
  const user = ownerOf(folder) ?? account('postgres') ?? account('nobody');
  if (!user) {
    throw new EmbeddedDatabaseError(
      'PostgreSQL does not run as root, and this machine has no user postgres or nobody. Start Homing as an ordinary user, or set DATABASE_URL.',
    );
  }
  const launchers = [new Launcher(user), new Launcher(user, passingClosedFolders(user))];
  const launcher = launchers.find((candidate) => candidate.canReach(dataDir, Object.values(binaries)));
  if (launcher) return launcher;
  throw new EmbeddedDatabaseError(
    `PostgreSQL does not run as root, and its user (uid ${user.uid}) cannot reach ${dataDir} or ${binaries.postgres}. Move Homing to a folder that this user can reach, such as /opt, start Homing as an ordinary user, or set DATABASE_URL.`,
  );
}

/**
 * What root clones is often in a folder that nobody else may enter, such as /root. So the programs are given the one
 * capability that opens it. With `no_setuid_fixup` access(2) counts it too: without, PostgreSQL, which looks with it for
 * its own programs, would find none.
 */
function passingClosedFolders({ uid, gid }: User): readonly string[] {
  const capability = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup'];
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...capability, '--'];
}

function ownerOf(folder: string): User | null {
  const stat = statSync(folder, { throwIfNoEntry: false });
  return stat && stat.uid !== 0 ? { uid: stat.uid, gid: stat.gid } : null;
}

function account(name: string): User | null {
  const fields = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([user]) => user === name);
  return fields ? { uid: Number(fields[2]), gid: Number(fields[3]) } : null;
}
