import { readdirSync, readFileSync } from 'node:fs';

/** What is no document of ours: packages, what is built, and data. */
const FOREIGN = ['node_modules', 'dist', 'data', 'coverage'];

/** A document of this repository. */
export interface Document {
  /** Its path from the root. */
  readonly path: string;
  readonly text: string;
}

/** Every Markdown file of the repository, also one that was added a moment ago. */
export function documents(folder = ''): Document[] {
  return readdirSync(folder === '' ? '.' : folder, { withFileTypes: true }).flatMap((entry) => {
    const path = folder + entry.name;
    if (entry.isDirectory())
      return FOREIGN.includes(entry.name) || entry.name.startsWith('.') ? [] : documents(`${path}/`);
    return path.endsWith('.md') ? [{ path, text: readFileSync(path, 'utf8') }] : [];
  });
}
