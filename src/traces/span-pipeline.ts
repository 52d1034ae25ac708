import { diag, DiagLogLevel } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { withoutQuotes } from '../log/describe-error.js';
import type { ServiceLogger } from '../log/service-logger.js';
import { LogExporter } from './log-exporter.js';
import { SdkTracer } from './sdk-tracer.js';
import { ToldExporter } from './told-exporter.js';
import type { SpanExporterName, TracesEnvironment } from './traces-environment.js';
import type { Tracer } from './tracing.js';

/** What a trace says of the process that its spans come from. */
export interface TracedProcess {
  readonly version: string;
  /** The id of this node. */
  readonly node: string;
}

/** The same sentence of the SDK, numbers aside, is told once in so many milliseconds. */
const SAY_AGAIN = 60_000;
/** So many sentences are kept in mind. */
const SENTENCES = 100;

/**
 * The way of spans out of this process, by OpenTelemetry's SDK, which reads its variables itself: the sampler, limits, the queue before
 * an exporter (2,048 spans, what does not fit is dropped) and the exporter. Loading this module loads the SDK.
 */
export class SpanPipeline {
  readonly tracer: Tracer;
  private readonly provider: NodeTracerProvider;

  constructor(
    { exporters, followsCallers }: TracesEnvironment,
    { version, node }: TracedProcess,
    private readonly logger: ServiceLogger,
  ) {
    this.listen();
    const own = { 'service.name': 'homing', 'service.version': version, 'service.instance.id': node };
    this.provider = new NodeTracerProvider({
      resource: resourceFromAttributes(own).merge(detectResources({ detectors: [envDetector] })),
      spanProcessors: exporters.map((name) => new BatchSpanProcessor(this.exporter(name))),
    });
    this.tracer = new SdkTracer(this.provider.getTracer('homing', version), followsCallers);
  }

  /** Hands on what is left, and gives up after so many milliseconds. */
  async close(patience: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const given = new Promise<void>((resolve) => (timer = setTimeout(resolve, patience)));
    await Promise.race([this.provider.shutdown().catch(() => undefined), given]);
    clearTimeout(timer);
  }

  private exporter(name: SpanExporterName): ToldExporter | LogExporter {
    return name === 'console' ? new LogExporter(this.logger) : new ToldExporter(new OTLPTraceExporter(), this.logger);
  }

  /** What the SDK tells of its own doing becomes lines of the log, without what it quotes. */
  private listen(): void {
    const said = new Map<string, number>();
    const say = (...parts: unknown[]): void => {
      const told = withoutQuotes(parts.filter((part) => typeof part === 'string').join(': '));
      const [key, now] = [told.replace(/\d+/g, '0'), performance.now()];
      if (now - (said.get(key) ?? -Infinity) < SAY_AGAIN) return;
      if (said.size >= SENTENCES) said.clear();
      said.set(key, now);
      this.logger.write('library.said', told, {}, 'Traces');
    };
    const quiet = (): void => undefined;
    const logger = { error: say, warn: say, info: quiet, debug: quiet, verbose: quiet };
    diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  }
}
