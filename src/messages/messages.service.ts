import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { DatabaseClock } from '../database/database-clock.js';
import { DomainEvents } from '../events/domain-events.js';
import { HandledEvents } from '../events/handled-events.js';
import { MessagesPushed } from '../events/messages-pushed.event.js';
import { beginSending } from '../events/sending.js';
import { AnswerLimits } from '../graphql/answer-limits.js';
import { BadUserInputError } from '../graphql/errors.js';
import { InputLimits } from '../graphql/input-limits.js';
import { letOthersGoFirst } from '../graphql/large-requests.js';
import type { RequestMark } from '../graphql/request-mark.decorator.js';
import { NOTHING, type Selection, TEXTS_ONCE } from '../graphql/selection.js';
import { Log } from '../log/log.js';
import { logged } from '../log/log-line.js';
import { Metrics } from '../metrics/metrics.js';
import { Pager } from '../paging/pager.js';
import { inStoring } from '../traces/storing.js';
import type { Message } from './dto/message.js';
import type { MessagesArgs, MessagesQueryResult } from './dto/messages-query.js';
import type { MessageInput, PushMessageResult } from './dto/push-message.js';
import { GlobalDeliveriesRepository } from './global-deliveries.repository.js';
import { MessageStatus } from './message-status.js';
import { MessageWriter } from './message-writer.js';
import type { Stored } from './message-writer.sql.js';
import { MessagesRepository } from './messages.repository.js';

/** The log names the first so many messages of a push. */
const LOGGED_IDS = 100;

/** A recipient who can be pushed to, and the id of his message. */
interface Accepted {
  readonly recipient: string;
  readonly id: string;
}

/** Pushes messages to recipients, and lists them. */
@Injectable()
export class MessagesService {
  private readonly log = new Log(MessagesService.name);

  constructor(
    private readonly settings: Settings,
    private readonly limits: InputLimits,
    private readonly answers: AnswerLimits,
    private readonly clock: DatabaseClock,
    private readonly writer: MessageWriter,
    private readonly messages: MessagesRepository,
    private readonly globalDeliveries: GlobalDeliveriesRepository,
    private readonly events: DomainEvents,
    private readonly handled: HandledEvents,
    private readonly pager: Pager,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Stores a message for each recipient and sets its delivery going. What is returned is durable.
   * One result for each recipient, in input order, duplicates merged; a recipient that can't be used gets an error.
   * @param selection what is answered of each result, so that its size is bounded; a caller in this process leaves it out
   * @param mark of the request that asks for it
   * @throws BadUserInputError when the message as a whole can't be used, or the answer would be too large; then nothing is stored
   */
  async push(
    tenant: string,
    input: MessageInput,
    selection: Selection = NOTHING,
    mark?: RequestMark,
  ): Promise<PushMessageResult[]> {
    this.check(input, selection);
    const asked = [...new Set(input.recipients)].map((recipient) => ({
      recipient,
      mistake: this.limits.recipientMistake(recipient),
      id: randomUUID(),
    }));
    const accepted = asked.filter(({ mistake }) => mistake === null);
    await letOthersGoFirst(asked.length);
    const stored = accepted.length === 0 ? null : await this.store(tenant, input, accepted, mark);
    await letOthersGoFirst(asked.length);
    return asked.map(({ recipient, mistake, id }) =>
      mistake === null && stored
        ? { item: toPending(id, recipient, stored, input), error: null }
        : { item: null, error: { message: `The recipient ${mistake}.` } },
    );
  }

  /** A page of the tenant's messages, newest first. @throws BadUserInputError when the limit or the token can't be used */
  async list(tenant: string, args: MessagesArgs, selection: Selection = TEXTS_ONCE): Promise<MessagesQueryResult> {
    const filter = args.filter ?? {};
    for (const field of ['recipient', 'topic'] as const) {
      const mistake = typeof filter[field] === 'string' ? this.limits.filterMistake(filter[field]) : null;
      if (mistake) throw new BadUserInputError(`filter.${field} ${mistake}.`, `filter.${field}`);
    }
    return this.pager.page({ tenant, query: 'messages', filter }, args, selection, (bounds) =>
      filter.globalMessageId
        ? this.globalDeliveries.list(tenant, filter.globalMessageId, filter, bounds)
        : this.messages.list(tenant, filter, bounds),
    );
  }

  private check({ recipients, message, topic, expiresAt }: MessageInput, selection: Selection): void {
    if (recipients.length > this.settings.maxRecipients) {
      throw new BadUserInputError(
        `input.recipients must not name more than ${this.settings.maxRecipients} recipients.`,
        'input.recipients',
      );
    }
    this.limits.checkContent({ message, topic, expiresAt }, this.clock.now());
    this.answers.checkRows(recipients.length, selection, 'input.recipients');
    this.answers.checkTexts({ message, topic }, recipients, selection);
  }

  private async store(
    tenant: string,
    { message, topic, expiresAt }: MessageInput,
    accepted: readonly Accepted[],
    mark: RequestMark | undefined,
  ): Promise<Stored> {
    const ids = accepted.map(({ id }) => id);
    const recipients = accepted.map(({ recipient }) => recipient);
    const { requestId } = mark ?? {};
    const facts = { tenant, ids, recipients, topic: topic ?? null, expiresAt: expiresAt ?? null, requestId };
    const stored = await inStoring(mark?.place, 'messages', recipients.length, () =>
      this.writer.store({ ...facts, message }),
    );
    this.metrics.messagesPushed.recipient.add(recipients.length);
    const txid = Number(stored.txid);
    if (logged.debug)
      this.log.write('push.stored', `A message was stored for ${accepted.length} recipients`, {
        requestId,
        txid,
        tenant,
        messageIds: ids.slice(0, LOGGED_IDS),
      });
    const sending = beginSending(mark?.place, MessagesPushed.name);
    const { createdAt } = stored;
    const event = new MessagesPushed({ ...facts, createdAt, txid, place: sending?.place });
    this.events.publish(event, sending);
    this.handled.tell(event);
    return stored;
  }
}

function toPending(
  id: string,
  recipient: string,
  { createdAt }: Stored,
  { message, topic, expiresAt }: MessageInput,
): Message {
  return {
    id,
    recipient,
    message,
    topic: topic ?? null,
    status: MessageStatus.PENDING,
    expiresAt: expiresAt ?? null,
    createdAt,
    deliveredAt: null,
    cancelledAt: null,
    globalMessageId: null,
  };
}
