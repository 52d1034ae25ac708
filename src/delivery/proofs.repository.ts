import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { PreparedStatement } from '../database/prepared-statement.js';
import type { GlobalProofs, Proof } from '../events/delivery-confirmed.event.js';
import { HandledEvents } from '../events/handled-events.js';
import { MessageDelivered } from '../events/message-delivered.event.js';
import type { Histogram } from '../metrics/histogram.js';
import { Metrics } from '../metrics/metrics.js';
import {
  type Deliveries,
  RECORD,
  RECORD_AND_TELL,
  RECORD_GLOBAL,
  RECORD_GLOBAL_AND_TELL,
  type Told,
} from './proofs.sql.js';

const BATCH = 5_000;

/** Records what recipients proved. */
@Injectable()
export class ProofsRepository {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly metrics: Metrics,
    private readonly handled: HandledEvents,
  ) {}

  /** Marks messages DELIVERED, as far as they are still PENDING and have not expired. */
  async record(proofs: readonly Proof[]): Promise<void> {
    // Rows are locked in the order of their ids, so that two batches that share some don't wait for each other.
    const sorted = [...proofs].sort((a, b) => a.seq - b.seq);
    for (let i = 0; i < sorted.length; i += BATCH) {
      const batch = sorted.slice(i, i + BATCH);
      const values = [batch.map(({ seq }) => seq), batch.map(({ provenAt }) => new Date(provenAt).toISOString())];
      await this.write(RECORD, RECORD_AND_TELL, values, this.metrics.pushToProof.recipient);
    }
  }

  /** Writes the row of each recipient that a global message reached, once. */
  async recordGlobal(proofs: readonly GlobalProofs[]): Promise<void> {
    const seqs = [...new Set(proofs.map(({ seq }) => seq))].sort((a, b) => a - b);
    for (const seq of seqs) {
      const ofMessage = proofs.filter((one) => one.seq === seq);
      const recipients = ofMessage.flatMap((one) => one.recipients);
      const provenAt = ofMessage.flatMap((one) => one.provenAt);
      for (let i = 0; i < recipients.length; i += BATCH) {
        const values = [seq, recipients.slice(i, i + BATCH), provenAt.slice(i, i + BATCH)];
        await this.write(RECORD_GLOBAL, RECORD_GLOBAL_AND_TELL, values, this.metrics.pushToProof.global);
      }
    }
  }

  /** Runs the statement that counts, or where handlers want to know of each delivery the one that tells. */
  private async write(
    counting: PreparedStatement<Deliveries>,
    telling: PreparedStatement<Told>,
    values: unknown[],
    histogram: Histogram,
  ): Promise<void> {
    if (!this.handled.wants(MessageDelivered)) {
      const { rows } = await counting.run(this.dataSource, values);
      for (const { bucket, count, sum } of rows) histogram.add(bucket, count, sum);
      return;
    }
    const { rows } = await telling.run(this.dataSource, [...values, this.handled.keeps(MessageDelivered)]);
    for (const { createdAt, deliveredAt } of this.handled.tellAll(MessageDelivered, rows))
      histogram.observe((deliveredAt.getTime() - createdAt.getTime()) / 1_000);
  }
}
