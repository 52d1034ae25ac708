import { databaseServers } from '../config/database-servers.js';
import type { SettingValues } from '../config/settings.js';

/** What stands in place of a secret. */
const HIDDEN = '[hidden]';
/** A shorter secret would hide innocent words. Nothing is logged that should hold it anyway. */
const SHORTEST = 6;

/** Variables of OpenTelemetry with headers for its collector, and with the collector's URL. */
const HEADERS = ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'] as const;
const ENDPOINTS = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const;

/** What looks like a secret, and what is left of it. None of them crosses the end of a JSON string. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  // An access key; its prefix is public.
  [/(homing_[0-9a-f]{10}_)[0-9a-f]{8,}/gi, `$1${HIDDEN}`],
  // The user and the password, and the query, of a URI.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s"'\\]*@/gi, `$1${HIDDEN}@`],
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s"'\\?]*)\?[^\s"'\\]*/gi, `$1?${HIDDEN}`],
  [/([?&]token=)[^\s"'\\&]*/gi, `$1${HIDDEN}`],
  // Headers by which somebody proves who he is.
  [
    /((?:x-api-key|(?:proxy-)?authorization|(?:set-)?cookie)(?:\\?["'])?\s*[:=,]\s*(?:\\?["'])?)[^"\\\r\n]+/gi,
    `$1${HIDDEN}`,
  ],
  // A sealed token, a hash, a key in base64.
  [/[A-Za-z0-9_-]{64,}/g, HIDDEN],
];

/**
 * The last look at a line before it leaves: takes out of it the secrets of this service and what has the form of one. What
 * is logged should hold none; this is for the mistake that nobody has made yet.
 */
export class Scrubber {
  private readonly secrets = new Set<string>();
  private known: RegExp | null = null;

  /** Hides these from now on, however a URI or JSON writes them. */
  hide(secrets: readonly string[]): void {
    for (const secret of secrets.filter(({ length }) => length >= SHORTEST))
      for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
        this.secrets.add(form);
    const longestFirst = [...this.secrets].sort((a, b) => b.length - a.length);
    this.known = longestFirst.length === 0 ? null : new RegExp(longestFirst.map(escape).join('|'), 'g');
  }

  scrub(line: string): string {
    const told = this.known ? line.replace(this.known, HIDDEN) : line;
    return FORMS.reduce((rest, [form, left]) => rest.replace(form, left), told);
  }
}

/** The secrets that the settings hold. */
export function secretsOf({
  databaseUrl,
  redisUrl,
  tokenSecrets,
  adminPassword,
}: Pick<SettingValues, 'databaseUrl' | 'redisUrl' | 'tokenSecrets' | 'adminPassword'>): string[] {
  const urls = [
    ...(databaseUrl === null ? [] : databaseServers(databaseUrl)),
    ...(redisUrl === null ? [] : [redisUrl]),
  ];
  return [
    ...urls.flatMap(passwordsOf),
    ...tokenSecrets.map(({ secret }) => secret),
    ...(adminPassword === null ? [] : [adminPassword]),
  ];
}

/** The secrets that variables hold which are no settings of this service: what headers for a collector of traces say, and who its URL says we are. */
export function secretsOfVariables(variables: Readonly<Record<string, string | undefined>>): string[] {
  const values = HEADERS.flatMap((name) => (variables[name] ?? '').split(','))
    .map((header) => header.slice(header.indexOf('=') + 1).trim())
    .flatMap((value) => [value, decoded(value)]);
  // The first word may only say how one proves who one is, as in `Bearer abc`.
  const words = values.map((value) => value.slice(value.lastIndexOf(' ') + 1));
  return [...values, ...words, ...ENDPOINTS.flatMap((name) => passwordsOf(variables[name] ?? ''))];
}

/** The password of a URL, as it is written there and as it is. */
export function passwordsOf(url: string): string[] {
  const written = /^[a-z]+:\/\/[^/?#]*?:([^\s]*)@/i.exec(url)?.[1] ?? '';
  const inQuery = /[?&]password=([^&]*)/.exec(url)?.[1] ?? '';
  return [written, inQuery].flatMap((text) => (text === '' ? [] : [text, decoded(text)]));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
