import { environment } from '../config/environment.js';
import type { SettingValues } from '../config/settings.js';
import { secretsOfVariables } from '../log/scrubber.js';
import type { ServiceLogger } from '../log/service-logger.js';
import type { TracedProcess } from './span-pipeline.js';
import { readTracesEnvironment } from './traces-environment.js';
import { traced } from './tracing.js';

/** The traces of a process. */
export interface Traces {
  /** Hands on what is left, within a bound of time, and is off from then on. */
  stop(): Promise<void>;
}

const OFF: Traces = { stop: () => Promise.resolve() };

/** A `NODE_DEBUG` with which Node prints each request that a process sends, past the log. It was read before any of our code ran. */
const PRINTS_REQUESTS = /(?:^|,)\s*(?:http|net|[^,]*\*[^,]*)\s*(?:,|$)/i;

/** What is left is handed on within so many milliseconds at the end of the process, and within half of STOP_TIMEOUT. */
const LAST_SPANS_TIME = 2_000;

/**
 * Switches traces on if OpenTelemetry's variables ask for them. To be called before anything is served. The SDK is loaded by that
 * alone, so that who does not ask for it pays nothing. What it lacks or can't do is told, and keeps no service from starting.
 */
export async function startTraces(
  service: TracedProcess,
  { stopTimeout }: Pick<SettingValues, 'stopTimeout'>,
  logger: ServiceLogger,
): Promise<Traces> {
  const variables = environment();
  const secrets = secretsOfVariables(variables);
  logger.hide(secrets);
  const wanted = readTracesEnvironment(variables);
  for (const mistake of wanted.mistakes) logger.write('traces.mistaken', mistake, {}, 'Traces');
  if (wanted.exporters.length === 0) return OFF;
  if (secrets.some((secret) => secret !== '') && PRINTS_REQUESTS.test(variables['NODE_DEBUG'] ?? '')) {
    logger.write('traces.off', 'With this NODE_DEBUG Node.js would print the headers for the collector', {}, 'Traces');
    return OFF;
  }
  adoptVariables(variables);
  try {
    const { SpanPipeline } = await import('./span-pipeline.js');
    const pipeline = new SpanPipeline(wanted, service, logger);
    traced.by = pipeline.tracer;
    logger.write('traces.on', `Spans go to ${wanted.exporters.join(' and ')}`, {}, 'Traces');
    return {
      stop: async () => {
        traced.by = null;
        await pipeline.close(Math.min(LAST_SPANS_TIME, stopTimeout / 2));
      },
    };
  } catch (error) {
    logger.write('traces.off', 'Traces could not be switched on', { error }, 'Traces');
    return OFF;
  }
}

/** The SDK reads the environment of the process, and knows no file `.env`. */
function adoptVariables(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables))
    if (name.startsWith('OTEL_') && value !== undefined) process.env[name] = value;
}
