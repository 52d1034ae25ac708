import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JQ, PYTHON } from '../support/parts.js';
import { Program } from '../support/program.js';
import { Service } from '../support/service.js';
import { type Fate, Unreliable } from '../support/unreliable.js';

const BACKENDS = [
  { name: 'Node.js', greeting: 'Hello from Node.js', command: [process.execPath, 'examples/backend/homing.mjs'] },
  { name: 'Python', greeting: 'Hello from Python', command: [PYTHON.path, '-B', 'examples/backend/homing.py'] },
  { name: 'Shell', greeting: 'Hello from a shell', command: [JQ.path && 'sh', 'examples/backend/homing.sh'] },
].flatMap(({ command: [program, ...args], ...backend }) =>
  program ? [{ ...backend, command: [program, ...args] as string[] }] : [],
);
/** More than a page. */
const BEFORE = 1_001;
/** How often each program asks before it pushes for the first time. */
const REGISTERED: Fate = 'passed';

describe.each(BACKENDS)('the example of a backend: $name', ({ name, greeting, command }) => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(async () => service.stop());

  const run = (url: string, key = service.key) => Program.command(command, { HOMING_URL: url, HOMING_KEY: key });
  const greetings = async () =>
    (await service.messages({ recipient: 'bob' })).filter(({ message }) => message === greeting).length;

  it('registers, pushes to several, with an expiry and to all, tells whom it could not push to, and lists every page', async () => {
    for (let i = 0; i < BEFORE; i += 77)
      await Promise.all(Array.from({ length: Math.min(77, BEFORE - i) }, () => service.push('ann', 'from before')));
    const [ann, bob] = [await service.connect('ann'), await service.connect('bob')];
    const program = run(service.url);
    expect(await program.closes(), program.errors).toBe(0);
    expect((await ann.received(BEFORE + 3)).slice(BEFORE).sort()).toEqual(
      [greeting, `${name}: this is for all`, `${name}: this is gone in an hour`].sort(),
    );
    expect(await bob.received(2)).toEqual(expect.arrayContaining([greeting, `${name}: this is for all`]));
    expect(program.out).toMatch(/^ann connects at ws:\S+\?token=\S+$/m);
    expect(program.out).toMatch(/^refused for (""|'') The recipient must not be empty\.$/m);
    expect(program.out.match(/^(?:PENDING|DELIVERED) .+$/gm)).toHaveLength(BEFORE + 2);
    const expiring = (await service.messages({ recipient: 'ann' })).find(({ expiresAt }) => expiresAt !== null);
    expect(expiring?.message).toBe(`${name}: this is gone in an hour`);
    await bob.kill();
    await ann.kill();
  });

  it.each<[what: string, fates: Fate[]]>([
    ['too many requests', ['limited', REGISTERED, 'limited']],
    ['a node that stops', ['stopping', REGISTERED, 'stopping']],
    ['a lost answer to what stores nothing', ['lost', REGISTERED]],
  ])('tries again after %s, and pushes once', async (_what, fates) => {
    const before = await greetings();
    const between = await Unreliable.before(service.url, fates);
    const program = run(between.url);
    expect(await program.closes(), program.errors).toBe(0);
    expect(between.fates).toEqual([]);
    expect(await greetings()).toBe(before + 1);
    between.close();
  });

  it.each<Fate>(['lost', 'broken'])(
    'does not push again when nobody knows whether the first was stored, and says so: %s',
    async (fate) => {
      const before = await greetings();
      const between = await Unreliable.before(service.url, [REGISTERED, fate]);
      const program = run(between.url);
      expect(await program.closes()).toBe(name === 'Shell' ? 2 : 1);
      expect(program.errors).toMatch(/OutcomeUnknown|unknown whether it was stored/);
      expect(await greetings()).toBe(before + 1);
      between.close();
    },
  );

  it('gives up at once when it is refused, and says why', async () => {
    const program = run(service.url, 'no key');
    expect(await program.closes()).toBe(1);
    expect(program.errors).toContain('The access key is not known');
  });
});
