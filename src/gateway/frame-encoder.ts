import { Injectable } from '@nestjs/common';
import { Settings } from '../config/config.module.js';

/** The subprotocol of the CloudEvents WebSockets binding in JSON. */
export const CLOUDEVENTS = 'cloudevents.json';

/** What the frames of a connection look like: the bare text, or a CloudEvents envelope. */
export type FrameFormat = 'text' | typeof CLOUDEVENTS;

/** A message on its way into a frame. */
export interface FramedMessage {
  /** The id that the API shows for it; of a global message its own, the same for all recipients. */
  readonly id: string;
  readonly text: string;
  readonly topic: string | null;
  readonly global: boolean;
  /** In milliseconds since the epoch, as `expiresAt`; null there is never. */
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

/**
 * What a frame looks like: an injection token and what stands behind it, `StandardFrames` by default. A message at which a
 * method throws stays PENDING, and is tried again; the others go through.
 */
export abstract class FrameEncoder {
  /** The content of the text frame for a connection without a subprotocol. The frame of a global message is made once for all of them. */
  abstract text(message: FramedMessage): string;

  /** The same for a connection with the subprotocol `cloudevents.json`: a CloudEvent in its JSON format. */
  abstract cloudEvent(message: FramedMessage, recipient: string): string;
}

/**
 * The message's text, byte for byte, and its CloudEvents 1.0 envelope (JSON format §3.1, WebSockets binding §3). A class that extends it
 * and injects something itself asks for `Settings`, too, and hands them on.
 */
@Injectable()
export class StandardFrames extends FrameEncoder {
  private readonly source: string;

  constructor(settings: Settings) {
    super();
    this.source = settings.publicUrl ?? '/';
  }

  text({ text }: FramedMessage): string {
    return text;
  }

  cloudEvent({ id, text, topic, global, createdAt }: FramedMessage, recipient: string): string {
    return JSON.stringify({
      specversion: '1.0',
      id,
      type: global ? 'homing.global-message' : 'homing.message',
      source: this.source,
      subject: recipient,
      time: new Date(createdAt).toISOString(),
      datacontenttype: 'text/plain',
      ...(topic !== null && { topic }),
      data: text,
    });
  }
}
