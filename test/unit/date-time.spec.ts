import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDateTime, rangeEnd, rangeStart } from '../../src/graphql/date-time.js';

// The same cases in each run.
fc.configureGlobal({ seed: 6_455 });

const iso = (text: string): string | undefined => parseDateTime(text)?.time.toISOString();

/** Instants of the years 1 to 9999, a day away from either end, so that no offset leads out. */
const instant = fc.date({
  min: new Date('0001-01-02T00:00:00Z'),
  max: new Date('9999-12-30T00:00:00Z'),
  noInvalidDate: true,
});

describe('a date and time', () => {
  it.each([
    ['2023-07-18T15:00:00', '2023-07-18T15:00:00.000Z'],
    ['2023-07-18T15:00:00Z', '2023-07-18T15:00:00.000Z'],
    ['2023-07-18t15:00:00z', '2023-07-18T15:00:00.000Z'],
    ['2023-07-18T15:00', '2023-07-18T15:00:00.000Z'],
    ['2023-07-18T15:00:00.5', '2023-07-18T15:00:00.500Z'],
    ['2023-07-18T15:00:00,25Z', '2023-07-18T15:00:00.250Z'],
    ['2023-07-18T15:00:00.123456789Z', '2023-07-18T15:00:00.123Z'],
    ['2023-07-18T15:00:00+02:00', '2023-07-18T13:00:00.000Z'],
    ['2023-07-18T15:00:00-0230', '2023-07-18T17:30:00.000Z'],
    ['2023-07-18T15:00:00+02', '2023-07-18T13:00:00.000Z'],
    ['2023-07-18T15:00:00-00:00', '2023-07-18T15:00:00.000Z'],
    ['2023-12-31T23:30:00-01:00', '2024-01-01T00:30:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29', '2000-02-29T00:00:00.000Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000Z'],
    ['0099-06-01T00:00:00Z', '0099-06-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('written as %s is %s', (text, expected) => {
    expect(iso(text)).toBe(expected);
  });

  it.each([
    ['', 'nothing'],
    ['2023', 'a year'],
    ['2023-07', 'a month'],
    ['2023-W29-2', 'a week date'],
    ['20230718T150000Z', 'without separators'],
    ['2023-07-18 15:00:00', 'with a space'],
    ['2023-07-18T15', 'without minutes'],
    ['2023-07-18T15:00:00.', 'without the fraction it announces'],
    ['2023-07-18T15:00:00.1234567890Z', 'with ten digits of a second'],
    ['2023-07-18Z', 'a date with an offset'],
    ['2023-07-18T15:00:00 Z', 'with a space before Z'],
    ['2023-07-18T15:00:00+2', 'with an offset of one digit'],
    ['2023-07-18T15:00:00+24:00', 'with an offset of a day'],
    ['2023-07-18T15:00:00+02:60', 'with an offset of 60 minutes'],
    ['2023-07-18T15:00:00CET', 'with the name of a zone'],
    [' 2023-07-18', 'with a space in front'],
    ['2023-07-18\n', 'with a line end behind'],
    ['2023-00-18', 'month 0'],
    ['2023-13-18', 'month 13'],
    ['2023-07-00', 'day 0'],
    ['2023-06-31', 'day 31 of June'],
    ['2023-02-29', 'a leap day of no leap year'],
    ['1900-02-29', 'a leap day of 1900'],
    ['2023-07-18T24:00:00', 'hour 24'],
    ['2023-07-18T15:60:00', 'minute 60'],
    ['2023-06-30T23:59:60Z', 'a leap second'],
    ['0000-12-31', 'the year 0'],
    ['0001-01-01T00:00:00+00:01', 'before the year 1'],
    ['9999-12-31T23:59:59-00:01', 'after the year 9999'],
    ['+002023-07-18', 'an extended year'],
    ['-2023-07-18', 'a negative year'],
    ['٢٠٢٣-07-18', 'with other digits'],
    ['1689692400000', 'milliseconds'],
    ['now', 'a word'],
  ])('is not written as %j: %s', (text) => {
    expect(parseDateTime(text)).toBeNull();
  });

  it('reads back whatever Date.toISOString writes, with and without its Z', () => {
    fc.assert(
      fc.property(instant, (date) => {
        const text = date.toISOString();
        expect(iso(text)).toBe(text);
        expect(iso(text.slice(0, -1))).toBe(text);
      }),
    );
  });

  it('is the same instant, whatever offset it is written with', () => {
    const offset = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
    fc.assert(
      fc.property(instant, offset, (date, minutes) => {
        const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
        const zone = `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
        expect(iso(local + zone)).toBe(date.toISOString());
      }),
    );
  });

  it('agrees with Date on which days there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999 }), fc.nat(13), fc.nat(32), (year, month, day) => {
        const text = [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join(
          '-',
        );
        const known = new Date(`${text}T00:00:00Z`);
        const exists = !Number.isNaN(known.getTime()) && known.toISOString().startsWith(text);
        expect(iso(text) ?? null).toBe(exists ? known.toISOString() : null);
      }),
      { numRuns: 500 },
    );
  });

  it('of any text at all is an instant or null, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const parsed = parseDateTime(text);
        expect(parsed === null || !Number.isNaN(parsed.time.getTime())).toBe(true);
      }),
    );
  });

  // The daylight saving time of New York skips 02:30 on that day.
  it.each(['UTC', 'America/New_York', 'Asia/Tokyo', 'Pacific/Apia', 'Europe/Berlin'])(
    'without an offset is GMT, whatever the time zone of the server: %s',
    (zone) => {
      const program = `
        import { parseDateTime, rangeEnd } from './dist/src/graphql/date-time.js';
        const texts = ['2023-07-18T15:00:00', '2023-03-12T02:30:00', '2023-03-26T02:30', '2023-07-18'];
        console.log(new Date(2023, 6, 18).getTimezoneOffset(), ...texts.map((text) => parseDateTime(text).time.toISOString()), rangeEnd(parseDateTime('2023-07-18')).toISOString());`;
      const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
        encoding: 'utf8',
        env: { ...process.env, TZ: zone },
      });
      const [, ...times] = stdout.trim().split(' ');
      expect({ times, stderr }).toEqual({
        times: [
          '2023-07-18T15:00:00.000Z',
          '2023-03-12T02:30:00.000Z',
          '2023-03-26T02:30:00.000Z',
          '2023-07-18T00:00:00.000Z',
          '2023-07-18T23:59:59.999Z',
        ],
        stderr: '',
      });
    },
  );
});

describe('a range of dates', () => {
  const ends = (text: string) => {
    const parsed = parseDateTime(text)!;
    return [rangeStart(parsed).toISOString(), rangeEnd(parsed).toISOString()];
  };

  it.each([
    ['2024-02-28', '2024-02-28T00:00:00.000Z', '2024-02-28T23:59:59.999Z'],
    ['9999-12-31', '9999-12-31T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
    ['2024-02-28T00:00', '2024-02-28T00:00:00.000Z', '2024-02-28T00:00:00.000Z'],
    ['2024-02-28T15:00:00.5+02:00', '2024-02-28T13:00:00.500Z', '2024-02-28T13:00:00.500Z'],
  ])('from %s begins at %s, and to it ends at %s', (text, start, end) => {
    expect(ends(text)).toEqual([start, end]);
  });
});
