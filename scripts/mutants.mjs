// Deliberately broken variants of the service. Each is a small change that somebody could make by mistake, and breaks a
// promise of delivery. docs/delivery-model.md lists them.

/** `changes` holds, for each, the file, a text that stands in it once, and what stands there instead. */
export const MUTANTS = [
  {
    name: 'Marked on write',
    why: 'A message counts as delivered as soon as its frame is written.',
    changes: [
      {
        file: 'src/gateway/sender.ts',
        find: '    private readonly encoder: FrameEncoder,\n',
        replace: '    private readonly encoder: FrameEncoder,\n    private readonly ledger: ProofLedger,\n',
      },
      {
        file: 'src/gateway/sender.ts',
        find: "import { FrameEncoder } from './frame-encoder.js';\n",
        replace:
          "import { FrameEncoder } from './frame-encoder.js';\nimport { ProofLedger } from '../delivery/proof-ledger.js';\n",
      },
      {
        file: 'src/gateway/sender.ts',
        find: '      connection.send(bytes, flights);\n',
        replace: `      connection.send(bytes, flights);
      const items = flights.flatMap((flight) => flight.items);
      this.ledger.add(connection.recipient, items, this.clock.now());
`,
      },
    ],
  },
  {
    name: 'UPDATE without condition',
    why: 'A proof marks a message delivered whatever has become of it.',
    changes: [
      {
        file: 'src/delivery/proofs.repository.ts',
        find: " AND m.status = 'PENDING' AND (m.expires_at IS NULL OR m.expires_at > homing_now())",
        replace: '',
      },
    ],
  },
  {
    name: 'No reconciler',
    why: 'Nobody looks for messages and proofs whose events were lost.',
    changes: [{ file: 'src/gateway/reconciler.ts', find: '() => this.step()', replace: '() => undefined' }],
  },
  {
    name: 'A proof after the expiry counts',
    why: 'The expiry is left out of the condition by which a proof is recorded.',
    changes: [
      {
        file: 'src/delivery/proofs.repository.ts',
        find: "m.status = 'PENDING' AND (m.expires_at IS NULL OR m.expires_at > homing_now())",
        replace: "m.status = 'PENDING'",
      },
    ],
  },
  {
    name: 'News are what is PENDING',
    why: 'A second connection misses what the first one has proven.',
    changes: [{ file: 'src/delivery/inbox.sql.ts', find: "m.status <> 'CANCELLED'", replace: "m.status = 'PENDING'" }],
  },
  {
    name: 'Any pong proves everything',
    why: 'A pong for an earlier ping proves what was sent behind it.',
    changes: [
      {
        file: 'src/gateway/connection.ts',
        find: 'flights.findIndex(({ ping }) => ping > number)',
        replace: 'flights.findIndex(() => false)',
      },
    ],
  },
  {
    name: 'A forged pong proves',
    why: 'A number that was never sent is taken for the pong of a ping.',
    changes: [
      {
        file: 'src/gateway/connection.ts',
        find: 'if (number !== this.challenge && !this.flights.some(({ ping }) => ping === number)) return null;',
        replace: '',
      },
    ],
  },
  {
    name: 'Topics are not compared',
    why: 'Every connection of a recipient gets the messages of every topic.',
    changes: [
      {
        file: 'src/gateway/connection.ts',
        find: 'return topic === null || topic === this.topic;',
        replace: 'return topic === null || topic !== null;',
      },
    ],
  },
  {
    name: 'Newest first',
    why: 'A reading gives the messages of a recipient in the wrong order.',
    changes: [{ file: 'src/delivery/inbox.sql.ts', find: 'ORDER BY n, seq`', replace: 'ORDER BY n, seq DESC`' }],
  },
  {
    name: 'PENDING until the sweep',
    why: 'A query shows what has expired as it is stored.',
    changes: [
      {
        file: 'src/messages/messages.repository.ts',
        find: 'if (due.length === 0) return rows;',
        replace: 'return rows;',
      },
    ],
  },
  {
    name: 'Cancelled now',
    why: 'cancelledAt is when somebody looked, rather than the expiry.',
    changes: [
      {
        file: 'src/messages/messages.repository.ts',
        find: 'cancelled_at = expires_at',
        replace: 'cancelled_at = homing_now()',
      },
    ],
  },
  {
    name: 'A global message goes again to who has it',
    why: 'The record of a recipient is not looked for.',
    changes: [{ file: 'src/delivery/inbox.sql.ts', find: ' AND NOT ${HAS_RECORD}', replace: '' }],
  },
  {
    name: 'A global message goes on for longer',
    why: 'Without an expiry, it reaches those who connect after a minute.',
    changes: [
      {
        file: 'src/global-messages/global-messages.repository.ts',
        find: "interval '60 seconds'",
        replace: "interval '80 seconds'",
      },
    ],
  },
  {
    name: 'Tenants share recipients',
    why: 'The news of a recipient are those of its name, whatever the tenant.',
    changes: [
      {
        file: 'src/delivery/inbox.sql.ts',
        find: "m.tenant = r.tenant AND m.recipient = r.recipient AND ${newSince('m')}\n       AND m.status <>",
        replace: "m.recipient = r.recipient AND ${newSince('m')}\n       AND m.status <>",
      },
    ],
  },
  {
    name: 'Proofs are forgotten at once',
    why: 'What was proven here, and is still being recorded, is sent again.',
    changes: [
      {
        file: 'src/gateway/drainer.ts',
        find: '!this.provenBefore(connection, item)',
        replace: 'item.seq > 0',
      },
    ],
  },
];
