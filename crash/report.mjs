import { LATE_TOLERANCE } from './checker.mjs';

const SHOWN = 10;
const MEANING = {
  lost: 'acknowledged, and not stored or never seen',
  lied: 'a status, or a frame, that says what is not so',
  late: 'seen after its expiry',
  outOfOrder: 'seen out of order, or twice on a connection',
  stuck: 'PENDING though the recipient was connected and all was up',
  backStepped: 'a status that changed more than once',
  doubled: 'more than one row of a message for a recipient',
};

/** What was done, as it is printed. */
export function torments({ done, kills }, { starts, stops, unasked }, refused) {
  const list = [...done].map(([torment, times]) => `${torment} ${times}`).sort();
  return [
    `Kills: ${kills.service} of the service, ${kills.database} of the database, ${kills.redis} of Redis. Starts of the service: ${starts}. Of ${stops.asked} stops ${stops.inOrder} were in order.`,
    `Torments: ${list.join(', ')}.`,
    `Pushes that were not acknowledged: ${refused.clearly} refused with 503 and Retry-After, ${refused.silently} without an answer, ${refused.otherwise.length} otherwise.`,
    ...refused.otherwise.slice(0, SHOWN),
    ...unasked.map(({ code, listened }) =>
      listened
        ? `The service ended by itself with ${code} while it ran.`
        : `A start of the service failed with ${code}.`,
    ),
  ].join('\n');
}

/** The verdict, as it is printed. */
export function report({ faults, repeats, excused, acknowledged, seen }) {
  const rows = [
    ...Object.entries(faults).map(([fault, list]) => [fault, list.length, MEANING[fault]]),
    ['repeats', repeats, 'given again on a later connection of the device: allowed'],
  ];
  const examples = Object.entries(faults).flatMap(([fault, list]) => [
    ...list.slice(0, SHOWN).map((sentence) => `${fault}: ${sentence}.`),
    ...(list.length > SHOWN ? [`${fault}: and ${list.length - SHOWN} more.`] : []),
  ]);
  return [
    `${acknowledged} messages were acknowledged, ${seen} frames were seen.`,
    ...rows.map(([name, count, meaning]) => `  ${name.padEnd(12)}${String(count).padStart(7)}   ${meaning}`),
    `Late is what arrives more than ${LATE_TOLERANCE} ms after its expiry at a recipient who reads at once. ${excused} more were excused, because the service was paused between looking at the clock and writing.`,
    ...examples,
  ].join('\n');
}

export function isGood({ faults }) {
  return Object.values(faults).every((list) => list.length === 0);
}
