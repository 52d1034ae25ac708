import { Injectable } from '@nestjs/common';
import { NodeId } from '../config/node-id.js';
import { ProofLedger } from '../delivery/proof-ledger.js';
import type { LookupAnswer } from '../lookups/lookup-answer.js';
import { Log } from '../log/log.js';
import { LookupsRepository } from '../lookups/lookups.repository.js';
import type { LookupSignal } from '../relay/relay.js';
import { CutOffs } from './cut-offs.js';
import { Hub } from './hub.js';

/** Connections that are told of one by one. */
const MOST_CONNECTIONS = 100;

/** Answers what this node knows of a recipient. An answer that can't be written is one that is missing, and told so where it was asked. */
@Injectable()
export class LookupAnswers {
  private readonly log = new Log(LookupAnswers.name);

  constructor(
    private readonly node: NodeId,
    private readonly hub: Hub,
    private readonly ledger: ProofLedger,
    private readonly cutOffs: CutOffs,
    private readonly repository: LookupsRepository,
  ) {}

  async answer(question: LookupSignal): Promise<void> {
    try {
      await this.repository.answer(question.id, this.node.text, this.find(question));
    } catch (error) {
      this.log.write('lookup.unanswered', 'A question of the admin pages could not be answered', { error });
    }
  }

  private find({ tenant, recipient, seqs }: LookupSignal): LookupAnswer {
    const connections = [...this.hub.of(tenant, recipient)].filter(({ open }) => open);
    return {
      connections: connections.slice(0, MOST_CONNECTIONS).map((connection) => ({
        since: connection.opened?.at.toISOString() ?? null,
        topic: connection.topic,
        live: connection.live,
        buffered: connection.bufferedBytes,
        unproven: connection.unprovenCount,
        sent: seqs.filter((seq) => connection.awaits(seq)),
      })),
      count: connections.length,
      proven: seqs.filter((seq) => this.ledger.holds(seq)),
      cutOff: this.cutOffs.of(tenant, recipient),
    };
  }
}
