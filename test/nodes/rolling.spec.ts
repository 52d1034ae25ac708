import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { good, post, type Registered, registration } from '../support/answer.js';
import { Balancer } from '../support/balancer.js';
import { RecipientClient } from '../support/client.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import type { NodeProcess } from '../support/node-process.js';
import { ProcessInstallation } from '../support/process-installation.js';
import { ALL_SCOPES } from '../support/access-keys.js';

const RECIPIENTS = Array.from({ length: 24 }, (_, i) => `recipient-${i}`);
const BACKENDS = 4;
const SERVICE_RESTART = 1_012;

const isReady = ({ url }: { readonly url: string }) =>
  fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

describe('nodes that are restarted one after the other', () => {
  let installation: ProcessInstallation;
  let balancer: Balancer;
  let key: string;
  const nodes: NodeProcess[] = [];

  beforeAll(async () => {
    const database = `test_${randomBytes(6).toString('hex')}`;
    installation = await ProcessInstallation.open(database, await createDatabase(database));
    for (let i = 0; i < 2; i += 1) nodes.push(await start());
    balancer = await Balancer.before(nodes.map(({ port }) => port));
    ({ key } = await installation.keys.create({ tenant: 'acme', name: 'test', scope: ALL_SCOPES }));
  });
  afterAll(async () => {
    await installation.close();
    balancer.close();
  });

  const start = () => installation.startNode({ SHUTDOWN_DELAY: '1s', DRAIN_TIME: '1s' });
  const register = async (name: string) =>
    good(await post<{ registerRecipient: Registered }>(url(), registration({ recipient: name }), key)).registerRecipient
      .connectionUri;
  const url = () => `http://127.0.0.1:${balancer.port}`;

  /** Restarts a node; the balancer sends it nothing while it is not ready. */
  async function restart(node: NodeProcess): Promise<NodeProcess> {
    const stopped = installation.stopNode(node);
    await eventually(async () => expect(await isReady(node)).toBe(false));
    balancer.ports.delete(node.port);
    await stopped;
    const next = await start();
    balancer.ports.add(next.port);
    return next;
  }

  it('lose nothing, and let no push fail that may be sent again once after a 503', async () => {
    const closings: number[] = [];
    const end = new AbortController();

    /** Connects at once whenever the connection ends, as close code 1012 asks for; gives all the connections that it had. */
    const stayConnected = async (name: string) => {
      const uri = await register(name);
      const connections = [await RecipientClient.connect(uri)];
      const staying = (async () => {
        for (;;) {
          const { closed } = await eventually(() => {
            const last = connections.at(-1)!;
            expect(end.signal.aborted || last.closed !== null).toBe(true);
            return last;
          }, 60_000);
          if (closed === null) return;
          closings.push(closed.code);
          connections.push(await eventually(() => RecipientClient.connect(uri)));
        }
      })();
      return { name, connections, staying };
    };
    const recipients = await Promise.all(RECIPIENTS.map(stayConnected));

    const acknowledged: { name: string; text: string }[] = [];
    const backends = Array.from({ length: BACKENDS }, async (_, backend) => {
      for (let i = 0; !end.signal.aborted; i += 1) {
        const name = RECIPIENTS[i % RECIPIENTS.length]!;
        const text = `${backend}-${i}`;
        const query = `mutation { pushMessage(input: { recipients: ["${name}"], message: "${text}" }) { item { id } } }`;
        const push = () => post(url(), JSON.stringify({ query }), key);
        const first = await push();
        good(first.status === 503 ? await push() : first);
        acknowledged.push({ name, text });
      }
    });

    for (const [i, node] of nodes.entries()) nodes[i] = await restart(node);
    end.abort();
    await Promise.all([...backends, ...recipients.map(({ staying }) => staying)]);

    expect(acknowledged.length).toBeGreaterThan(0);
    for (const { name, connections } of recipients)
      await eventually(() => {
        const came = new Set(connections.flatMap(({ messages }) => messages));
        expect(acknowledged.filter((message) => message.name === name && !came.has(message.text))).toEqual([]);
      });
    await eventually(async () =>
      expect(await installation.dataSource.query(`SELECT FROM messages WHERE status <> 'DELIVERED'`)).toEqual([]),
    );
    // Each was moved from one node at least, and none in any other way.
    expect(closings.length).toBeGreaterThanOrEqual(RECIPIENTS.length);
    expect(new Set(closings)).toEqual(new Set([SERVICE_RESTART]));
  });

  it('do all that they did for SHUTDOWN_DELAY, but say that they are not ready, and keep no connection for another request', async () => {
    const program = installation.runNode({ SHUTDOWN_DELAY: '10m' });
    const [, node] = (await program.says(/listening on (\S+)/)) as unknown as [string, string];
    program.child.kill('SIGTERM');
    await eventually(async () => expect(await isReady({ url: node })).toBe(false));
    const uri = new URL(await register('late'));
    uri.host = new URL(node).host;
    const client = await RecipientClient.connect(uri.href);
    const query = 'mutation { pushMessage(input: { recipients: ["late"], message: "all the same" }) { item { id } } }';
    const answer = await post(node, JSON.stringify({ query }), key);
    good(answer);
    expect(answer.headers.get('connection')).toBe('close');
    expect(await client.received(1)).toEqual(['all the same']);
    expect(await program.kill('SIGTERM')).toBe(1);
  });
});
