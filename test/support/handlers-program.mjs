// A service with handlers that misbehave as the variable HANDLERS says: hang, exit, throw (where nobody catches it), or none of them.
// Where it is "unmoved", nothing leaves the outbox. It says where it listens, an access key, and what its durable handlers do.
import { Injectable, Module } from '@nestjs/common';
import { AccessKeysService } from '../../dist/src/access/access-keys.service.js';
import { createApplication } from '../../dist/src/application.js';
import { environment } from '../../dist/src/config/environment.js';
import { tokenSecrets } from '../../dist/src/config/secrets.js';
import { readSettings } from '../../dist/src/config/settings.js';
import { HANDLED_EVENTS } from '../../dist/src/events/handled-events.js';
import { OnDomainEvent } from '../../dist/src/handlers/on-domain-event.decorator.js';
import { OutboxRepository } from '../../dist/src/handlers/outbox.repository.js';

const { HANDLERS } = process.env;
const say = (line) => process.stdout.write(`${line}\n`);

class Misbehaving {
  async handle(event) {
    const what = `${event.constructor.name} ${event.ids ?? event.id ?? event.recipient}`;
    say(`begins ${what}`);
    // The lines before must leave the process first.
    if (HANDLERS === 'exit') process.stdout.write('', () => process.exit(3));
    if (HANDLERS === 'throw')
      setImmediate(() => {
        throw new Error('Nobody catches this');
      });
    if (HANDLERS === 'hang' || HANDLERS === 'exit' || HANDLERS === 'throw') await new Promise(() => undefined);
    say(`ends ${what}`);
  }
}
for (const eventClass of HANDLED_EVENTS)
  OnDomainEvent(eventClass, { durable: eventClass.name })(
    ...[Misbehaving.prototype, 'handle', Object.getOwnPropertyDescriptor(Misbehaving.prototype, 'handle')],
  );
Injectable()(Misbehaving);

class Extension {}
Module({ providers: [Misbehaving] })(Extension);

if (HANDLERS === 'unmoved') OutboxRepository.prototype.move = async () => false;

const settings = readSettings(environment());
const app = await createApplication({
  settings,
  secrets: tokenSecrets(settings),
  databaseUrl: settings.databaseUrl,
  adminPassword: null,
  extension: { imports: [Extension] },
});
await app.listen(0, '127.0.0.1');
const scope = 'websockets-manager-api:query:* websockets-manager-api:mutation:*';
const { key } = await app.get(AccessKeysService, { strict: false }).create({ tenant: 'acme', name: 'test', scope });
say(`listening on http://127.0.0.1:${app.getHttpServer().address().port} ${key}`);
