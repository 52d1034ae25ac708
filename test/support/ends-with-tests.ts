import type { ChildProcess } from 'node:child_process';

const running = new Map<ChildProcess, NodeJS.Signals>();
process.once('exit', () => {
  for (const [child, signal] of running) child.kill(signal);
});
// By itself this signal, by which Vitest ends a worker, lets no listener for `exit` run.
process.once('SIGTERM', () => process.exit());

/** Whatever becomes of the tests, this program ends with them. SIGTERM is for one that has to end others. */
export function endsWithTests<T extends ChildProcess>(child: T, signal: NodeJS.Signals = 'SIGKILL'): T {
  running.set(child, signal);
  child.once('exit', () => running.delete(child));
  return child;
}
