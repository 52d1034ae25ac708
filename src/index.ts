// What others build on. All else in this package may change in any version.

export { HomingModule, type HomingAsyncOptions } from './homing.module.js';
export type { HomingOptions } from './mounted/homing-options.js';
export type { Extension, Strategy } from './extension.js';

export { RecipientsService } from './recipients/recipients.service.js';
export { RegisterRecipientInput, RegisterRecipientResponse } from './recipients/dto/register-recipient.js';
export { MessagesService } from './messages/messages.service.js';
export { Message } from './messages/dto/message.js';
export { MessageStatus } from './messages/message-status.js';
export { MessageInput, PushMessageError, PushMessageResult } from './messages/dto/push-message.js';
export { MessagesArgs, MessagesFilter, MessagesQueryResult } from './messages/dto/messages-query.js';
export { GlobalMessagesService } from './global-messages/global-messages.service.js';
export {
  GlobalMessage,
  GlobalMessageInput,
  GlobalMessagesArgs,
  GlobalMessagesFilter,
  GlobalMessagesQueryResult,
} from './global-messages/dto/global-message.js';
export { AccessKeysService, type CreatedAccessKey, type NewAccessKey } from './access/access-keys.service.js';
export type { AccessKey } from './access/access-key.entity.js';
export { DateTimeFilter, PageArgs } from './paging/page-args.js';

export {
  AccessStrategy,
  type ApiRequest,
  type Caller,
  type Operation,
  type RequestContext,
} from './graphql/access-strategy.js';
export { Tenant } from './access/tenant.decorator.js';
export {
  RecipientTokenStrategy,
  type RecipientClaims,
  type TokenContent,
} from './recipients/recipient-token.strategy.js';
export { Settings } from './config/config.module.js';
export { FrameEncoder, StandardFrames, type FramedMessage } from './gateway/frame-encoder.js';
export { ClockStrategy, DatabaseTime } from './database/clock.strategy.js';

export { OnDomainEvent, type DurableOptions } from './handlers/on-domain-event.decorator.js';
export type { HandledEvent, HandledEventClass } from './events/handled-events.js';
export { MessagesPushed } from './events/messages-pushed.event.js';
export { GlobalMessagePushed } from './events/global-message-pushed.event.js';
export { MessageDelivered } from './events/message-delivered.event.js';
export { MessageCancelled } from './events/message-cancelled.event.js';
export { RecipientConnected } from './events/recipient-connected.event.js';
export { RecipientDisconnected } from './events/recipient-disconnected.event.js';

export { serve } from './serve.js';

export {
  ApiError,
  BadUserInputError,
  type ErrorCode,
  ForbiddenError,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
} from './graphql/errors.js';
export { SettingsError } from './config/settings.error.js';
