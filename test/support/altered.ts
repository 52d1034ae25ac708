import { readFileSync } from 'node:fs';

/** A file as it stands, but for some texts in it. A text that is not there is a mistake. */
export function altered(path: string, changes: Record<string, string>): string {
  return Object.entries(changes).reduce(
    (result, [before, after]) => {
      if (!result.includes(before)) throw new Error(`${path} has no ${before}`);
      return result.replaceAll(before, after);
    },
    readFileSync(path, 'utf8'),
  );
}
