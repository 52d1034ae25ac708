import { Injectable } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import type { InboxItem } from '../delivery/inbox.js';

/** The subprotocol of the CloudEvents WebSockets binding in JSON. */
export const CLOUDEVENTS = 'cloudevents.json';

/** What the frames of a connection look like: the bare text, or a CloudEvents envelope. */
export type FrameFormat = 'text' | typeof CLOUDEVENTS;

/** Turns messages into the text of their frames. */
@Injectable()
export class FrameEncoder {
  private readonly source: string;

  constructor(settings: Settings) {
    this.source = settings.publicUrl ?? '/';
  }

  /** The message's text, byte for byte, or its CloudEvents 1.0 envelope (JSON format §3.1, WebSockets binding §3). */
  encode(item: InboxItem, recipient: string, format: FrameFormat): string {
    if (format === 'text') return item.text;
    return JSON.stringify({
      specversion: '1.0',
      id: item.id,
      type: item.global ? 'homing.global-message' : 'homing.message',
      source: this.source,
      subject: recipient,
      time: new Date(item.createdAt).toISOString(),
      datacontenttype: 'text/plain',
      ...(item.topic !== null && { topic: item.topic }),
      data: item.text,
    });
  }
}
