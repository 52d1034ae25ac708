import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Relay } from '../relay/relay.js';
import type { LookupAnswer } from './lookup-answer.js';
import { LookupsRepository } from './lookups.repository.js';

/** How long nodes have to answer, in milliseconds, and how often it is looked whether they have. */
const PATIENCE = 2_000;
const STEP = 50;

/** Asks the nodes of the gateway what they know of a recipient. The question goes by the relay, and the answers by a table. */
@Injectable()
export class Lookups {
  constructor(
    private readonly relay: Relay,
    private readonly repository: LookupsRepository,
  ) {}

  /**
   * What each node answered, by its id. Who is missing did not answer in time, and nothing is known of what it has.
   * @param nodes the ids of those that should answer
   */
  async ask(
    question: { readonly tenant: string; readonly recipient: string; readonly seqs: readonly number[] },
    nodes: readonly string[],
  ): Promise<ReadonlyMap<string, LookupAnswer>> {
    const id = randomBytes(12).toString('hex');
    const until = performance.now() + PATIENCE;
    let answers: ReadonlyMap<string, LookupAnswer> = new Map();
    // A relay that takes no question gives no answer.
    const isAsked = await this.relay.publish([{ kind: 'lookup', id, ...question }]).then(
      () => true,
      () => false,
    );
    if (!isAsked) return answers;
    while (!nodes.every((node) => answers.has(node)) && performance.now() < until) {
      await pause(STEP);
      answers = await this.repository.answers(id);
    }
    return answers;
  }
}
