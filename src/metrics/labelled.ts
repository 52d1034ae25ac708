export type Labels = Readonly<Record<string, string>>;

/** Counters or histograms of one name, told apart by labels. The values of a label must be few: each is a series, kept for ever. */
export class Labelled<T, L extends string> {
  private readonly children = new Map<string, { readonly labels: Labels; readonly child: T }>();

  constructor(private readonly make: () => T) {}

  /** The one with these labels, made when it is first asked for. Where much is counted, ask once. */
  of(labels: Readonly<Record<L, string>>): T {
    const key = Object.values(labels).join('\u0000');
    let known = this.children.get(key);
    if (!known) this.children.set(key, (known = { labels, child: this.make() }));
    return known.child;
  }

  /** All that were asked for. */
  get all(): readonly { readonly labels: Labels; readonly child: T }[] {
    return [...this.children.values()];
  }
}
