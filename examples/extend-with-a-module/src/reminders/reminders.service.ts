import { Injectable } from '@nestjs/common';
import { MessagesPushed, MessagesService, MessageStatus, OnDomainEvent } from 'homing';
import { Mailer } from './mailer.js';
import type { Reminder } from './reminder.js';

/** How long a message may wait for its recipient, in milliseconds. */
const REMIND_AFTER = Number(process.env['REMIND_AFTER'] ?? 60_000);

@Injectable()
export class RemindersService {
  /** What this process has sent, by tenant. An application would keep it in its database. */
  private readonly sent = new Map<string, Reminder[]>();

  constructor(
    private readonly messages: MessagesService,
    private readonly mailer: Mailer,
  ) {}

  /** Durable: after a crash, or when the mail server is away, it is called again. An e-mail that goes out twice has the same Message-ID. */
  @OnDomainEvent(MessagesPushed, { durable: 'reminders', delay: REMIND_AFTER })
  async remind({ tenant, ids, recipients, createdAt }: MessagesPushed): Promise<void> {
    const at = createdAt.toISOString();
    for (const [i, recipient] of recipients.entries()) {
      const { items } = await this.messages.list(tenant, { filter: { recipient, createdAt: { from: at, to: at } } });
      const message = items.find(({ id }) => id === ids[i]);
      if (message?.status !== MessageStatus.PENDING) continue;
      await this.mailer.send({ id: message.id, to: `${recipient}@example.com`, text: 'A message waits for you.' });
      this.sent.set(tenant, [...this.of(tenant), { messageId: message.id, recipient }]);
    }
  }

  of(tenant: string): Reminder[] {
    return this.sent.get(tenant) ?? [];
  }
}
