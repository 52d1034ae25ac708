// backlog: a recipient connects to 10,000 pending messages. How fast they come from the beginning of the connection to the last of
// them, and what that costs the service's process in memory beyond what it had when the recipient came. Reference, in turn with it: a
// bare `ws` server, a process of its own, that sends the same texts from memory. What 16 backends pushed at once may come in
// any order; what one of them pushed must come in the order in which it was pushed, all of it, and once.
import { startBackends } from './backends/start.mjs';
import { ChildOrders } from './child-orders.mjs';
import { withInstallation } from './installation.mjs';
import { measureRounds, report } from './report.mjs';
import { Rival } from './rivals/rival.mjs';
import { watchMemory } from './usage.mjs';

const MESSAGES = Number(process.env.MESSAGES ?? 10_000);
const TEXTS = Array.from({ length: MESSAGES }, (_, i) => `${i}: The quick brown fox jumps over the lazy dog`);

await withInstallation(async ({ service }) => {
  const backends = await startBackends(service);
  const bare = await Rival.start('ws');
  const receiver = new ChildOrders(new URL('backlog/receiver.mjs', import.meta.url));
  /** Messages a second, and how busy that kept the receiver. */
  const receive = async (uri) => {
    await receiver.order('load');
    const seconds = await receiver.order('receive', { uri, count: MESSAGES });
    return { rate: MESSAGES / seconds, busy: await receiver.order('load') };
  };
  try {
    await bare.greet(TEXTS);
    const rounds = await measureRounds(async (round) => {
      const reference = await receive(bare.uri);
      const recipient = `recipient-${round}`;
      await backends.order('pushTexts', { recipient, texts: TEXTS });
      const uri = await service.register(recipient);
      const peak = watchMemory(service.child.pid);
      const ours = await receive(uri);
      return {
        'ws, messages/s': reference.rate,
        'messages/s': ours.rate,
        ratio: ours.rate / reference.rate,
        MiB: peak(),
        'busy receiving from ws': reference.busy,
        'busy receiving': ours.busy,
      };
    });
    report('backlog', `messages a second, of ${MESSAGES} that wait for a recipient who connects`, rounds, {
      ratio: { least: 0.3 },
      MiB: { most: 50 },
    });
  } finally {
    receiver.end();
    bare.end();
    backends.end();
  }
});
