import { setTimeout as pause } from 'node:timers/promises';
import { good, MESSAGE_FIELDS, type MessageFields, type Service } from '../../support/service.js';
import { emptyHistory, type History, isOpen, type Look } from './history.js';
import { type Installation, TOKEN_TTL } from './installation.js';
import { missing } from './owed.js';
import { RecordedClient } from './recorded-client.js';
import { type Act, NODES, RECIPIENTS, type Script } from './script.js';

const LARGE = 40_000;
/** What is owed arrives within two intervals of the reconciler; the rest is for a busy machine. In milliseconds. */
const PATIENCE = 5_000;
const FIRST_STEP = 10;
const LAST_STEP = 60;

interface Content {
  readonly to: readonly string[] | null;
  readonly topic?: string | null;
  readonly expiresIn?: number | null;
  readonly large?: boolean;
}

/** Plays a script on an installation, as a tenant of its own, and gives the history of it. */
export async function play(installation: Installation, script: Script): Promise<History> {
  const player = new Player(installation, await installation.newTenant());
  try {
    for (const step of script) {
      const acts = 'atOnce' in step ? step.atOnce : [step];
      await Promise.all(acts.map((act) => player.perform(act)));
    }
    await player.finish();
    return player.history;
  } finally {
    player.abandon();
  }
}

class Player {
  readonly history = emptyHistory();
  private readonly clients: RecordedClient[] = [];
  private readonly moment = () => this.installation.clock.moment();
  private names = 0;

  constructor(
    private readonly installation: Installation,
    private readonly self: { readonly tenant: string; readonly key: string },
  ) {}

  async perform(act: Act): Promise<void> {
    const { faults } = this.installation;
    switch (act.do) {
      case 'push':
        return this.push(act, act.node);
      case 'push many':
        for (let i = 0; i < act.count; i += 1) await this.push({ to: [act.to] }, act.node);
        return;
      case 'push global':
        return this.push({ ...act, to: null }, act.node);
      case 'connect':
        return this.connect(act, act.node);
      case 'reconnect':
        return this.reconnect(this.clients[act.who % this.clients.length], act.node);
      case 'fall silent':
        return this.client(act)?.fallSilent();
      case 'answer the latest ping':
        return this.client(act, ({ record }) => record.silent)?.answerLatest();
      case 'forge pongs':
        return this.client(act, ({ record }) => record.silent)?.forge();
      case 'stop reading':
        return this.client(act)?.stopReading();
      case 'read on':
        return this.client(act, ({ record }) => record.stalled)?.readOn();
      case 'leave':
        return this.client(act)?.leave(act.how);
      case 'let time pass':
        return this.letTimePass(act.seconds * 1_000);
      case 'disturb the queue':
        return faults.disturb(act.fate, act.count);
      case 'release the jobs held back':
        return faults.release();
      case 'empty the queue':
        return faults.empty();
      case 'look':
        return void (await this.look(this.node(act.node)));
      case 'rest':
        return this.rest();
    }
  }

  /** Lets everything come to its end: first for those who are connected, then for everybody. */
  async finish(): Promise<void> {
    await this.installation.faults.calm();
    await this.installation.faults.release();
    for (const client of this.open) client.readOn();
    await this.rest();
    // Some of the silent ones prove at last what they have; the others never will.
    const silent = this.open.filter(({ record }) => record.silent);
    for (const [i, client] of silent.entries()) if (i % 2 === 0) client.answerLatest();
    if (silent.length > 0) await this.rest();
    await Promise.all(this.open.map((client, i) => client.leave(i % 2 === 0 ? 'without' : 'with a close frame')));
    await this.gather();
    // By the time that this arrives, all that was sent before it has.
    await this.push({ to: this.present }, 0);
    await this.rest();
    this.history.leaks.push(...this.installation.neighbour.messages);
  }

  abandon(): void {
    for (const client of this.clients) void client.leave('without');
  }

  /** The recipients who have played a part so far, or at least one. */
  private get present(): readonly string[] {
    const present = RECIPIENTS.filter((name) =>
      [...this.history.pushes, ...this.history.connections].some(({ recipient }) => recipient === name),
    );
    return present.length === 0 ? [RECIPIENTS[0]] : present;
  }

  /** Connects every recipient, as a good client, for whatever still waits for it. */
  private async gather(): Promise<void> {
    const look = await this.look(this.node(0));
    for (const as of this.present) {
      const waiting = look.messages.filter(({ recipient, status }) => recipient === as && status === 'PENDING');
      const topics = new Set(waiting.map(({ topic }) => topic).filter((topic) => topic !== null));
      for (const topic of topics.size === 0 ? [null] : topics)
        await this.connect({ as, topic, answers: true }, this.clients.length % NODES);
    }
  }

  private get open(): RecordedClient[] {
    return this.clients.filter(({ record }) => isOpen(record));
  }

  private client(
    { who }: { readonly who: number },
    can: (client: RecordedClient) => boolean = () => true,
  ): RecordedClient | undefined {
    const able = this.open.filter(can);
    return able[who % able.length];
  }

  private node(index: number): Service {
    return this.installation.nodes[index % NODES] as Service;
  }

  private async push({ to, topic = null, expiresIn = null, large = false }: Content, index: number): Promise<void> {
    this.names += 1;
    const name = `m${this.names}`;
    const text = `${this.self.tenant} ${name}${large ? ` ${'x'.repeat(LARGE)}` : ''}`;
    const begun = this.moment();
    const more = {
      ...(topic !== null && { topic }),
      ...(expiresIn !== null && { expiresAt: new Date(begun.to + expiresIn * 1_000).toISOString() }),
    };
    const stored = await this.store(this.node(index), to, text, more).catch((error: unknown) => {
      // The time may have passed while it was pushed. Then it is refused, and nothing is stored.
      const expired = more.expiresAt !== undefined && this.moment().to >= Date.parse(more.expiresAt);
      if (expired && String(error).includes('must be in the future')) return [];
      throw error;
    });
    const answered = this.moment();
    for (const { id, recipient, createdAt } of stored)
      this.history.pushes.push({
        ...{ name, id, text, recipient, topic, begun, answered },
        createdAt: Date.parse(createdAt),
        expiresAt: more.expiresAt === undefined ? null : Date.parse(more.expiresAt),
      });
  }

  private async store(node: Service, to: Content['to'], text: string, more: { topic?: string; expiresAt?: string }) {
    if (to !== null) return node.push([...to], text, more, this.self.key);
    const answer = await node.graphql<{ pushGlobalMessage: { id: string; createdAt: string } }>(
      'mutation($input: GlobalMessageInput!) { pushGlobalMessage(input: $input) { id createdAt } }',
      { input: { message: text, ...more } },
      this.self.key,
    );
    return [{ ...good(answer).pushGlobalMessage, recipient: null }];
  }

  private async connect(
    { as, topic, answers }: { readonly as: string; readonly topic: string | null; readonly answers: boolean },
    index: number,
  ): Promise<void> {
    const issued = this.moment();
    const uri = await this.node(index).register({ recipient: as, ...(topic !== null && { topic }) }, this.self.key);
    await this.enter(uri, issued, { recipient: as, topic }, answers);
  }

  /** Comes again with the same token, on any node, as a good client. */
  private async reconnect(client: RecordedClient | undefined, index: number): Promise<void> {
    if (!client) return;
    if (isOpen(client.record)) await client.leave('with a close frame');
    const uri = new URL(client.uri);
    uri.host = new URL(this.node(index).url).host;
    await this.enter(uri.href, client.issued, client.record, true);
  }

  private async enter(
    uri: string,
    issued: RecordedClient['issued'],
    { recipient, topic }: { readonly recipient: string; readonly topic: string | null },
    answers: boolean,
  ): Promise<void> {
    const begun = this.moment();
    const record = {
      name: `${recipient}#${this.clients.length}`,
      ...{ recipient, topic, begun, opened: null, closed: null },
      expired: begun.from >= issued.to + TOKEN_TTL,
      ...{ stalled: false, faltered: false, silent: false, frames: [], pongs: [], fences: [] },
    };
    this.history.connections.push(record);
    const client = new RecordedClient(uri, issued, record, answers, this.moment);
    this.clients.push(client);
    await client.connected();
    if (record.expired) await client.closed();
    else if (this.moment().to >= issued.from + TOKEN_TTL) record.expired = await client.wasTurnedAway();
  }

  private async letTimePass(milliseconds: number): Promise<void> {
    for (const client of this.open) client.fence();
    await this.installation.clock.advance(milliseconds);
    for (const client of this.open) client.fence();
  }

  /** Looks at all that the API shows. */
  private async look(node: Service): Promise<Look> {
    const globals = this.history.pushes.filter(({ recipient }) => recipient === null);
    const begun = this.moment();
    const lists = ['all: messages(limit: 1000)'].concat(
      globals.map(({ id }, i) => `g${i}: messages(filter: { globalMessageId: "${id}" }, limit: 1000)`),
    );
    const answer = await node.graphql<Record<string, { items: MessageFields[] }>>(
      `{ ${lists.map((list) => `${list} { items { ${MESSAGE_FIELDS} } }`).join(' ')} }`,
      {},
      this.self.key,
    );
    const { all, ...reports } = good(answer);
    const look = {
      begun,
      done: this.moment(),
      messages: all?.items ?? [],
      reach: new Map(globals.map(({ id }, i) => [id, reports[`g${i}`]?.items ?? []])),
    };
    this.history.looks.push(look);
    return look;
  }

  /** Waits until nothing is missing, or the patience is over. */
  private async rest(): Promise<void> {
    // Its own steps are counted rather than the time: a machine too busy for them is too busy for the service's too.
    let waited = 0;
    for (let step = FIRST_STEP; ; step = Math.min(LAST_STEP, step * 1.5)) {
      let lacking = missing(this.history, undefined, this.moment());
      if (lacking.length === 0) lacking = missing(this.history, await this.look(this.node(0)), this.moment());
      if (lacking.length === 0 || waited > PATIENCE) {
        this.history.rests.push({ moment: this.moment(), missing: lacking });
        return;
      }
      await pause(step);
      waited += step;
    }
  }
}
