import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Hub } from '../../src/gateway/hub.js';
import { eventually } from '../support/eventually.js';
import { anyStream, type HostileStream, TOKEN } from '../support/hostile/streams.js';
import { search, SEARCH_TIME } from '../support/hostile/search.js';
import { RawConnection } from '../support/raw-connection.js';
import { expectNothingOfTheInside } from '../support/refusal.js';
import { oneProcess, queueIsHere, Service } from '../support/service.js';

const HEAD_END = '\r\n\r\n';
/** The server's own frames: a close, a ping, a pong. Nothing is pushed to these connections. */
const OPCODES = [8, 9, 10];

describe.runIf(queueIsHere)('random and damaged bytes', () => {
  let service: Service;
  let token: string;
  beforeAll(async () => {
    service = await Service.start();
    token = new URL(await service.register('mallory')).searchParams.get('token')!;
  });
  afterAll(async () => service.stop());

  /** Writes the stream as it wants to be written, ends it, and gives what the service said until it ended, too. */
  async function play({ head, frames, patience, cuts }: HostileStream): Promise<Buffer> {
    const connection = await RawConnection.open(service.url);
    const [request, rest] = [Buffer.from(head.replaceAll(TOKEN, token), 'latin1'), Buffer.from(frames, 'hex')];
    // A head that is cut short gets no answer before its end.
    const answered = async () => head.endsWith(HEAD_END) && connection.answered();
    const parts = patience === 'before the frames' ? [request, rest] : [Buffer.concat([request, rest])];
    for (const [i, part] of parts.entries()) {
      if (i > 0) await answered();
      for (const piece of pieces(part, cuts)) await connection.flush(piece);
    }
    if (patience === 'before the end') await answered();
    return connection.finish();
  }

  it(
    'at the endpoint of the WebSockets end in order, and leave the service as it was',
    { timeout: SEARCH_TIME },
    async () => {
      const answers = await search(service, 'streams', anyStream, async (stream) => {
        const said = await play(stream);
        const text = said.toString('latin1');
        if (said.length > 0) expect(text).toMatch(/^HTTP\/1\.1 \d{3} /);
        for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3})/g)) expect(Number(status), text).toBeLessThan(500);
        expectNothingOfTheInside(text);
        return text.startsWith('HTTP/1.1 101 ') ? `101 then ${closeCode(said)}` : text.slice(9, 12) || 'nothing';
      });
      if (oneProcess('It stops, breaks or watches a step inside a node.'))
        await eventually(() => expect(service.app.get(Hub, { strict: false }).size).toBe(0));
      // Streams that were all refused at the first byte would show little.
      for (const answer of ['101 then nothing', '101 then 1002', '101 then 1008', '101 then 1009', '400', '401', '404'])
        expect(answers.get(answer), answer).toBeGreaterThan(0);
    },
  );
});

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...cuts, 1].map((cut) => Math.floor(cut * bytes.length)).sort((a, b) => a - b);
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}

/** The code of the close frame; fails when what the service sent is no row of whole, unmasked control frames. */
function closeCode(said: Buffer): string {
  let code = '';
  for (let rest = said.subarray(said.indexOf(HEAD_END) + HEAD_END.length); rest.length > 0;) {
    const [first = 0, length = 0] = rest;
    expect(code, 'what was said before this frame').toBe('');
    expect(first & 0xf0, 'fin and reserved bits').toBe(0x80);
    expect(OPCODES).toContain(first & 0x0f);
    expect(rest.length, 'bytes left').toBeGreaterThanOrEqual(2 + length);
    if (first === 0x88) code = length < 2 ? 'no code' : String(rest.readUInt16BE(2));
    rest = rest.subarray(2 + length);
  }
  return code || 'nothing';
}
