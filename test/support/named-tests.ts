import { existsSync, readFileSync } from 'node:fs';

/** The tests that a document names, as `test/a/b.spec.ts`: `describe > it`, and that do not exist. */
export function missingTests(document: string): string[] {
  return [...document.matchAll(/`(test\/[^`]+\.spec\.ts)`: `([^`]+)`/g)]
    .filter(([, file = '', name = '']) => {
      const source = existsSync(file) ? readFileSync(file, 'utf8') : '';
      return !name.split(' > ').every((title) => hasTitle(source, title));
    })
    .map(([named]) => named);
}

/** Whether one of the quoted texts of the source is the title. */
function hasTitle(source: string, title: string): boolean {
  return [`'${title}'`, `"${title}"`, `\`${title}\``].some((quoted) => source.includes(quoted));
}
