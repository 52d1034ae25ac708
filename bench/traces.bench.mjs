// traces: what a node does itself for a delivery, from the signal to the frame and from the pong to the ledger, without database, socket
// and client: nanoseconds of processor time each. With traces off, and on for a message that is in no trace and for one that is, beside a build without
// them, whose folder BEFORE names. What they cost while they are off is the first beside that build.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { measureRounds, report } from './report.mjs';

const BEFORE = process.env.BEFORE;
const child = fileURLToPath(new URL('./traces/deliveries.mjs', import.meta.url));
const here = fileURLToPath(new URL('..', import.meta.url));
const runs = [
  ...(BEFORE ? [['before', BEFORE, 'off']] : []),
  ['off', here, 'off'],
  ['on, not traced', here, 'not-traced'],
  ['on, traced', here, 'traced'],
];

const rounds = await measureRounds(async () => {
  const figures = {};
  for (const [name, build, mode] of runs) {
    const { stdout, stderr, status } = spawnSync(process.execPath, [child, build, mode], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    figures[name] = Number(stdout);
  }
  return figures;
});
report(
  'traces',
  'nanoseconds of processor time of the gateway for a delivery, without database, socket and client',
  rounds,
  {},
);
