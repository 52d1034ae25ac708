import type { Socket } from 'node:net';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { Connection, nextPing } from '../../src/gateway/connection.js';

const message = (seq: number) => ({ seq, id: `id-${seq}`, global: false });
const page = (from: number, count: number) => Array.from({ length: count }, (_, i) => message(from + i));
const NOTHING = Buffer.alloc(0);

describe('a connection', () => {
  let transport: Socket;
  let socket: WebSocket;
  let connection: Connection;
  beforeEach(() => {
    transport = {
      writable: true,
      writableNeedDrain: false,
      writableLength: 0,
      write: vi.fn<() => void>(),
      once: vi.fn<() => void>(),
    } as never;
    socket = { readyState: 1, OPEN: 1 } as WebSocket;
    connection = new Connection(
      socket,
      transport,
      { claims: { tenant: 't', recipient: 'r', topic: 'News' } as never, issuedAt: 0, opened: null },
      'text',
    );
  });

  /** Sends messages and gives the number of the ping behind them. */
  function send(...seqs: number[]): number {
    const ping = nextPing();
    connection.send(NOTHING, [{ ping, items: seqs.map(message) }]);
    return ping;
  }

  /** Probes, and gives the number of the ping that this sent. */
  function probe(): number {
    expect(connection.probe()).toBe(true);
    return (vi.mocked(transport.write).mock.lastCall?.[0] as unknown as Buffer).readUIntBE(4, 6);
  }

  it('is not probed behind its close frame, after which nothing may follow, and is not taken for dead either', () => {
    probe();
    vi.mocked(transport.write).mockClear();
    Object.assign(socket, { readyState: 2 });
    expect(connection.probe()).toBe(true);
    expect(transport.write).not.toHaveBeenCalled();
  });

  it('takes messages without a topic and those of its very topic', () => {
    expect([null, 'News', 'news', 'Newsletter', ''].map((topic) => connection.takes(topic))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  describe('given a pong', () => {
    it('proves what was sent before its ping, and not what was sent after', () => {
      const first = send(1, 2);
      send(3);
      expect(connection.pong(first)).toEqual([message(1), message(2)]);
      expect(connection.unproven).toBe(true);
    });

    it('for the latest ping alone, proves everything before it', () => {
      send(1);
      send(2);
      const last = send(3);
      expect(connection.pong(last)).toEqual([message(1), message(2), message(3)]);
      expect(connection.unproven).toBe(false);
    });

    it('for the heartbeat alone, proves the messages that were sent before the heartbeat', () => {
      send(1);
      const heartbeat = probe();
      const after = send(2);
      expect(connection.pong(heartbeat)).toEqual([message(1)]);
      expect(connection.pong(after)).toEqual([message(2)]);
    });

    it.each([
      ['was never sent', () => nextPing() + 1_000],
      ['was sent on another connection', () => nextPing()],
      ['is zero', () => 0],
    ])('whose number %s, proves nothing', (_, number) => {
      send(1);
      expect(connection.pong(number())).toBeNull();
      expect(connection.unproven).toBe(true);
    });

    it('a second time, proves nothing', () => {
      const ping = send(1);
      connection.pong(ping);
      expect(connection.pong(ping)).toBeNull();
    });
  });

  describe('when it is asked whether its peer is alive', () => {
    it('says no when nothing was answered since it was last asked', () => {
      probe();
      expect(connection.probe()).toBe(false);
    });

    it('says yes when the heartbeat was answered', () => {
      connection.pong(probe());
      expect(connection.probe()).toBe(true);
    });

    it('says yes when only a ping behind a message was answered, one from before the heartbeat included', () => {
      const slow = send(1);
      probe();
      connection.pong(slow);
      expect(connection.probe()).toBe(true);
    });
  });

  it('counts what its client sends in windows of ten seconds', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const count = (after: number) => {
      vi.advanceTimersByTime(after);
      return connection.countInbound();
    };
    expect([0, 5_000, 4_999, 1, 0, 10_000].map(count)).toEqual([1, 2, 3, 1, 2, 1]);
    vi.useRealTimers();
  });

  describe('when it may be sent more', () => {
    it('calls back at once when its socket takes more and it has proven what it was sent', () => {
      const callback = vi.fn<() => void>();
      connection.whenReady(callback);
      expect(callback).toHaveBeenCalledOnce();
    });

    it('waits until its socket has drained', () => {
      const callback = vi.fn<() => void>();
      Object.assign(transport, { writableNeedDrain: true });
      connection.whenReady(callback);
      expect(callback).not.toHaveBeenCalled();
      Object.assign(transport, { writableNeedDrain: false });
      (vi.mocked(transport.once).mock.lastCall?.[1] as () => void)();
      expect(callback).toHaveBeenCalledOnce();
    });

    it('waits for proofs when a window of messages is unproven, so that a mute peer costs bounded memory', () => {
      const callback = vi.fn<() => void>();
      const [first, second] = [nextPing(), nextPing()];
      connection.send(NOTHING, [{ ping: first, items: page(1, 1_000) }]);
      connection.send(NOTHING, [{ ping: second, items: page(1_001, 1_000) }]);
      connection.whenReady(callback);
      expect(callback).not.toHaveBeenCalled();
      connection.pong(first);
      expect(callback).toHaveBeenCalledOnce();
      connection.pong(second);
      expect(callback).toHaveBeenCalledOnce();
    });

    it('is silent once far more than a window is unproven', () => {
      connection.send(NOTHING, [{ ping: nextPing(), items: page(1, 16_384) }]);
      expect(connection.silent).toBe(false);
      connection.send(NOTHING, [{ ping: nextPing(), items: page(1, 1) }]);
      expect(connection.silent).toBe(true);
    });
  });
});
