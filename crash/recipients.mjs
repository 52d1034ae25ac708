// All recipients, in a process of their own, which nobody kills. Its parent tells it what to do.
import { Device } from './device.mjs';
import { Journal } from './journal.mjs';
import { Proxy } from './proxy.mjs';
import { Random } from './random.mjs';

const TICK = 20;
const STALL = 60;

const journal = new Journal(process.env.JOURNAL);
const random = new Random(Number(process.env.SEED));
const proxy = new Proxy();
let devices = [];

const orders = {
  async start({ roles, ports }) {
    const proxyPorts = [];
    for (const port of ports) proxyPorts.push(await proxy.listen(port));
    devices = roles.map(({ uri, ...role }) => {
      const uris = (role.manner === 'proxied' ? proxyPorts : ports).map((port) => uri.replace(/:\d+/, `:${port}`));
      return new Device(role, uris, journal, random.fork());
    });
    for (const device of devices) void device.run();
  },
  cut: ({ count }) => proxy.cut(count),
  swallow: () => proxy.swallow(),
  pass: () => proxy.beTransparent(),
  honest: () => {
    proxy.beTransparent();
    for (const device of devices) device.becomeHonest();
  },
  open: () => devices.every(({ isOpen }) => isOpen),
  async end() {
    await journal.close();
    setImmediate(() => process.exit(0));
  },
};

process.on('message', async ({ id, order, ...details }) => {
  const answer = await orders[order](details);
  process.send({ id, answer: answer ?? null });
});
process.on('disconnect', () => process.exit(1));

// A busy machine may not let this process run for a while; what it then reads late was not late.
let ticked = Date.now();
setInterval(() => {
  const now = Date.now();
  if (now - ticked > TICK + STALL) journal.write('stall', { from: ticked, to: now });
  ticked = now;
}, TICK);
