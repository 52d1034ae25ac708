import { readFileSync } from 'node:fs';

/** The version of this package, which is that of its API. */
export const VERSION: string = (JSON.parse(readFileSync(packageFile(), 'utf8')) as { version: string }).version;

/** `package.json`, seen from the sources as well as from the build. */
function packageFile(): URL {
  const fromBuild = new URL('../../../package.json', import.meta.url);
  return import.meta.url.includes('/dist/') ? fromBuild : new URL('../../package.json', import.meta.url);
}
