import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { ServiceLogger } from '../log/service-logger.js';

type Done = Parameters<SpanExporter['export']>[1];

/** What `ExportResultCode` of the SDK calls a success. */
const SUCCESS = 0;

/** An exporter whose failures are told once until it works again, by the log: by itself the SDK tells each, with what it quotes. */
export class ToldExporter implements SpanExporter {
  private isFailing = false;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly logger: ServiceLogger,
  ) {}

  export(spans: ReadableSpan[], done: Done): void {
    this.exporter.export(spans, ({ code, error }) => {
      if (code === SUCCESS) this.isFailing = false;
      else this.tell(error ?? new Error('It is not said why'), spans.length);
      done({ code: SUCCESS });
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  private tell(error: Error, count: number): void {
    if (this.isFailing) return;
    this.isFailing = true;
    this.logger.write('traces.unexported', 'Spans could not be handed on, and are dropped', { error, count }, 'Traces');
  }
}
