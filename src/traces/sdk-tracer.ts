import {
  type Tracer as SdkTracing,
  type Span as SdkSpan,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { describeError } from '../log/describe-error.js';
import type { Place, Span, SpanBeginning, SpanFacts, Tracer } from './tracing.js';

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const satisfies Record<SpanBeginning['kind'], SpanKind>;

/** A `traceparent` of W3C Trace Context: one of a later version may have more behind it. */
const PLACE = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.{0,200})?$/;

/** Makes spans with OpenTelemetry's SDK. */
export class SdkTracer implements Tracer {
  /** @param followsCallers whether traces of callers are continued */
  constructor(
    private readonly sdk: SdkTracing,
    private readonly followsCallers: boolean,
  ) {}

  begin(name: string, { kind, parent, facts, began }: SpanBeginning): Span {
    const context = parent === undefined ? null : parsePlace(parent);
    const under = context === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context);
    const options = { kind: KINDS[kind], attributes: facts, startTime: began ?? performance.now() };
    return new RecordedSpan(this.sdk.startSpan(name, options, under));
  }

  placeOf(header: unknown): Place | undefined {
    return this.followsCallers && typeof header === 'string' && parsePlace(header) ? header : undefined;
  }
}

class RecordedSpan implements Span {
  constructor(private readonly span: SdkSpan) {}

  get place(): Place | undefined {
    const { traceId, spanId, traceFlags } = this.span.spanContext();
    return (traceFlags & TraceFlags.SAMPLED) === 0 ? undefined : `00-${traceId}-${spanId}-01`;
  }

  tell(facts: SpanFacts): void {
    for (const [name, fact] of Object.entries(facts)) if (fact !== undefined) this.span.setAttribute(name, fact);
  }

  end(failure?: unknown): void {
    if (failure !== undefined) {
      this.span.setStatus({ code: SpanStatusCode.ERROR });
      this.span.setAttribute('error.type', typeof failure === 'string' ? failure : kindOf(failure));
    }
    this.span.end(performance.now());
  }
}

/** Reads where a caller, a job or a signal says that a trace goes on; null when it says nothing of use. */
export function parsePlace(text: string): SpanContext | null {
  const [, version, traceId, spanId, flags, more] = PLACE.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  if (version === '00' && more !== undefined) return null;
  return { traceId, spanId, traceFlags: parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}

function kindOf(error: unknown): string {
  const { code, type } = describeError(error, { stack: false });
  return code ?? type;
}
