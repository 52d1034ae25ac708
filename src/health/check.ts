import { setTimeout as pause } from 'node:timers/promises';

/** How long what is asked may take to answer, in milliseconds. */
export const PATIENCE = 1_500;
/** How long an answer holds, in milliseconds. */
const FRESH = 500;
/** What has not answered for so long, in milliseconds, is asked anew: the connection of the first question may be dead. */
const ASK_AGAIN = 10_000;

/** Whether something that the node needs answers. However many ask, one question at a time is under way. */
export class Check {
  private checking: Promise<boolean> | null = null;

  /** @param ask rejects when there is no answer */
  constructor(private readonly ask: () => Promise<unknown>) {}

  /** Whether it answers: no after `PATIENCE`, though the answer may still come. */
  isReachable(): Promise<boolean> {
    this.checking ??= this.check();
    return Promise.race([this.checking, pause(PATIENCE, false, { ref: false })]);
  }

  private async check(): Promise<boolean> {
    const answered = this.ask().then(
      () => true,
      () => false,
    );
    const reachable = await Promise.race([answered, pause(ASK_AGAIN, false, { ref: false })]);
    setTimeout(() => (this.checking = null), FRESH).unref();
    return reachable;
  }
}
