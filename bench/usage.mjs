// Processor time and memory of processes, as the kernel counts them.
import { readFileSync } from 'node:fs';

/** The kernel counts processor time in these, a second. */
const TICKS = 100;

/** Processor time that a process and all that it started have used, in microseconds. */
export function processorTime(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  // Its own, and that of the children that have ended.
  return children.reduce((sum, child) => sum + processorTime(child), times(pid, 10, 14));
}

/** Processor time that a process has used itself, in microseconds. */
export function ownProcessorTime(pid) {
  return times(pid, 10, 12);
}

/** The sum of some fields of what the kernel says of a process, counted from its state on. */
function times(pid, from, to) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [, , ...fields] = stat.slice(stat.lastIndexOf(')')).split(' ');
  return fields.slice(from, to).reduce((sum, ticks) => sum + Number(ticks), 0) * (1_000_000 / TICKS);
}

/** Memory of a process, in bytes. */
export function memory(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1_024;
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
