// Processor time and memory of processes, as the kernel counts them.
import { readFileSync } from 'node:fs';

/** The kernel counts processor time in these, a second. */
const TICKS = 100;

/** Processor time that a process and all that it started have used, in microseconds. */
export function processorTime(pid) {
  // Its own, and that of the children that have ended.
  return childrenOf(pid).reduce((sum, child) => sum + processorTime(child), times(pid, 10, 14));
}

/** Processor time that a process has used itself, in microseconds. */
export function ownProcessorTime(pid) {
  return times(pid, 10, 12);
}

function childrenOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
}

/** The sum of some fields of what the kernel says of a process, counted from its state on. */
function times(pid, from, to) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [, , ...fields] = stat.slice(stat.lastIndexOf(')')).split(' ');
  return fields.slice(from, to).reduce((sum, ticks) => sum + Number(ticks), 0) * (1_000_000 / TICKS);
}

/** Processor time of a service of `withInstallation` by its parts, in microseconds: its process, its database, Redis if it has one, and all. */
export function installationTime({ service, redis }) {
  const parts = {
    service: ownProcessorTime(service.child.pid),
    database: processorTime(service.child.pid) - ownProcessorTime(service.child.pid),
    ...(redis && { redis: processorTime(redis.pid) }),
  };
  return { all: Object.values(parts).reduce((sum, time) => sum + time), ...parts };
}

/** What `work` used of each part that `look` tells, and how many seconds it took. */
export async function usedBy(look, work) {
  const [before, began] = [look(), performance.now()];
  await work();
  const parts = Object.entries(look()).map(([part, value]) => [part, value - before[part]]);
  return { seconds: (performance.now() - began) / 1_000, ...Object.fromEntries(parts) };
}

/** Memory of a process, in bytes. */
export function memory(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1_024;
}

/** Memory of all that a process started, in bytes. What several of them share counts once. */
export function memoryOfChildren(pid) {
  return childrenOf(pid).reduce((sum, child) => sum + shareOfMemory(child) + memoryOfChildren(child), 0);
}

/** Memory of a process, in bytes, of which what it shares with others counts in part (PSS). */
function shareOfMemory(pid) {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) * 1_024;
}

/** Watches a process; the function that is returned gives the most memory (RSS) that it has had beyond the first look, in MiB. */
export function watchMemory(pid) {
  const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1_024;
  const first = rss();
  let most = first;
  const timer = setInterval(() => (most = Math.max(most, rss())), 20);
  return () => {
    clearInterval(timer);
    return Math.max(most, rss()) - first;
  };
}
