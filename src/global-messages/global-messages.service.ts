import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../database/database-clock.js';
import { DomainEvents } from '../events/domain-events.js';
import { GlobalMessagePushed } from '../events/global-message-pushed.event.js';
import { HandledEvents } from '../events/handled-events.js';
import { beginSending } from '../events/sending.js';
import { AnswerLimits } from '../graphql/answer-limits.js';
import { BadUserInputError } from '../graphql/errors.js';
import { InputLimits } from '../graphql/input-limits.js';
import type { RequestMark } from '../graphql/request-mark.decorator.js';
import { NOTHING, type Selection, TEXTS_ONCE } from '../graphql/selection.js';
import { Log } from '../log/log.js';
import { logged } from '../log/log-line.js';
import { Metrics } from '../metrics/metrics.js';
import { Pager } from '../paging/pager.js';
import { inStoring } from '../traces/storing.js';
import type {
  GlobalMessage,
  GlobalMessageInput,
  GlobalMessagesArgs,
  GlobalMessagesQueryResult,
} from './dto/global-message.js';
import { GlobalMessagesRepository } from './global-messages.repository.js';

/** Pushes messages to all recipients of a tenant, and lists them. */
@Injectable()
export class GlobalMessagesService {
  private readonly log = new Log(GlobalMessagesService.name);

  constructor(
    private readonly limits: InputLimits,
    private readonly answers: AnswerLimits,
    private readonly clock: DatabaseClock,
    private readonly globalMessages: GlobalMessagesRepository,
    private readonly events: DomainEvents,
    private readonly handled: HandledEvents,
    private readonly pager: Pager,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Stores a global message and sets its delivery going; the cost does not depend on the number of recipients.
   * @param selection what is answered, so that its size is bounded; a caller in this process leaves it out
   * @param mark of the request that asks for it
   * @throws BadUserInputError when it can't be used, or the answer would be too large; then nothing is stored
   */
  async push(
    tenant: string,
    input: GlobalMessageInput,
    selection: Selection = NOTHING,
    mark?: RequestMark,
  ): Promise<GlobalMessage> {
    this.limits.checkContent(input, this.clock.now());
    this.answers.checkRows(1, selection, 'input.message');
    this.answers.checkTexts(input, [], selection);
    const { message, topic, expiresAt } = input;
    const { requestId } = mark ?? {};
    const stored = await inStoring(mark?.place, 'global_messages', 1, () =>
      this.globalMessages.insert({
        tenant,
        message,
        topic: topic ?? null,
        expiresAt: expiresAt ?? null,
        requestId,
      }),
    );
    this.metrics.messagesPushed.global.add();
    const txid = Number(stored.txid);
    if (logged.debug)
      this.log.write('push.stored', 'A global message was stored', {
        requestId,
        txid,
        tenant,
        messageIds: [stored.id],
      });
    const sending = beginSending(mark?.place, GlobalMessagePushed.name);
    const event = new GlobalMessagePushed({ ...stored, tenant, requestId, txid, place: sending?.place });
    this.events.publish(event, sending);
    this.handled.tell(event);
    return stored;
  }

  /** A page of the tenant's global messages, newest first. @throws BadUserInputError when the limit or the token can't be used */
  async list(
    tenant: string,
    args: GlobalMessagesArgs,
    selection: Selection = TEXTS_ONCE,
  ): Promise<GlobalMessagesQueryResult> {
    const filter = args.filter ?? {};
    const mistake = typeof filter.topic === 'string' ? this.limits.filterMistake(filter.topic) : null;
    if (mistake) throw new BadUserInputError(`filter.topic ${mistake}.`, 'filter.topic');
    return this.pager.page({ tenant, query: 'globalMessages', filter }, args, selection, (bounds) =>
      this.globalMessages.list(tenant, filter, bounds),
    );
  }
}
