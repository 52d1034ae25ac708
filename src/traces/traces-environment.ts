/** Where spans can go. */
export type SpanExporterName = 'otlp' | 'console';

/** What the environment says of traces. */
export interface TracesEnvironment {
  /** Where spans go; nowhere, and traces are off, when it is empty. */
  readonly exporters: readonly SpanExporterName[];
  /** Whether a trace of the caller is continued. */
  readonly followsCallers: boolean;
  /** A sentence for each variable that asks for what there is not; none repeats a value. */
  readonly mistakes: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const ENDPOINTS = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const;
const PROTOCOLS = ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] as const;

/**
 * Reads of OpenTelemetry's variables those that its SDK for Node.js leaves to whoever uses it. Traces are on when an endpoint or an
 * exporter is named: unlike in the specification, since nothing of this service leaves the machine unasked.
 */
export function readTracesEnvironment(environment: Environment): TracesEnvironment {
  const value = (name: string): string => environment[name]?.trim() ?? '';
  const words = (name: string): string[] =>
    value(name)
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '');
  const isOff = value('OTEL_SDK_DISABLED').toLowerCase() === 'true';
  const asked = words('OTEL_TRACES_EXPORTER');
  const named = asked.length === 0 && ENDPOINTS.some((name) => value(name) !== '') ? ['otlp'] : asked;
  const exporters = isOff || named.includes('none') ? [] : named.filter(isExporter);
  const propagators = words('OTEL_PROPAGATORS');
  return {
    exporters: [...new Set(exporters)],
    followsCallers: propagators.length === 0 || propagators.includes('tracecontext'),
    mistakes: isOff
      ? []
      : [
          ...(named.every((name) => isExporter(name) || name === 'none')
            ? []
            : ['OTEL_TRACES_EXPORTER names an exporter that there is not; there are otlp, console and none']),
          ...(exporters.includes('otlp')
            ? PROTOCOLS.filter((name) => !['', 'http/protobuf'].includes(value(name))).map(
                (name) => `${name} is not used: spans go by http/protobuf`,
              )
            : []),
        ],
  };
}

function isExporter(name: string): name is SpanExporterName {
  return name === 'otlp' || name === 'console';
}
