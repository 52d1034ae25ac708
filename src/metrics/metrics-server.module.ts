import { Module } from '@nestjs/common';
import { MetricsServer } from './metrics-server.js';

/** The port on which Prometheus reads the metrics. The commands count, too, and must not listen. */
@Module({ providers: [MetricsServer] })
export class MetricsServerModule {}
