import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Injectable } from '@nestjs/common';

const require = createRequire(import.meta.url);

/** Where the console's files lie, and the version under which browsers may keep them for ever. */
@Injectable()
export class ConsoleAssets {
  /**
   * The console's own page, script and style. They are found by `imports` in package.json, since the compiler copies no
   * files and so they are read from the sources by the compiled program too.
   */
  readonly pageFolder = dirname(require.resolve('#console/console.html'));

  /** The editor, as its package ships it. */
  readonly editorFolder = join(dirname(require.resolve('altair-static/package.json')), 'build', 'dist');

  /** Changes when any of the files does: a published package never changes under the same version. */
  readonly version = this.contentHash();

  /** The page, which finds its files under their version. */
  readonly page = readFileSync(join(this.pageFolder, 'console.html'), 'utf8').replace('{{version}}', this.version);

  private contentHash(): string {
    const hash = createHash('sha256').update(readFileSync(require.resolve('altair-static/package.json')));
    for (const name of readdirSync(this.pageFolder).sort()) hash.update(readFileSync(join(this.pageFolder, name)));
    return hash.digest('hex').slice(0, 16);
  }
}
