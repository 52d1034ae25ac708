/** A place in a trace, as W3C writes it in `traceparent`: version, trace, span and flags. 55 characters. */
export type Place = string;

/** What a span tells besides its name and its times: ids and counts, never a text, a recipient, a topic, a key or a token. */
export type SpanFacts = Readonly<Record<string, string | number | boolean | undefined>>;

/** How a span begins. */
export interface SpanBeginning {
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** Under which span it belongs; without one it begins a trace. */
  readonly parent?: Place | undefined;
  readonly facts: SpanFacts;
  /** When it began, by `performance.now()`; now, unless given. */
  readonly began?: number | undefined;
}

/** A piece of work in a trace. One that is not ended is never told of. */
export interface Span {
  /** Where what follows from it belongs; undefined in a trace that is not recorded, of which nothing is to travel. */
  readonly place: Place | undefined;
  tell(facts: SpanFacts): void;
  /** @param failure what went wrong: an error, of which the kind alone is told, or a word for it */
  end(failure?: unknown): void;
}

/** Makes spans. */
export interface Tracer {
  begin(name: string, beginning: SpanBeginning): Span;
  /** The place that a caller's header `traceparent` names; undefined where it names none, or callers are not listened to. */
  placeOf(header: unknown): Place | undefined;
}

/** What this process traces. */
export const traced: {
  /** Null unless traces are on: to be looked at before anything else is done for them on the way of a message. */
  by: Tracer | null;
} = { by: null };

/** Begins a span of a trace that goes on here; none where no trace does. */
export function beginUnder(
  parent: Place | undefined,
  name: string,
  kind: SpanBeginning['kind'],
  facts: SpanFacts,
  began?: number,
): Span | undefined {
  return parent === undefined ? undefined : traced.by?.begin(name, { kind, parent, facts, began });
}
