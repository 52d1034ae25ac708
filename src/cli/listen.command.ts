import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { WebSocket } from 'ws';

/** `listen <connectionUri>`: a recipient in the terminal. Messages go to standard output, a line each as they come. */
export function listenCommand(): Command {
  return new Command('listen')
    .description('Connects as a recipient and prints messages as they come.')
    .argument('<connectionUri>', 'the connectionUri that registerRecipient returned')
    .exitOverride()
    .action((uri: string) => listen(uri));
}

function listen(uri: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(uri);
    socket.on('open', () => {
      process.stderr.write('Connected; waiting for messages (Ctrl-C ends).\n');
      socket.on('close', (code, reason) => {
        process.stderr.write(`The connection was closed: ${code} ${reason.toString()}\n`);
        resolve();
      });
    });
    socket.on('message', (data) => process.stdout.write(`${String(data)}\n`));
    socket.on('unexpected-response', async (_request, response) => {
      reject(new Error(`The service refused the connection: ${await refusalOf(response)}`));
      socket.terminate();
    });
    socket.on('error', (error) => reject(new Error(`The connection failed: ${error.message}`)));
  });
}

/** Its status, and the service's own sentence on why; what a proxy answers is a page. */
async function refusalOf(response: IncomingMessage): Promise<string> {
  const status = `${response.statusCode} ${response.statusMessage}`;
  if (!response.headers['content-type']?.startsWith('text/plain')) return status;
  const reason = await text(response).catch(() => '');
  return `${status}. ${reason.trim()}`;
}
