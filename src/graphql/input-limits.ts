import { Injectable } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { BadUserInputError } from './errors.js';

/** What messages and global messages have in common. */
export interface MessageContent {
  readonly message: string;
  readonly topic?: string | null | undefined;
  readonly expiresAt?: Date | null | undefined;
}

/** What a caller may write into names and texts. Each check gives null, or the mistake as a phrase: "must be ...". */
@Injectable()
export class InputLimits {
  constructor(private readonly settings: Settings) {}

  recipientMistake(recipient: string): string | null {
    return nameMistake(recipient, this.settings.maxRecipientLength);
  }

  topicMistake(topic: string): string | null {
    return nameMistake(topic, this.settings.maxTopicLength);
  }

  /** A filter may name what can't exist (and finds nothing), but not what the database can't read. */
  filterMistake(name: string): string | null {
    return textMistake(name);
  }

  /** @throws BadUserInputError when the text, the topic or the expiry of a new message can't be used */
  checkContent({ message, topic, expiresAt }: MessageContent, now: number): void {
    refuse('input.message', this.messageMistake(message));
    if (typeof topic === 'string') refuse('input.topic', this.topicMistake(topic));
    if (expiresAt && expiresAt.getTime() <= now) throw expiredInput();
  }

  private messageMistake(message: string): string | null {
    if (Buffer.byteLength(message) > this.settings.maxMessageBytes) {
      return `must not be longer than ${this.settings.maxMessageBytes} bytes of UTF-8`;
    }
    return textMistake(message);
  }
}

function refuse(field: string, mistake: string | null): void {
  if (mistake !== null) throw new BadUserInputError(`${field} ${mistake}.`, field);
}

function nameMistake(name: string, limit: number): string | null {
  if (name === '') return 'must not be empty';
  // A character is a Unicode code point here, as it is for PostgreSQL; UTF-16 units bound it from above cheaply.
  if (name.length > limit && [...name].length > limit) return `must not be longer than ${limit} characters`;
  return textMistake(name);
}

/** PostgreSQL cannot store U+0000, and a lone surrogate has no UTF-8 form that could be delivered byte for byte. */
function textMistake(text: string): string | null {
  if (text.includes('\u0000')) return 'must not contain the character U+0000';
  if (!text.isWellFormed()) return 'must be well-formed Unicode (it holds a lone surrogate)';
  return null;
}

/** What is said of a message that has expired before it is stored. */
export function expiredInput(): BadUserInputError {
  return new BadUserInputError('input.expiresAt must be in the future.', 'input.expiresAt');
}
