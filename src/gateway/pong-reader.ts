import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { PONG_FRAME_BYTES, pongPayload } from './frames.js';

/**
 * Reads what nearly all clients send and nothing else, whole pongs that answer our pings, without the parser of `ws`, which would
 * be most of what a proof costs. With the first bytes that are anything else the parser takes over for good, so it never begins
 * in the middle of a frame. The events are the same.
 * @param transport of a WebSocket that `ws` has taken in this turn of the event loop, so that nothing has been read from it
 */
export function readPongs(socket: WebSocket, transport: Duplex): void {
  const [parse] = transport.listeners('data') as ((this: Duplex, chunk: Buffer) => void)[];
  if (!parse) return;
  transport.off('data', parse);
  const read = (chunk: Buffer): void => {
    let at = 0;
    for (let payload = pongPayload(chunk, at); payload; payload = pongPayload(chunk, at)) {
      socket.emit('pong', payload);
      at += PONG_FRAME_BYTES;
    }
    if (at === chunk.length) return;
    transport.off('data', read).on('data', parse);
    parse.call(transport, at === 0 ? chunk : chunk.subarray(at));
  };
  transport.on('data', read);
}
