import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { ServiceLogger } from '../log/service-logger.js';

/** Writes spans to the log (`OTEL_TRACES_EXPORTER=console`): standard output is the log's alone. */
export class LogExporter implements SpanExporter {
  constructor(private readonly logger: ServiceLogger) {}

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    for (const span of spans) this.write(span);
    done({ code: 0 });
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  private write({ name, duration: [seconds, nanoseconds], attributes, ...span }: ReadableSpan): void {
    this.logger.write(
      'trace.span',
      name,
      {
        traceId: span.spanContext().traceId,
        spanId: span.spanContext().spanId,
        parentSpanId: span.parentSpanContext?.spanId,
        durationMs: seconds * 1_000 + nanoseconds / 1_000_000,
        ...attributes,
      },
      'Traces',
    );
  }
}
