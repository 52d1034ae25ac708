// All processes of the service, of which each deed is done to one.
export class Nodes {
  #all;
  #random;
  #target;

  constructor(all, random) {
    this.#all = all;
    this.#random = random;
    [this.#target] = all;
  }

  /** Chooses the node that the next deed is done to. */
  turn() {
    this.#target = this.#random.pick(this.#all);
  }

  get target() {
    return this.#target;
  }

  get areMany() {
    return this.#all.length > 1;
  }

  get unasked() {
    return this.#all.flatMap(({ unasked }) => unasked);
  }

  get starts() {
    return this.#all.reduce((sum, { starts }) => sum + starts, 0);
  }

  get stops() {
    const sum = (field) => this.#all.reduce((total, { stops }) => total + stops[field], 0);
    return { asked: sum('asked'), inOrder: sum('inOrder') };
  }

  keepRunning() {
    for (const node of this.#all) node.keepRunning();
  }

  /** Kills all of them at the same moment. Gives how many ran. */
  async killAll() {
    const running = this.#all.filter(({ isRunning }) => isRunning);
    await Promise.all(running.map((node) => node.kill()));
    return running.length;
  }

  /** Stops them all in order and for good; gives the exit code of each. */
  stop(patience) {
    return Promise.all(this.#all.map((node) => node.stop(patience)));
  }

  async end() {
    await Promise.all(this.#all.map((node) => node.end()));
  }
}
