/** A gate in a test: who passes waits until the test has opened it. */
export class Gate {
  /** Opens it for good. */
  open: () => void = () => undefined;
  private announce: () => void = () => undefined;
  private readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
  /** Somebody waits before it. */
  readonly reached = new Promise<void>((resolve) => {
    this.announce = resolve;
  });

  pass(): Promise<void> {
    this.announce();
    return this.opened;
  }
}
