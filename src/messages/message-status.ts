import { registerEnumType } from '@nestjs/graphql';

/** What became of a message. A status changes once at most, from PENDING, and never back. */
export enum MessageStatus {
  PENDING = 'PENDING',
  DELIVERED = 'DELIVERED',
  CANCELLED = 'CANCELLED',
}

registerEnumType(MessageStatus, {
  name: 'MessageStatus',
  description: 'What became of a message. A status changes once at most, from PENDING, and never back.',
  valuesMap: {
    PENDING: {
      description: 'Stored, and not proven yet. It is sent when its recipient is connected, until it expires.',
    },
    DELIVERED: {
      description: 'Proven: a WebSocket of the recipient answered a ping that was sent behind the message.',
    },
    CANCELLED: { description: 'It expired before it was proven. It is not sent any more.' },
  },
});
