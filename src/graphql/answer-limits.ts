import { Injectable } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { BadUserInputError } from './errors.js';
import { type Selection, type TextName, TEXTS } from './selection.js';

/** What a field takes in an answer beside its name and its text: an id or a time, quotes, a comma. */
const FIELD_BYTES = 45;

/** A UTF-16 unit takes so many bytes of JSON at most, as `\\u0001`. */
const LONGEST_ESCAPE = 6;

/** The texts of one message. */
type Texts = Readonly<Partial<Record<TextName, string | null>>>;

/** Bytes that a text takes in JSON, without its quotes. */
function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

/** Bytes of JSON that the texts of a message take, each as often as it is selected. */
function bytesOf(texts: Texts, selection: Selection, measure = jsonBytes): number {
  return TEXTS.reduce((sum, name) => {
    const text = selection.texts[name] === 0 ? null : texts[name];
    return text ? sum + selection.texts[name] * measure(text) : sum;
  }, 0);
}

/**
 * How much one answer may hold. What the whole operation selects counts for each of its root fields: the largest of them
 * is within the limits only if all of them together are.
 */
@Injectable()
export class AnswerLimits {
  constructor(private readonly settings: Settings) {}

  /** @throws BadUserInputError, for the argument `field`, when so many rows cost too much, or take too many bytes beside their texts */
  checkRows(rows: number, { fields, keys }: Selection, field: string): void {
    const { maxQueryCost, maxAnswerBytes } = this.settings;
    if (rows * fields > maxQueryCost)
      throw new BadUserInputError(
        `${field}: the operation asks for too much. ${rows} rows of ${fields} fields cost ${rows * fields}, and ${maxQueryCost} is the most.`,
        field,
      );
    if (rows * (keys + FIELD_BYTES * fields) > maxAnswerBytes)
      throw new BadUserInputError(
        `${field}: the answer would be too large: ${maxAnswerBytes} bytes are allowed. Ask for fewer fields, under shorter names, or for fewer rows.`,
        field,
      );
  }

  /** @throws BadUserInputError when the answer to a push, a row for each recipient, would repeat too much text */
  checkTexts({ message, topic }: Texts, recipients: readonly string[], selection: Selection): void {
    const { maxAnswerBytes } = this.settings;
    const { texts } = selection;
    if (texts.message + texts.topic + texts.recipient === 0) return;
    const named = texts.recipient === 0 ? 0 : recipients.reduce((sum, name) => sum + jsonBytes(name), 0);
    const rows = Math.max(1, recipients.length);
    if (rows * bytesOf({ message, topic }, selection) + texts.recipient * named <= maxAnswerBytes) return;
    throw new BadUserInputError(
      `input.message: the answer would repeat its texts too often: ${maxAnswerBytes} bytes of them are allowed. Ask for message, topic and recipient less often or not at all, or name fewer recipients.`,
      'input.message',
    );
  }

  /** As many of the rows, from the first, as an answer has room for in JSON; one at least. */
  fit<Row extends object>(rows: Row[], selection: Selection): Row[] {
    const { maxAnswerBytes } = this.settings;
    const most = rows.reduce(
      (sum, row) => sum + bytesOf(row as Texts, selection, ({ length }) => LONGEST_ESCAPE * length),
      0,
    );
    if (most <= maxAnswerBytes) return rows;
    let bytes = 0;
    const end = rows.findIndex((row, i) => {
      bytes += bytesOf(row, selection);
      return bytes > maxAnswerBytes && i > 0;
    });
    return end === -1 ? rows : rows.slice(0, end);
  }
}
