const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** A point in time as a caller wrote it, and whether only its date was given. */
export interface ParsedDateTime {
  readonly time: Date;
  readonly dateOnly: boolean;
}

/**
 * Reads an ISO 8601 date, or date and time, of the years 1 to 9999: with an offset or `Z`, or without one and then GMT,
 * whatever the server's time zone. A date alone is its first instant. Null when the text is none, or no such day exists.
 */
export function parseDateTime(text: string): ParsedDateTime | null {
  const match = ISO_8601.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const milliseconds = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  const time = new Date(0);
  time.setUTCFullYear(year, month - 1, day);
  if (year < 1 || time.getUTCMonth() !== month - 1 || time.getUTCDate() !== day) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  const offset = parseOffset(match[8] ?? 'Z');
  if (offset === null) return null;
  time.setUTCHours(hour, minute - offset, second, milliseconds);
  if (time.getUTCFullYear() < 1 || time.getUTCFullYear() > 9999) return null;
  return { time, dateOnly: match[4] === undefined };
}

/** Minutes east of GMT. */
function parseOffset(text: string): number | null {
  if (text.toUpperCase() === 'Z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(3).replace(':', '') || 0);
  if (hours > 23 || minutes > 59) return null;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

const DAY = 86_400_000;

/** The first instant that a `from` includes. */
export function rangeStart(parsed: ParsedDateTime): Date {
  return parsed.time;
}

/** The last millisecond that a `to` includes: a date alone includes its whole day. */
export function rangeEnd(parsed: ParsedDateTime): Date {
  return parsed.dateOnly ? new Date(parsed.time.getTime() + DAY - 1) : parsed.time;
}
