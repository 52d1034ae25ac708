import { createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';

/** A mail server that takes everything and keeps it: as much of SMTP (RFC 5321) as a client needs to be content. */
export class Inbox {
  /** The recipients of the e-mails that came. */
  readonly to: string[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('220 inbox\r\n');
      let isText = false;
      createInterface(socket).on('line', (line) => {
        if (isText && line !== '.') return;
        const [, recipient] = /^RCPT TO:<(.*)>/i.exec(line) ?? [];
        if (recipient) this.to.push(recipient);
        isText = /^DATA/i.test(line);
        socket.write(isText ? '354 go on\r\n' : '250 ok\r\n');
        if (/^QUIT/i.test(line)) socket.end();
      });
    });
  }

  static async open(): Promise<Inbox> {
    const inbox = new Inbox();
    await new Promise<void>((resolve) => inbox.server.listen(0, '127.0.0.1', resolve));
    return inbox;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  close(): void {
    this.server.close();
  }
}
