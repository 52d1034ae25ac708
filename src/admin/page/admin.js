// The admin page: asks this node for the numbers of the installation every few seconds, and for a recipient when it is told to.
// Texts from the service become text nodes, never markup.

const REFRESH = 3_000;
/** What takes longer is given up, in milliseconds. */
const PATIENCE = 10_000;

const REASONS = {
  proven: 'Proven; its record is on the way',
  sent: 'Sent, no pong yet',
  backlog: 'Connected; its backlog is being read',
  window: 'Connected; waits until what was sent before is proven',
  soon: 'Connected; about to be sent',
  'cut-off': 'Cut off for not reading, and not back',
  'no-pong': 'Cut off because it answered no ping, and not back',
  'other-topic': 'Connected, but to another topic',
  'not-connected': 'Not connected',
  'not-known': 'Not known: a node did not answer',
};

const BECAUSE = { slow_consumer: 'it did not read what it was sent', no_pong: 'it answered no ping' };

const find = (id) => document.getElementById(id);
const count = new Intl.NumberFormat('en');
const rate = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Seconds as people say them. */
function span(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 100) return `${rate.format(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const known = (value, format) => (value === null ? 'not known' : format(value));
const numberOf = (value) => known(value, (given) => count.format(given));

const HOUR = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' };
const ofToday = new Intl.DateTimeFormat('en', HOUR);
const ofAnotherDay = new Intl.DateTimeFormat('en', { ...HOUR, day: 'numeric', month: 'short', year: 'numeric' });

/** When something was, of a date or its text, by the clock of the browser: without the day, if that is today. */
function time(text) {
  if (text === null) return '';
  const at = new Date(text);
  return (at.toDateString() === new Date().toDateString() ? ofToday : ofAnotherDay).format(at);
}

/** Asks the service. Whoever is not logged in any more is sent to the login. */
async function ask(path, init = {}) {
  const answer = await fetch(path, { ...init, signal: AbortSignal.timeout(PATIENCE) });
  if (answer.status === 401) location.assign('admin/login');
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.message);
  return body;
}

// At a glance

function tile(name, value, note = '', className = '') {
  const small = note === '' ? [] : [element('small', {}, note)];
  return element('div', {}, element('dt', {}, name), element('dd', { className }, value, ...small));
}

function showNumbers(report) {
  const { queue, handlers } = report;
  const errors = Object.values(report.errors).reduce((sum, one) => sum + one, 0);
  find('numbers').replaceChildren(
    tile('Connections', count.format(report.connections), `${count.format(report.recipients)} recipients`),
    tile('Pushes a second', rate.format(report.pushedPerSecond)),
    tile('Deliveries a second', rate.format(report.deliveredPerSecond)),
    tile('Sent, no pong yet', count.format(report.unproven)),
    tile('PENDING', numberOf(report.pending), oldest(report)),
    tile('Event lag', report.eventLag === null ? 'none' : span(report.eventLag), 'from an event to its job'),
    tile(
      'Queue lag',
      known(report.queueLag, span),
      queue.waiting === undefined
        ? 'jobs: not known'
        : `${count.format(queue.waiting)} jobs wait, ${count.format(queue.failed ?? 0)} failed`,
    ),
    ...(handlers === null ? [] : [tileOfHandlers(handlers)]),
    tile('Expired', count.format(report.expired), 'since the nodes started'),
    tile('Errors', count.format(errors), errors > 0 ? 'see below' : '', errors > 0 ? 'bad' : ''),
  );
}

/** What durable handlers have not done. */
function tileOfHandlers({ waiting, failed }) {
  const toDo = `${count.format(waiting)} to do`;
  return failed > 0
    ? tile('Handlers', `${count.format(failed)} given up`, `${toDo}; see the queues`, 'bad')
    : tile('Handlers', toDo, 'none given up');
}

/** For how long the oldest has waited, which is looked for a step at a time and only after a minute. */
function oldest({ pending, oldestPending }) {
  if (oldestPending === null) return 'oldest: not known yet';
  if (oldestPending > 0) return `oldest: ${span(oldestPending)}`;
  return pending ? 'oldest: less than a minute' : '';
}

function nodeRow(node, here) {
  const cell = (text, className = '') => element('td', { className }, text);
  const number = (value, format = count) => cell(value === null ? '' : format.format(value), 'number');
  const told = [];
  if (node.node === here) told.push('this page');
  if (node.silent) told.push(`silent for ${span(node.age / 1_000)}`);
  const name = element('td', {}, `${node.host} ${node.pid}`, element('small', {}, [node.node, ...told].join(', ')));
  if (node.silent) name.className = 'bad';
  return element(
    'tr',
    {},
    name,
    number(node.connections),
    number(node.recipients),
    number(node.pushedPerSecond, rate),
    number(node.deliveredPerSecond, rate),
    cell(`${Math.round(node.busy * 100)} %`, 'number'),
    cell(span(node.uptime / 1_000), 'number'),
    cell(node.version),
    cell(node.roles.join(', ')),
  );
}

function showErrors(errors) {
  const entries = Object.entries(errors);
  const items = entries.map(([name, number]) => element('li', {}, `${name}: ${count.format(number)}`));
  find('errors').replaceChildren(...(items.length > 0 ? items : [element('li', {}, 'None.')]));
}

const PART_CLASS = { up: 'good', degraded: 'warn', down: 'bad' };
const PARTS = { database: 'Database', queue: 'Queue', relay: 'Relay' };

/** What this node says of its own health, which it can when nothing else answers. */
async function showHealth() {
  const answer = await fetch('/health/ready', { signal: AbortSignal.timeout(PATIENCE) });
  const { details, draining } = await answer.json();
  const items = Object.entries(PARTS).map(([part, name]) => {
    const { status } = details[part];
    return element('li', {}, `${name} `, element('strong', { className: PART_CLASS[status] }, status));
  });
  if (draining) items.push(element('li', { className: 'warn' }, 'This node stops'));
  find('parts').replaceChildren(...items);
}

async function refresh() {
  await Promise.all([showHealth().catch(() => find('parts').replaceChildren()), showOverview()]);
}

/** When the numbers came that are shown. */
let shownAt = null;

async function showOverview() {
  try {
    const report = await ask('admin/api/overview');
    showNumbers(report);
    find('nodes').replaceChildren(...report.nodes.map((node) => nodeRow(node, report.node)));
    showErrors(report.errors);
    shownAt = new Date();
    state('');
  } catch (error) {
    state(`Not up to date${shownAt === null ? '' : ` since ${time(shownAt)}`}: ${error.message}`);
  }
}

/** Says what is wrong, when that changes: it is read aloud. */
function state(text) {
  const place = find('state');
  if (place.textContent === text) return;
  place.textContent = text;
}

async function keepFresh() {
  for (;;) {
    if (find('refresh').checked && !document.hidden) await refresh();
    await new Promise((resolve) => setTimeout(resolve, REFRESH));
  }
}

// A recipient

function table(caption, head, rows) {
  const headings = head.map((text, i) =>
    element('th', { scope: 'col', className: rows[0]?.[i]?.className ?? '' }, text),
  );
  return element(
    'div',
    { className: 'wide', tabIndex: 0, role: 'region', ariaLabel: caption },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...headings)),
      element('tbody', {}, ...rows.map((cells) => element('tr', {}, ...cells))),
    ),
  );
}

const cell = (text, className = '') => element('td', { className }, text);

function connectionsOf({ connections, count: all, asked, silent, cutOffs }) {
  const parts = [element('h3', {}, `Connections: ${all}`)];
  if (asked === 0)
    parts.push(element('p', { className: 'bad' }, 'Not known: no node that takes WebSockets tells of itself.'));
  if (silent.length > 0)
    parts.push(element('p', { className: 'bad' }, `Not known for ${silent.join(', ')}, which did not answer.`));
  if (connections.length > 0)
    parts.push(
      table(
        'Connections',
        ['Node', 'Since', 'Topic', 'Sent, no pong yet', 'Bytes that wait'],
        connections.map(({ node, since, topic, unproven, buffered }) => [
          cell(node),
          cell(since === null ? 'not known' : time(since)),
          cell(topic ?? 'none'),
          cell(count.format(unproven), 'number'),
          cell(count.format(buffered), 'number'),
        ]),
      ),
    );
  if (connections.length < all) parts.push(element('p', {}, `${all - connections.length} more are not listed.`));
  for (const { node, at, because, topic } of cutOffs) {
    const which = topic === null ? 'a connection' : `a connection with the topic ${topic}`;
    parts.push(element('p', { className: 'warn' }, `${node} cut off ${which} at ${time(at)}: ${BECAUSE[because]}.`));
  }
  return parts;
}

const STATUS_CLASS = { PENDING: 'warn', DELIVERED: 'good', CANCELLED: '' };

function messagesOf({ messages }) {
  const title = element('h3', {}, messages.length === 0 ? 'No messages are stored' : 'Last messages');
  if (messages.length === 0) return [title];
  const rows = messages.map(({ id, status, reason, topic, bytes, createdAt, expiresAt, deliveredAt, cancelledAt }) => [
    element('td', {}, element('span', { className: STATUS_CLASS[status] }, status)),
    cell(reason === null ? time(deliveredAt ?? cancelledAt) : REASONS[reason], 'text'),
    cell(topic ?? 'none', 'topic'),
    cell(time(createdAt)),
    cell(time(expiresAt)),
    cell(count.format(bytes), 'number'),
    cell(id, 'id'),
  ]);
  return [
    title,
    table('Last messages', ['Status', 'Why, or when', 'Topic', 'Pushed', 'Expires', 'Bytes', 'Id'], rows),
    element('p', {}, 'Global messages are not listed here, nor are texts anywhere.'),
  ];
}

async function lookUp(event) {
  event.preventDefault();
  const place = find('found');
  const { tenant, recipient } = Object.fromEntries(new FormData(event.target));
  place.replaceChildren(element('p', {}, 'Asking the nodes ...'));
  try {
    const report = await ask('admin/api/recipient', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tenant, recipient }),
    });
    place.replaceChildren(...connectionsOf(report), ...messagesOf(report));
  } catch (error) {
    place.replaceChildren(element('p', { className: 'bad' }, `Not found out: ${error.message}`));
  }
}

find('lookup').addEventListener('submit', (event) => void lookUp(event));
void keepFresh();
