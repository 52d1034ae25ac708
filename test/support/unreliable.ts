import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What becomes of a request: `lost` and `broken` mean that the service does what it says, and that the answer never comes, or is an error. */
export type Fate = 'passed' | 'limited' | 'stopping' | 'lost' | 'broken';

const BROKEN = { message: 'Something went wrong.', extensions: { code: 'INTERNAL_SERVER_ERROR' } };

const REFUSALS = {
  limited: [429, 'Too many mutations. Try again in 1 s.', 'RATE_LIMITED'],
  stopping: [503, 'The service is stopping. Nothing was stored; try again.', 'UNAVAILABLE'],
} as const;

/** What stands between a backend and the service, as a bad day does: the first requests have these fates, one each, and the rest pass. */
export class Unreliable {
  private constructor(
    readonly url: string,
    /** What is still to come. */
    readonly fates: Fate[],
    readonly close: () => void,
  ) {}

  static async before(service: string, fates: readonly Fate[]): Promise<Unreliable> {
    const left = [...fates];
    const server = createServer(async (request, response) => {
      const fate = left.shift() ?? 'passed';
      const body = await text(request);
      if (fate === 'limited' || fate === 'stopping') {
        const [status, message, code] = REFUSALS[fate];
        response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '1' });
        response.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
        return;
      }
      const headers = { 'content-type': 'application/json', 'x-api-key': String(request.headers['x-api-key']) };
      const answer = await fetch(`${service}/graphql`, { method: 'POST', headers, body });
      const said = await answer.text();
      if (fate === 'lost') request.socket.destroy();
      else if (fate === 'broken')
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ errors: [BROKEN] }));
      else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(said);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Unreliable(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, left, () => {
      server.closeAllConnections();
      server.close();
    });
  }
}
