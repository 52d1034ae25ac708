import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { Document } from './documents.js';

/** Text in which nothing is a link: fenced blocks, code in a line, comments. */
const CODE = /^( *)(`{3,}|~{3,})[^]*?^\1\2 *$|(`+)[^`][^]*?\3|<!--[^]*?-->/gm;
const LINK =
  /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^ *\[[^\]]+\]:\s+(\S+)|(?:href|src)="([^"]+)"|<(https?:[^>\s]+)>/gm;
const HEADING = /^ {0,3}#{1,6} +(.*?)(?: +#+)?$/gm;

/** Where the links of a document lead, as they are written. */
export function linksOf({ text }: Document): string[] {
  return [...text.replaceAll(CODE, '').matchAll(LINK)].map((match) => match.slice(1).find((part) => part) ?? '');
}

export const isExternal = (target: string) => /^[a-z][a-z+.-]*:/i.test(target);

/** What is wrong with a link to another place of the repository. */
export function deadEnd({ path, text }: Document, target: string): string | null {
  const [file = '', anchor] = decodeURI(target).split('#');
  const there = file === '' ? path : normalize(join(dirname(path), file));
  if (file !== '' && (there.startsWith('..') || !existsSync(there))) return `${path}: there is no ${target}`;
  if (anchor === undefined || !there.endsWith('.md')) return null;
  const known = anchorsOf(file === '' ? text : readFileSync(there, 'utf8'));
  return known.includes(anchor) ? null : `${path}: ${there} has no heading #${anchor}`;
}

/** The anchors of a document as GitHub makes them: one for each heading, numbered when it is there before, and those that it names itself. */
function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  const fenceless = text.replaceAll(/^( *)(`{3,}|~{3,})[^]*?^\1\2 *$/gm, '');
  const slugs = [...fenceless.matchAll(HEADING)].map(([, heading = '']) => {
    const slug = heading
      .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/<[^>]+>/g, '')
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
  return [...slugs, ...[...fenceless.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, name = '']) => name)];
}
