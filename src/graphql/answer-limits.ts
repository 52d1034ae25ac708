import { Injectable } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { BadUserInputError } from './errors.js';
import type { Selection } from './selection.js';

/**
 * How much one answer may hold. What the whole operation selects counts for each of its root fields: the largest of them
 * is within the limits only if all of them together are.
 */
@Injectable()
export class AnswerLimits {
  constructor(private readonly settings: Settings) {}

  /** @throws BadUserInputError, for the argument `field`, when so many rows cost too much */
  checkRows(rows: number, { fields }: Selection, field: string): void {
    if (rows * fields <= this.settings.maxQueryCost) return;
    throw new BadUserInputError(
      `${field}: the operation asks for too much. ${rows} rows of ${fields} fields cost ${rows * fields}, and ${this.settings.maxQueryCost} is the most.`,
      field,
    );
  }

  /** @throws BadUserInputError when the answer to a push would repeat too much text */
  checkTexts(rows: number, text: string, selection: Selection): void {
    if (rows * Buffer.byteLength(text) <= this.textBytes(selection)) return;
    throw new BadUserInputError(
      `input.message: the answer would repeat the text too often: ${this.settings.maxAnswerBytes} bytes of text are allowed. Ask for message less often or not at all, or name fewer recipients.`,
      'input.message',
    );
  }

  /** How many bytes of text one root field may bring. */
  textBytes({ texts }: Selection): number {
    return texts === 0 ? Number.MAX_SAFE_INTEGER : Math.floor(this.settings.maxAnswerBytes / texts);
  }
}
