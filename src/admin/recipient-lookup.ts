import { Injectable } from '@nestjs/common';
import type { FoundConnection, LookupAnswer } from '../lookups/lookup-answer.js';
import { Lookups } from '../lookups/lookups.js';
import type { SeenNode } from '../nodes/node-report.js';
import { NodesRepository } from '../nodes/nodes.repository.js';
import { AdminRepository, type ShownMessage } from './admin.repository.js';
import { pendingReason, type PendingReason } from './pending-reason.js';

/** A node that has said nothing for so long, in milliseconds, has no connections any more. */
const GONE_AFTER = 60_000;

/** What is known of a recipient. */
export interface RecipientReport {
  readonly connections: readonly (Omit<FoundConnection, 'sent'> & { readonly node: string })[];
  /** How many connections there are; those of the nodes that answered. */
  readonly count: number;
  /** When nodes last ended connections of the recipient by themselves. */
  readonly cutOffs: readonly (NonNullable<LookupAnswer['cutOff']> & { readonly node: string })[];
  /** Nodes that were asked, and those that did not answer. Where no node was there to ask, nothing is known of connections. */
  readonly asked: number;
  readonly silent: readonly string[];
  readonly messages: readonly (Omit<ShownMessage, 'seq'> & { readonly reason: PendingReason | null })[];
}

/** Looks a recipient up: its connections on all nodes, and its last messages with the reasons why they are PENDING. */
@Injectable()
export class RecipientLookup {
  constructor(
    private readonly repository: AdminRepository,
    private readonly nodes: NodesRepository,
    private readonly lookups: Lookups,
  ) {}

  async find(tenant: string, recipient: string): Promise<RecipientReport> {
    const [before, seen] = await Promise.all([this.repository.lastMessages(tenant, recipient), this.nodes.seen()]);
    const seqs = before.filter(({ status }) => status === 'PENDING').map(({ seq }) => seq);
    const asked = seen.filter((node) => node.roles.includes('gateway') && node.age < GONE_AFTER);
    const answers = await this.lookups.ask(
      { tenant, recipient, seqs },
      asked.map(({ node }) => node),
    );
    // What was proven while the nodes were asked is not PENDING any more, and has no reason.
    const known = new Set(before.map(({ seq }) => seq));
    const after = await this.repository.lastMessages(tenant, recipient);
    return report(
      asked,
      answers,
      after.filter(({ seq }) => known.has(seq)),
    );
  }
}

function report(
  asked: readonly SeenNode[],
  answers: ReadonlyMap<string, LookupAnswer>,
  messages: readonly ShownMessage[],
): RecipientReport {
  const silent = asked.map(({ node }) => node).filter((node) => !answers.has(node));
  const missing = asked.length === 0 ? 1 : silent.length;
  const all = [...answers];
  return {
    connections: all.flatMap(([node, { connections }]) =>
      connections.map(({ sent: _sent, ...connection }) => ({ node, ...connection })),
    ),
    count: all.reduce((sum, [, { count }]) => sum + count, 0),
    cutOffs: all.flatMap(([node, { cutOff }]) => (cutOff ? [{ node, ...cutOff }] : [])),
    asked: asked.length,
    silent,
    messages: messages.map(({ seq, ...message }) => ({
      ...message,
      reason:
        message.status === 'PENDING'
          ? pendingReason({ seq, topic: message.topic }, [...answers.values()], missing)
          : null,
    })),
  };
}
