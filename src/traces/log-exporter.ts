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

  private write(span: ReadableSpan): void {
    const { traceId, spanId } = span.spanContext();
    const [seconds, nanoseconds] = span.duration;
    const fields = {
      traceId,
      spanId,
      parentSpanId: span.parentSpanContext?.spanId,
      durationMs: seconds * 1_000 + nanoseconds / 1_000_000,
      ...span.attributes,
    };
    this.logger.write('trace.span', span.name, fields, 'Traces');
  }
}
