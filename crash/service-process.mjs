// The service as a process of its own, that is started again whenever it ends, as a supervisor does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const LISTENING = /listening on/;

export class ServiceProcess {
  #environment;
  #log;
  #child = null;
  #wanted = false;
  /** Ends that nobody asked for: a start may fail without a database, but one that runs survives whatever is done to others. */
  unasked = [];
  starts = 0;
  /** How often it was told once to stop and then left alone, and how often it then ended in order. */
  stops = { asked: 0, inOrder: 0 };
  /** What the process that runs now has said so far. */
  said = '';

  /** @param ways the proxies between it and what it shares with others, by name */
  constructor({ number, program, environment, ways, logFile }) {
    this.number = number;
    this.program = program;
    this.ways = ways;
    this.#environment = environment;
    this.#log = createWriteStream(logFile, { flags: 'a' });
  }

  get isRunning() {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts it, and from now on whenever it has ended. */
  keepRunning() {
    this.#wanted = true;
    if (!this.isRunning) this.#start();
  }

  /** Sends a signal; nobody is surprised when it ends by it. */
  signal(name) {
    if (!this.isRunning) return;
    if (name !== 'SIGSTOP' && name !== 'SIGCONT') this.#child.asked = true;
    if (name === 'SIGTERM') this.#child.terms = (this.#child.terms ?? 0) + 1;
    this.#child.kill(name);
  }

  /** Kills it and waits until it has gone. */
  async kill() {
    const child = this.#child;
    if (!this.isRunning) return;
    const exit = once(child, 'exit');
    this.signal('SIGKILL');
    await exit;
  }

  /** Stops it in order and for good; gives its exit code, or null when it had to be killed. */
  async stop(patience) {
    this.#wanted = false;
    if (!this.isRunning) return null;
    const exit = once(this.#child, 'exit');
    this.signal('SIGTERM');
    const ended = await Promise.race([exit, pause(patience, null, { ref: false })]);
    if (ended === null) await this.kill();
    return ended?.[0] ?? null;
  }

  /** Kills it for good. */
  async end() {
    this.#wanted = false;
    await this.kill();
    this.#log.end();
  }

  #start() {
    this.starts += 1;
    this.#log.write(`--- start ${this.starts}, ${new Date().toISOString()}\n`);
    const child = spawn(process.execPath, [this.program], {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdout.pipe(this.#log, { end: false });
    child.stderr.pipe(this.#log, { end: false });
    this.said = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      this.said += chunk;
      child.listens = LISTENING.test(this.said);
    });
    child.once('exit', (code, signal) => {
      this.#log.write(`--- ended (${signal ?? code}), ${new Date().toISOString()}\n`);
      if (child.terms === 1 && signal === null) {
        this.stops.asked += 1;
        if (code === 0) this.stops.inOrder += 1;
      }
      if (!child.asked) this.unasked.push({ code: signal ?? code, listened: child.listens === true });
      if (this.#wanted) this.#start();
    });
  }
}
