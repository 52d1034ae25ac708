import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecipientClient } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { FarNode } from '../support/far-node.js';
import { queueIsHere, Service } from '../support/service.js';

const REVOKED = { code: 4403, reason: 'token revoked' };
const PROMISED = 5_000;

/** What befalls a node before something is revoked on another, and what comes back then: from that moment the 5 s count. */
const FAULTS: [which: string, begin: (far: FarNode) => void, end?: (far: FarNode) => void][] = [
  ['that hears all signals', () => undefined],
  ['whose relay is cut off', (far) => far.cutRelay()],
  ['whose relay is silent', (far) => far.deafen()],
  ['that is back after it was cut off from the database', ({ database }) => database.cut(), (far) => far.restore()],
  ['that is back after the database was silent', ({ database }) => database.silence(), (far) => far.restore()],
  ['whose connections to the database were lost without a word', ({ database }) => database.lose()],
];

// Each waits for seconds, most of them for nothing but time.
describe.runIf(queueIsHere).concurrent('what is revoked on one node', () => {
  let service: Service;
  const nodes = new Map<string, FarNode>();
  beforeAll(async () => {
    service = await Service.start();
    // None starts while another's time counts.
    await Promise.all(FAULTS.map(async ([which]) => nodes.set(which, await FarNode.start(service))));
  });
  afterAll(async () => {
    await Promise.all([...nodes.values()].map((node) => node.stop()));
    await service.stop();
  });

  it.each(FAULTS)('is in force within 5 s on one %s', async (which, begin, end) => {
    const far = nodes.get(which)!;
    const key = await service.createKey();
    const uri = await far.node.register(which, key);
    const client = await RecipientClient.connect(uri);
    begin(far);
    await Promise.all([service.revoke(which), service.keys.revoke(key.split('_')[1]!)]);
    end?.(far);
    await Promise.all([
      eventually(() => expect(client.closed).toEqual(REVOKED), PROMISED),
      eventually(async () => expect((await far.node.graphql('{ version }', {}, key)).status).toBe(401), PROMISED),
    ]);
    expect(await (await RecipientClient.connect(uri)).closing()).toEqual(REVOKED);
  });
});
