import { describe, expect, it } from 'vitest';
import { pingFrame, pongNumber, textFrame } from '../../src/gateway/frames.js';

const payload = (number: number) => pingFrame(number).subarray(2);

describe('a text frame', () => {
  it.each([
    [0, [0x81, 0]],
    [125, [0x81, 125]],
    [126, [0x81, 126, 0, 126]],
    [65_535, [0x81, 126, 0xff, 0xff]],
    [65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
  ])('of %i bytes has the shortest header that says so', (length, header) => {
    const frame = textFrame('x'.repeat(length));
    expect([...frame.subarray(0, header.length)]).toEqual(header);
    expect(frame.length).toBe(header.length + length);
  });

  it('counts bytes of UTF-8, not characters', () => {
    expect([...textFrame('é🚀')]).toEqual([0x81, 6, ...Buffer.from('é🚀')]);
  });
});

describe('a ping', () => {
  it.each([1, 255, 65_536, 2 ** 32, 2 ** 48 - 1])('carries the number %i there and back', (number) => {
    expect(pongNumber(payload(number))).toBe(number);
  });

  it('is one unmasked control frame of eight bytes', () => {
    expect([...pingFrame(1).subarray(0, 2)]).toEqual([0x89, 8]);
  });

  it.each([
    ['an empty payload', Buffer.alloc(0)],
    ['a payload that is cut short', payload(7).subarray(0, 7)],
    ['a payload that is too long', Buffer.concat([payload(7), Buffer.of(0)])],
    ['the mark of another process', Buffer.concat([Buffer.of(payload(7)[0]! ^ 1), payload(7).subarray(1)])],
  ])('is not answered by a pong with %s', (_, wrong) => {
    expect(pongNumber(wrong)).toBeNull();
  });
});
