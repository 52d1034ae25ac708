import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RecipientClient } from '../support/client.js';
import { oneProcess, queueIsHere, Service } from '../support/service.js';

const here = queueIsHere && oneProcess('It sets the clock or the time zone of the node, or reads its log.');

describe.runIf(here)('the log at its most talkative', () => {
  let service: Service;
  let lines: string[];
  beforeAll(async () => {
    lines = [];
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
    service = await Service.start({ LOG_LEVEL: 'debug' });
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(async () => service.stop());

  it('holds no key, no token and no text of a message, not even of what fails', async () => {
    const secret = 'b'.repeat(48);
    const uri = await service.register('ann');
    const client = await service.connect('ann');
    await service.push('ann', 'a text for ann alone');
    await client.received(1);
    client.socket.send('a text of ann');
    client.socket.send(Buffer.alloc(100_000, 'a text of ann'));
    await client.closing();
    await service.graphql('{ version }', {}, `homing_aaaaaaaaaa_${secret}`);
    await expect(RecipientClient.connect(`${uri}${secret}`)).rejects.toThrow('401');
    await service.dataSource.query('ALTER TABLE messages RENAME TO elsewhere');
    const broken = await service.graphql(
      'mutation { pushMessage(input: {recipients: ["ann"], message: "a text for ann alone"}) { item { id } } }',
    );
    await service.dataSource.query('ALTER TABLE elsewhere RENAME TO messages');
    expect(broken.errors[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR');
    const log = lines.join('');
    expect(log).toContain(broken.errors[0]?.extensions['id']);
    for (const hidden of [service.key, new URL(uri).searchParams.get('token')!, secret, 'a text'])
      expect(log).not.toContain(hidden);
  });
});
