import { databaseServers } from './database-servers.js';
import { normalizeOrigin } from './origin.js';

/**
 * One setting: the name of its environment variable, what it means, its default as a user would write it, and how its
 * text becomes a value. A parser returns the value or throws an `Error` whose message completes "PORT must be ...".
 */
export interface Setting<T> {
  readonly name: string;
  readonly description: string;
  readonly default: string;
  readonly parse: (text: string) => T;
}

type Definition = Pick<Setting<unknown>, 'name' | 'default' | 'description'>;

const DURATION_UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE_UNITS = { B: 1, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 };

/** A whole number within a range. */
export function integer(definition: Definition, min: number, max: number): Setting<number> {
  return {
    ...definition,
    parse: (text) => {
      const value = Number(text);
      if (!/^\d+$/.test(text) || value < min || value > max) throw new Error(`a whole number from ${min} to ${max}`);
      return value;
    },
  };
}

/** A whole number within a range, or `auto` for what suits this machine. */
export function integerOrAuto(definition: Definition, min: number, max: number, auto: () => number): Setting<number> {
  const number = integer(definition, min, max);
  return {
    ...definition,
    parse: (text) => {
      if (text === 'auto') return Math.min(Math.max(auto(), min), max);
      try {
        return number.parse(text);
      } catch (error) {
        throw new Error(`${(error as Error).message}, or auto`, { cause: error });
      }
    },
  };
}

/** A span of time such as `250ms`, `30s`, `5m`, `12h`, `7d` or `0`; the value is in milliseconds. */
export function duration(definition: Definition, min: string, max: string): Setting<number> {
  return quantity(definition, DURATION_UNITS, min, max, 'a duration such as 500ms, 30s, 5m, 12h or 7d');
}

/** A number of bytes such as `64KiB`, `8MiB` or `512`; the value is in bytes. */
export function size(definition: Definition, min: string, max: string): Setting<number> {
  return quantity(definition, SIZE_UNITS, min, max, 'a size such as 512B, 64KiB or 8MiB');
}

function quantity(
  definition: Definition,
  units: Record<string, number>,
  min: string,
  max: string,
  meaning: string,
): Setting<number> {
  const read = (text: string): number => {
    const match = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(text);
    const unit = match?.[2] ? units[match[2]] : Number(match?.[1]) === 0 ? 1 : undefined;
    return match && unit !== undefined ? Math.round(Number(match[1]) * unit) : Number.NaN;
  };
  return {
    ...definition,
    parse: (text) => {
      const value = read(text);
      if (!(value >= read(min) && value <= read(max))) throw new Error(`${meaning}, from ${min} to ${max}`);
      return value;
    },
  };
}

/** One word out of a few. */
export function oneOf<const W extends string>(definition: Definition, words: readonly W[]): Setting<W> {
  return {
    ...definition,
    parse: (text) => {
      const word = words.find((candidate) => candidate === text);
      if (word === undefined) throw new Error(`one of ${words.join(', ')}`);
      return word;
    },
  };
}

/** One word or several out of a few, separated by commas; each counts once. */
export function someOf<const W extends string>(definition: Definition, words: readonly W[]): Setting<readonly W[]> {
  return {
    ...definition,
    parse: (text) => {
      const named = text.split(',').map((word) => word.trim());
      const known = words.filter((word) => named.includes(word));
      if (known.length === 0 || known.length < new Set(named).size)
        throw new Error(`one or more of ${words.join(', ')}, separated by commas`);
      return known;
    },
  };
}

/** Any text. */
export function text(definition: Definition): Setting<string> {
  return { ...definition, parse: (value) => value };
}

/** Text of one form. */
export function matching(definition: Definition, form: RegExp, meaning: string): Setting<string> {
  return {
    ...definition,
    parse: (value) => {
      if (!form.test(value)) throw new Error(meaning);
      return value;
    },
  };
}

/** What a parser makes of a text, or null where none is given. */
function optional<T>(definition: Omit<Definition, 'default'>, parse: (value: string) => T): Setting<T | null> {
  return { ...definition, default: '', parse: (value) => (value === '' ? null : parse(value)) };
}

/** A whole number within a range, or nothing. */
export function optionalInteger(
  definition: Omit<Definition, 'default'>,
  min: number,
  max: number,
): Setting<number | null> {
  return optional(definition, integer({ ...definition, default: '' }, min, max).parse);
}

/** The origin of a service on the web, or nothing. */
export function optionalOrigin(definition: Omit<Definition, 'default'>): Setting<string | null> {
  return optional(definition, (value) => {
    const origin = /^https?:/.test(value) ? normalizeOrigin(value) : null;
    if (origin === null)
      throw new Error('http:// or https:// and a host, with its port if it needs one, and nothing behind');
    return origin;
  });
}

/** An absolute URL with one of the given schemes, or nothing. A mistake never repeats the value: it may hold a password. */
export function optionalUrl(
  definition: Omit<Definition, 'default'>,
  schemes: readonly string[],
): Setting<string | null> {
  return optional(definition, (value) => {
    const scheme = /^([a-z]+):\/\/./.exec(value)?.[1];
    if (!scheme || !schemes.includes(scheme))
      throw new Error(`a URL that begins with ${schemes.map((s) => `${s}://`).join(' or ')}`);
    return value;
  });
}

/** What a server may be asked for that is written to (libpq's `target_session_attrs`). */
const WRITABLE = ['any', 'read-write', 'primary'];

/** The URL of a PostgreSQL database, on one server or on several of which one takes writes; or nothing. A mistake never repeats it. */
export function optionalDatabaseUrl(definition: Omit<Definition, 'default'>): Setting<string | null> {
  return optional(definition, (value) => {
    const servers = databaseServers(value);
    const wanted = /[?&]target_session_attrs=([^&]*)/.exec(value)?.[1] ?? 'any';
    const named = servers.length === 1 || servers.every((url) => URL.canParse(url) && new URL(url).hostname !== '');
    if (!/^postgres(?:ql)?:\/\/./.test(value) || !named || !WRITABLE.includes(wanted))
      throw new Error(
        'a URL that begins with postgres:// or postgresql://, of one server or of several with commas between, and not of one that only reads',
      );
    return value;
  });
}

/** Several values, separated by commas. */
export function list<T>(definition: Definition, what: string, parseOne: (text: string) => T): Setting<readonly T[]> {
  return {
    ...definition,
    parse: (value) =>
      value
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '')
        .map((item) => {
          try {
            return parseOne(item);
          } catch {
            throw new Error(`a list of ${what}, separated by commas`);
          }
        }),
  };
}
