import { describe, expect, it } from 'vitest';
import { Snapshot } from '../../src/delivery/snapshot.js';

describe('a snapshot', () => {
  const snapshot = Snapshot.parse('10:20:10,15');

  it.each([
    [9, true, 'ended before every open one'],
    [10, false, 'was open, the oldest of them'],
    [12, true, 'ended between open ones'],
    [15, false, 'was open'],
    [19, true, 'was the last to end'],
    [20, false, 'had not begun'],
    [21, false, 'began later'],
  ])('covers transaction %i: %s, since it %s', (txid, covered) => {
    expect(snapshot.covers(txid)).toBe(covered);
  });

  it('covers everything before its end when nothing was open', () => {
    const quiet = Snapshot.parse('20:20:');
    expect([19, 20].map((txid) => quiet.covers(txid))).toEqual([true, false]);
  });

  it.each([
    ['10:20:10,15', true, 'itself'],
    ['10:18:10,15', true, 'one that ended sooner'],
    ['8:20:8,10,15', true, 'one with more open transactions'],
    ['15:20:15', false, 'one that saw a transaction which was open here'],
    ['10:21:10,15', false, 'one that ended later'],
    ['10:15:10', true, 'one whose end is open here'],
  ])('asked whether it includes %s: %s, %s', (other, included) => {
    expect(snapshot.includes(Snapshot.parse(other))).toBe(included);
  });

  it('keeps the text that PostgreSQL reads again', () => {
    expect(snapshot.text).toBe('10:20:10,15');
  });
});
