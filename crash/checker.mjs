// Compares what was acknowledged with what was seen and with what the service says of it. It shares no code with the
// service, and nothing in it waits, reads or asks: it is given all the evidence. Its types are in checker.d.mts.
import { lateSights } from './lateness.mjs';
import { orderFaults } from './order.mjs';
import { Sightings } from './sightings.mjs';
import { keyOf } from './text.mjs';

export { LATE_TOLERANCE } from './lateness.mjs';

/** Clocks of one machine, and a pong's way. */
const CLOCK_TOLERANCE = 250;
/** Without an expiry a global message is owed to whoever reconnects within 60 s; some of them are left for the reconnecting. */
const GLOBAL_REACH = 50_000;

export function check(evidence) {
  const pushes = new Map(evidence.pushes.map((push) => [push.key, push]));
  const sightings = new Sightings(evidence.recipients, evidence.settled);
  const late = lateSights(evidence, pushes, sightings);
  return {
    faults: {
      lost: lost(evidence, sightings),
      lied: [...lies(evidence, pushes, sightings), ...invented(pushes, sightings)],
      late: late.faults,
      outOfOrder: orderFaults(pushes, sightings),
      stuck: stuck(evidence, sightings),
      backStepped: backStepped(evidence),
      doubled: doubled(evidence),
    },
    repeats: sightings.repeats,
    excused: late.excused,
    acknowledged: evidence.pushes.reduce((sum, { ids }) => sum + Object.keys(ids ?? {}).length, 0),
    seen: sightings.frames,
  };
}

function lost({ pushes, messages, globalIds, settled }, sightings) {
  const stored = new Set(messages.map(({ id }) => id));
  const storedGlobals = new Set(globalIds);
  const acknowledged = pushes.filter(({ ids }) => ids !== null);
  return acknowledged.flatMap((push) => {
    const lives = push.expiresAt === null || push.expiresAt > settled.to;
    const unseen = (recipient) => !sightings.of(recipient, push.key) && sightings.isPresent(recipient, push.topic);
    if (push.recipients !== null)
      return Object.entries(push.ids).flatMap(([recipient, id]) => {
        if (!stored.has(id)) return [`${push.key} for ${recipient} was acknowledged and is not stored`];
        return lives && unseen(recipient) ? [`${push.key} was never seen by ${recipient}`] : [];
      });
    if (!storedGlobals.has(push.ids.global)) return [`global ${push.key} was acknowledged and is not stored`];
    const isOwed = push.expiresAt === null ? push.at > settled.from - GLOBAL_REACH : lives;
    return isOwed
      ? sightings.recipients.filter(unseen).map((recipient) => `global ${push.key} was never seen by ${recipient}`)
      : [];
  });
}

function lies({ messages, deliveries, listed }, pushes, sightings) {
  return [...messages, ...deliveries].flatMap((row) => {
    const name = `${keyOf(row.message)} for ${row.recipient} is ${row.status}`;
    const expiresAt = time(row.expiresAt);
    if (row.status === 'CANCELLED') {
      if (expiresAt === null || expiresAt > listed) return [`${name} though it had not expired`];
      return time(row.cancelledAt) === expiresAt ? [] : [`${name} at another time than its expiry`];
    }
    if (row.status !== 'DELIVERED') return [];
    const sighting = sightings.of(row.recipient, keyOf(row.message));
    if (!sighting) return [`${name} and was never seen`];
    if (sighting.provenAt === null) return [`${name} and was never proven: no pong was sent behind it`];
    const deliveredAt = time(row.deliveredAt);
    if (deliveredAt < sighting.provenAt - CLOCK_TOLERANCE) return [`${name} from before its proof`];
    return expiresAt !== null && deliveredAt > expiresAt ? [`${name} from after its expiry`] : [];
  });
}

/** What is seen by somebody whom it was not pushed to is a lie too. */
function invented(pushes, sightings) {
  return sightings.connections.flatMap(({ recipient, topic, frames }) =>
    frames.flatMap(({ key }) => {
      const push = pushes.get(key);
      if (!push) return [`${recipient} saw ${key}, which nobody pushed`];
      if (push.recipients !== null && !push.recipients.includes(recipient))
        return [`${recipient} saw ${key}, which was pushed to others`];
      return push.topic === null || push.topic === topic ? [] : [`${recipient} saw ${key}, which has another topic`];
    }),
  );
}

function stuck({ messages, settled }, sightings) {
  return messages
    .filter(({ status, recipient, topic, expiresAt }) => {
      const lives = expiresAt === null || time(expiresAt) > settled.to;
      return status === 'PENDING' && lives && sightings.isPresent(recipient, topic);
    })
    .map(({ message, recipient }) => `${keyOf(message)} for ${recipient} is PENDING though ${recipient} is connected`);
}

function backStepped({ audit, samples, messages, deliveries }) {
  const faults = [];
  const changed = new Set();
  for (const { id, old, new: status } of audit) {
    if (old !== 'PENDING' || changed.has(id)) faults.push(`${id} changed once more, from ${old} to ${status}`);
    changed.add(id);
  }
  const shown = new Map();
  const last = { statuses: Object.fromEntries([...messages, ...deliveries].map(({ id, status }) => [id, status])) };
  for (const { statuses } of [...samples, last])
    for (const [id, status] of Object.entries(statuses)) {
      const before = shown.get(id) ?? 'PENDING';
      if (before !== 'PENDING' && before !== status) faults.push(`${id} was shown ${before} and then ${status}`);
      shown.set(id, status);
    }
  return faults;
}

function doubled({ messages, deliveries, doubledGlobals }) {
  const faults = doubledGlobals.map(
    ({ globalMessageId, recipient }) => `${recipient} has more than one row of the global message ${globalMessageId}`,
  );
  const rows = new Set();
  for (const { message, recipient } of [...messages, ...deliveries]) {
    const row = `${keyOf(message)} for ${recipient}`;
    if (rows.has(row)) faults.push(`${row} is listed more than once`);
    rows.add(row);
  }
  return faults;
}

function time(text) {
  return text === null ? null : Date.parse(text);
}
