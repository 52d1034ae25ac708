import type { DataSource } from 'typeorm';
import { Log } from '../log/log.js';
import { parseAudience } from './audiences.js';
import { BURY, ENTER, EXIT, MOVE, PRESENT, STAY } from './presences.sql.js';
import type { GlobalSignal, MessagesSignal, Signal } from './relay.js';

/** How often a node says that it lives, in milliseconds. */
const STAY_EVERY = 5_000;
/** A node that has said nothing for so long, in milliseconds, is thought dead. If it was not, it enters again. */
const DEAD_AFTER = 60_000;
/** Audiences that a statement writes at most. */
const BATCH = 10_000;

/** A signal for those of its recipients who have connections on a node. */
interface Routed {
  readonly node: string;
  readonly signal: MessagesSignal | GlobalSignal;
}

/** Which nodes have joined which audiences, as a table of the database. Names of audiences are those of `Audiences`. */
export class Presences {
  private readonly log = new Log(Presences.name);
  private timer: NodeJS.Timeout | undefined;
  /** Two statements that write the same rows in another order would wait for each other. */
  private writing: Promise<unknown> = Promise.resolve();
  /** Whether the table lacks something of this node. */
  private behind = false;
  private gone = false;

  /** @param all gives all audiences that this node has joined */
  constructor(
    private readonly dataSource: DataSource,
    private readonly node: string,
    private readonly all: () => readonly string[],
  ) {}

  /** Finds the nodes, save `origin`, for which signals are. */
  async route(signals: readonly Signal[], origin: string): Promise<Routed[]> {
    const audiences = signals.flatMap(audiencesOf);
    if (audiences.length === 0) return [];
    const { rows } = await PRESENT.run(this.dataSource, [
      audiences.map(({ signal }) => signal.tenant),
      audiences.map(({ recipient }) => recipient),
      origin,
    ]);
    const routed = new Map<string, { node: string; signal: MessagesSignal | GlobalSignal; recipients: string[] }>();
    for (const { place, node } of rows) {
      const audience = audiences[Number(place) - 1];
      if (!audience) continue;
      const key = `${node} ${audience.index}`;
      const known = routed.get(key);
      if (known) known.recipients.push(audience.recipient);
      else routed.set(key, { node, signal: audience.signal, recipients: [audience.recipient] });
    }
    return [...routed.values()].map(({ node, signal, recipients }) => ({
      node,
      signal: signal.kind === 'messages' ? { ...signal, recipients } : signal,
    }));
  }

  /** Writes that this node joins and leaves audiences. What can't be written is made up for by `keep`. */
  async move(joining: readonly string[], leaving: readonly string[]): Promise<void> {
    if (this.gone) return;
    try {
      for (let i = 0; i < Math.max(joining.length, leaving.length); i += BATCH)
        await this.write(joining.slice(i, i + BATCH), leaving.slice(i, i + BATCH));
    } catch (error) {
      if (!this.behind) this.log.write('relay.down', 'Other nodes are not told who is here yet', { error });
      this.behind = true;
    }
  }

  /** Writes that this node lives, and all that it has joined. */
  async enter(): Promise<void> {
    if (this.gone) return;
    this.behind = false;
    try {
      await this.dataSource.query(ENTER, [this.node]);
      const all = this.all();
      for (let i = 0; i < all.length; i += BATCH) await this.write(all.slice(i, i + BATCH), []);
    } catch (error) {
      this.behind = true;
      throw error;
    }
  }

  /** Says from now on that this node lives, and calls `onGap` when it had been forgotten and has entered again. */
  keep(onGap: () => void): void {
    this.timer = setInterval(() => void this.stay(onGap), STAY_EVERY).unref();
  }

  /** Writes that this node is gone. */
  async exit(): Promise<void> {
    this.gone = true;
    clearInterval(this.timer);
    await this.writing.catch(() => undefined);
    await this.dataSource.query(EXIT, [this.node]).catch((error: unknown) => {
      this.log.write('relay.down', 'Other nodes are not told that this one is gone', { error });
    });
  }

  private async stay(onGap: () => void): Promise<void> {
    try {
      const [{ known, someDied }] = await this.dataSource.query<[{ known: boolean; someDied: boolean }]>(STAY, [
        this.node,
        DEAD_AFTER,
      ]);
      if (someDied) await this.dataSource.query(BURY, [DEAD_AFTER]);
      if (known && !this.behind) return;
      await this.enter();
      onGap();
    } catch (error) {
      this.log.write('relay.down', "The other nodes can't be told that this one lives", { error });
    }
  }

  private write(joining: readonly string[], leaving: readonly string[]): Promise<unknown> {
    const [joined, left] = [joining.map(parseAudience), leaving.map(parseAudience)];
    const write = () =>
      MOVE.run(this.dataSource, [
        this.node,
        joined.map(({ tenant }) => tenant),
        joined.map(({ recipient }) => recipient ?? ''),
        left.map(({ tenant }) => tenant),
        left.map(({ recipient }) => recipient ?? ''),
      ]);
    this.writing = this.writing.then(write, write);
    return this.writing;
  }
}

function audiencesOf(
  signal: Signal,
  index: number,
): { index: number; signal: MessagesSignal | GlobalSignal; recipient: string }[] {
  if (signal.kind === 'revocation' || signal.kind === 'lookup') return [];
  const recipients = signal.kind === 'messages' ? signal.recipients : [''];
  return recipients.map((recipient) => ({ index, signal, recipient }));
}
