import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What nginx says of a part of a configuration, put where such a part belongs; nothing when it would start with it. */
export function nginxProblem(program: string, text: string): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'homing-nginx-'));
  const file = join(folder, 'nginx.conf');
  const http = /^(?:server|upstream|map) /m.test(text) ? text : `server {\n${text}\n}`;
  writeFileSync(file, `pid ${join(folder, 'pid')};\nevents {}\nhttp {\n${http}\n}\n`);
  try {
    const { status, stderr } = spawnSync(program, ['-t', '-q', '-p', folder, '-e', 'stderr', '-c', file], {
      encoding: 'utf8',
    });
    return status === 0 ? null : stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
