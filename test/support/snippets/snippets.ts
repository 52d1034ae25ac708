import type { Document } from './documents.js';

/** A fenced block of a document. */
export interface Snippet {
  readonly document: string;
  /** The line on which its text begins, and the one of its closing fence. */
  readonly line: number;
  readonly end: number;
  /** The heading that it stands under. */
  readonly section: string;
  /** The word behind the fence; empty when there is none. */
  readonly language: string;
  readonly text: string;
  /** Why nobody runs it, as the comment directly above it says: `<!-- not run: reason -->`. */
  readonly notRun: string | null;
}

const FENCE = /^( *)(`{3,}|~{3,})(\S*)/;
const NOT_RUN = /^ *<!-- not run: (.+) -->$/;

/** The fenced blocks of a document, in their order. */
export function snippetsOf({ path, text }: Document): Snippet[] {
  const lines = text.split('\n');
  const found: Snippet[] = [];
  let section = '';
  for (let i = 0; i < lines.length; i += 1) {
    section = /^#+ (.*)$/.exec(lines[i] ?? '')?.[1] ?? section;
    const [, indent = '', fence, language = ''] = FENCE.exec(lines[i] ?? '') ?? [];
    if (fence === undefined) continue;
    const end = lines.findIndex((line, at) => at > i && line === indent + fence);
    if (end < 0) throw new Error(`${path}:${i + 1} begins a block that has no end`);
    const above = lines.slice(0, i).findLast((line) => line.trim() !== '') ?? '';
    found.push({
      document: path,
      line: i + 2,
      end: end + 1,
      section,
      language,
      text: lines
        .slice(i + 1, end)
        .map((line) => line.slice(indent.length))
        .join('\n'),
      notRun: NOT_RUN.exec(above)?.[1] ?? null,
    });
    i = end;
  }
  return found;
}

/** How a failure names the block. */
export const place = ({ document, line }: Snippet) => `${document}:${line}`;
