import { SharedRun } from '../database/shared-run.js';
import type { Audience } from './relay.js';

/** The name of an audience. Neither part of it can contain U+0000, and no recipient is empty. */
export function audienceName({ tenant, recipient }: Audience): string {
  return `${tenant}\u0000${recipient ?? ''}`;
}

/** The audience of that name. */
export function parseAudience(name: string): Audience {
  const [tenant = '', recipient = ''] = name.split('\u0000');
  return { tenant, recipient: recipient === '' ? null : recipient };
}

/** The relay is told of changes at most once in so many milliseconds. */
const STEP = 10;

/**
 * The audiences that this node has joined. The relay is told of changes in turn, and of all that gathered meanwhile at once,
 * so that whoever leaves and comes back at the same moment is there in the end.
 */
export class Audiences {
  private readonly joined = new Set<string>();
  private readonly changed = new Set<string>();
  private isTelling = false;
  private readonly telling: SharedRun<void>;

  /** @param tell tells the relay which audiences this node joins and leaves; it must not reject */
  constructor(tell: (joining: readonly string[], leaving: readonly string[]) => Promise<void>) {
    this.telling = new SharedRun(async () => {
      const names = [...this.changed];
      this.changed.clear();
      const isJoined = (name: string) => this.joined.has(name);
      if (names.length > 0)
        await tell(
          names.filter(isJoined),
          names.filter((name) => !isJoined(name)),
        );
      this.isTelling = this.changed.size > 0;
    }, STEP);
  }

  /** The names of all. */
  get all(): readonly string[] {
    return [...this.joined];
  }

  /** Resolves when the relay knows. */
  async join(audience: Audience): Promise<void> {
    const name = audienceName(audience);
    if (!this.joined.has(name)) {
      this.joined.add(name);
      this.changed.add(name);
      this.isTelling = true;
    }
    // The relay may still be about to hear of one that has joined before.
    if (this.isTelling) await this.telling.ask();
  }

  leave(audience: Audience): void {
    const name = audienceName(audience);
    if (!this.joined.delete(name)) return;
    this.changed.add(name);
    this.isTelling = true;
    void this.telling.ask();
  }
}
