import { Socket } from 'node:net';
import type { Primary } from './primary.js';

/** A socket that connects to the server that takes writes, whichever it is then. */
export class PrimarySocket extends Socket {
  constructor(private readonly primary: Primary) {
    super();
  }

  /** What node-postgres calls, with the address of its own configuration. */
  override connect(): this {
    void this.connectToPrimary();
    return this;
  }

  private async connectToPrimary(): Promise<void> {
    try {
      const { port, host } = await this.primary.find();
      // Whoever wanted it may have given up.
      if (!this.destroyed) super.connect(port, host);
    } catch (error) {
      this.destroy(error as Error);
    }
  }
}
