import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Injectable } from '@nestjs/common';

const require = createRequire(import.meta.url);

const STYLES = ['tour.css', 'messages.css', 'layout.css'];
/** The modules of the page, each behind those that it imports. */
const SCRIPTS = [
  'elements.js',
  'kept-key.js',
  'api.js',
  'connection.js',
  'follow.js',
  'track.js',
  'code.js',
  'code-panel.js',
  'everybody.js',
  'stage.js',
  'step.js',
  'tour.js',
];

/**
 * The page of the tour: one document that holds its style and its script, so that it asks for nothing but the API. Its parts are found by
 * `imports` in package.json, since the compiler copies no files, and read once.
 */
@Injectable()
export class TourPage {
  readonly html = read('tour.html')
    .replace('</style>', () => `${STYLES.map(read).join('\n')}</style>`)
    .replace('</script>', () => `${SCRIPTS.map(read).map(inOneModule).join('\n')}</script>`);

  private readonly fixedPolicy = [
    "default-src 'none'",
    `script-src '${hashOf('script', this.html)}'`,
    `style-src '${hashOf('style', this.html)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

  /**
   * Its `Content-Security-Policy`: this style and this script alone, by their hashes, and connections to the API and to where recipients connect.
   * @param sockets the address of the WebSocket endpoint, where that is known; browsers differ in whether 'self' means it
   */
  policy(sockets: string | null): string {
    return `${this.fixedPolicy}; connect-src 'self'${sockets === null ? '' : ` ${sockets}`}`;
  }
}

function read(name: string): string {
  return readFileSync(require.resolve(`#tour/${name}`), 'utf8');
}

/** A module as a part of one that holds them all: what it exports the later ones have in common, and the rest is its own. */
function inOneModule(source: string): string {
  const names = [...source.matchAll(/^export (?:async )?(?:class|const|function) (\w+)/gm)].map(([, name]) => name);
  const body = source.replaceAll(/^import [^;]*;\n/gm, '').replaceAll(/^export /gm, '');
  if (names.length === 0) return body;
  return `const { ${names.join(', ')} } = (() => {\n${body}return { ${names.join(', ')} };\n})();\n`;
}

/** As browsers reckon it: of all that stands between the tags. */
function hashOf(element: 'script' | 'style', html: string): string {
  const [, content = ''] = new RegExp(`<${element}[^>]*>([^]*?)</${element}>`).exec(html) ?? [];
  return `sha256-${createHash('sha256').update(content).digest('base64')}`;
}
