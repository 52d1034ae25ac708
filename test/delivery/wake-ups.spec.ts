import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { InboxRepository } from '../../src/delivery/inbox.repository.js';
import { Drainer } from '../../src/gateway/drainer.js';
import { GlobalFanOut } from '../../src/gateway/global-fan-out.js';
import { Hub } from '../../src/gateway/hub.js';
import { PushGateway } from '../../src/gateway/push.gateway.js';
import { Reconciler } from '../../src/gateway/reconciler.js';
import { PATIENCE } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { oneProcess, queueIsHere, Service } from '../support/service.js';
import { insertGlobalMessage, insertMessage } from '../support/transactions.js';

type Step = 'statement' | 'process' | 'commit' | 'signal';

/** Every order of a reading (its statement, and what is done with the result) and of a push (its commit, and the signal of it). */
const ORDERS: readonly (readonly Step[])[] = [
  ['commit', 'signal', 'statement', 'process'],
  ['commit', 'statement', 'signal', 'process'],
  ['commit', 'statement', 'process', 'signal'],
  ['statement', 'commit', 'signal', 'process'],
  ['statement', 'commit', 'process', 'signal'],
  ['statement', 'process', 'commit', 'signal'],
];

// The classic missed wake-up: what commits after an inbox was read, and is signalled while nobody listens. Nobody looks
// again here: there is one signal, and the reconciler is stopped.
describe.runIf(queueIsHere && oneProcess('It stops, breaks or watches a step inside a node.'))('a signal', () => {
  let service: Service;
  let names = 0;
  beforeAll(async () => {
    service = await Service.start();
    get(Reconciler).onApplicationShutdown();
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(async () => service.stop());

  const get = <T>(type: abstract new (...args: never[]) => T): T => service.app.get<T>(type, { strict: false });

  /** Stops the next reading of this kind before its statement, and before its result is used. */
  function hold(kind: 'backlog' | 'news' | 'globalNews') {
    const inbox = get(InboxRepository);
    const read = inbox[kind].bind(inbox) as (...args: unknown[]) => Promise<unknown>;
    const statement = new Gate();
    const result = new Gate();
    vi.spyOn(inbox, kind).mockImplementationOnce((async (...args: unknown[]) => {
      await statement.pass();
      const pages = await read(...args);
      await result.pass();
      return pages;
    }) as never);
    return { statement, result };
  }

  async function play(
    order: readonly Step[],
    { statement, result }: ReturnType<typeof hold>,
    push: { readonly commit: () => Promise<number>; readonly signal: (txid: number) => void },
  ): Promise<void> {
    let txid = 0;
    await statement.reached;
    const steps: Record<Step, () => unknown> = {
      commit: async () => (txid = await push.commit()),
      signal: () => push.signal(txid),
      statement: () => {
        statement.open();
        return result.reached;
      },
      process: () => {
        result.open();
        return nextTurn();
      },
    };
    for (const step of order) await steps[step]();
  }

  const direct = (recipient: string) => ({
    commit: () => insertMessage(service, recipient, 'pushed'),
    signal: (txid: number) =>
      get(PushGateway).onSignal({ kind: 'messages', tenant: 'acme', txid, recipients: [recipient] }),
  });
  const global = () => ({
    commit: () => insertGlobalMessage(service, 'pushed'),
    signal: (txid: number) => get(PushGateway).onSignal({ kind: 'global', tenant: 'acme', txid }),
  });

  function newName(): string {
    names += 1;
    return `recipient-${names}`;
  }

  /** A connection that has read its backlog. */
  async function connectLive(name: string) {
    const client = await service.connect(name);
    await insertMessage(service, name, 'first');
    const [connection] = get(Hub).of('acme', name);
    await vi.waitUntil(() => connection?.live && !connection.busy, { timeout: PATIENCE, interval: 5 });
    get(Drainer).wake(connection!);
    await client.received(1);
    await vi.waitUntil(() => !connection!.busy, { timeout: PATIENCE, interval: 5 });
    return { client, connection: connection! };
  }

  describe.each(ORDERS.map((order) => ({ order, name: order.join(', ') })))('in the order $name', ({ order }) => {
    it('reaches a connection that reads its backlog', async () => {
      const name = newName();
      const reading = hold('backlog');
      const connecting = service.connect(name);
      await play(order, reading, direct(name));
      expect(await (await connecting).received(1)).toEqual(['pushed']);
    });

    it('reaches a connection that reads its news', async () => {
      const name = newName();
      const { client, connection } = await connectLive(name);
      const reading = hold('news');
      get(Drainer).wake(connection);
      await play(order, reading, direct(name));
      expect(await client.received(2)).toEqual(['first', 'pushed']);
    });

    it('of a global message reaches a connection that reads its backlog', async () => {
      const reading = hold('backlog');
      const connecting = service.connect(newName());
      await play(order, reading, global());
      const client = await connecting;
      expect((await client.received(1)).at(-1)).toBe('pushed');
      await client.close();
      await service.dataSource.query('DELETE FROM global_messages');
    });

    it('of a global message reaches a connection while the fan-out reads', async () => {
      const { client } = await connectLive(newName());
      const reading = hold('globalNews');
      get(GlobalFanOut).wake('acme');
      await play(order, reading, global());
      expect(await client.received(2)).toEqual(['first', 'pushed']);
      await client.close();
      await service.dataSource.query('DELETE FROM global_messages');
    });
  });
});
