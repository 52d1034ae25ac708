import { Injectable } from '@nestjs/common';
import { createTransport } from 'nodemailer';

/** Sends e-mails by the server that SMTP_URL names. */
@Injectable()
export class Mailer {
  private readonly transport = createTransport(process.env['SMTP_URL'] ?? 'smtp://127.0.0.1:25');

  async send({ id, to, text }: { readonly id: string; readonly to: string; readonly text: string }): Promise<void> {
    await this.transport.sendMail({
      from: 'homing@example.com',
      to,
      subject: 'A message for you',
      text,
      messageId: `<${id}@example.com>`,
    });
  }
}
