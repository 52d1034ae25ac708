import { source } from 'axe-core';
import type { Tab } from './tab.js';

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/**
 * What axe finds wrong with the page as it stands, a line each: by all its rules, those of best practice too. It is compiled by the browser
 * and not by the page, so that the page's policy stays as it is.
 * @param without CSS selectors of what is left out, such as what others have made
 */
export async function violations(tab: Tab, without: readonly string[] = []): Promise<string[]> {
  const found = await tab.evaluate<Violation[]>(`(async () => {
    ${source};
    const context = { include: [document], exclude: ${JSON.stringify(without.map((selector) => [selector]))} };
    // Without the preload it asks for nothing.
    const { violations } = await window.axe.run(context, { preload: false, resultTypes: ['violations'] });
    return violations;
  })()`);
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html} ${failureSummary ?? ''}`),
  );
}
