import { Writable } from 'node:stream';
import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { describeError } from '../../src/log/describe-error.js';
import { Output } from '../../src/log/output.js';
import { Scrubber, secretsOf } from '../../src/log/scrubber.js';
import { ServiceLogger } from '../../src/log/service-logger.js';

/** A stream whose reader takes nothing until it is told to. */
class Pipe extends Writable {
  readonly lines: string[] = [];
  private waiting: (() => void) | null = null;
  private isOpen = false;

  constructor() {
    super({ decodeStrings: false, highWaterMark: 10 });
  }

  override _write(line: string, _encoding: string, done: () => void): void {
    this.lines.push(line);
    if (this.isOpen) done();
    else this.waiting = done;
  }

  open(): void {
    this.isOpen = true;
    this.waiting?.();
  }
}

describe('the output of the log', () => {
  it('keeps what its limit allows while nobody reads, drops the rest, and says how much that was', async () => {
    const pipe = new Pipe();
    const output = new Output(pipe, 100, (dropped) => `dropped ${dropped}\n`);
    for (let i = 0; i < 30; i += 1) output.write(`line ${i} \n`);
    expect(pipe.writableLength).toBeLessThan(120);
    pipe.open();
    await output.flush(1_000);
    await new Promise((resolve) => setImmediate(resolve));
    const kept = pipe.lines.filter((line) => line.startsWith('line'));
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => `line ${i} \n`));
    expect(pipe.lines.at(-1)).toBe(`dropped ${30 - kept.length}\n`);
    output.write('more\n');
    expect(pipe.lines.at(-1)).toBe('more\n');
  });

  it('is harmed by no error of its stream', () => {
    const stream = new Writable({
      write: () => {
        throw new Error('no space left');
      },
    });
    const output = new Output(stream, 100, () => '');
    expect(() => output.write('a line\n')).not.toThrow();
    expect(() => stream.emit('error', new Error('EPIPE'))).not.toThrow();
  });
});

describe('what the log says of an error', () => {
  const jsonError = () => {
    try {
      JSON.parse('secret text');
    } catch (error) {
      return error;
    }
    return null;
  };
  const database = (code: string, message: string) =>
    Object.assign(new DatabaseError(message, 0, 'error'), { code, detail: 'Failing row contains (secret).' });

  it.each([
    [database('22P02', 'invalid input syntax for type integer: "a "secret" text"')],
    [database('23514', 'new row violates check constraint "refused"')],
    [database('P0001', 'said "secret"')],
    [jsonError()],
    [new TypeError(`The "chunk" argument must be a string. Received type string ('secret')`)],
    [new TypeError("unknown command 'secret', with args beginning with: 'secret' 'sec")],
    [Object.assign(new Error('String cannot represent value: { a: secret }'), { name: 'GraphQLError' })],
    [Object.assign(new Error('It failed'), { query: 'secret', parameters: ['secret'] })],
    ['secret'],
    [{ secret: 'secret' }],
  ])('holds nothing that it repeats: %s', (error) => {
    const said = describeError(error, { stack: true });
    expect(JSON.stringify(said)).not.toContain('secret');
    expect(said.message).not.toBe('');
  });

  it('is what helps', () => {
    expect(describeError(database('42P01', 'relation "messages" does not exist'), { stack: true })).toEqual({
      type: 'DatabaseError',
      code: '42P01',
      message: 'relation "messages" does not exist',
      stack: expect.stringMatching(/^at .*log\.spec\.ts:\d+:\d+/),
    });
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
    expect(describeError(refused, { stack: false })).toEqual({
      type: 'Error',
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED 127.0.0.1:1',
    });
    expect(
      describeError(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), { stack: false }).message,
    ).toBe('ECONNREFUSED');
  });
});

describe('the last look at a line', () => {
  const scrubber = new Scrubber();
  scrubber.hide(
    secretsOf({
      databaseUrl: 'postgres://homing:p%40ss%22word@one,two/homing',
      redisUrl: 'redis://:redis-password@here:6379',
      tokenSecrets: [{ id: 'a', secret: 'a secret of tokens' }],
      adminPassword: 'open sesame, please',
    }),
  );

  it.each([
    'p@ss"word',
    'p%40ss%22word',
    'redis-password',
    'a secret of tokens',
    'open sesame, please',
    `homing_0123456789_${'hidden'.replace(/./g, 'a')}${'b'.repeat(42)}`,
    'postgres://u:hi:d@den@host/x',
    'wss://host/?token=hidden-token',
    'GET /?a=b&token=hidden-token',
    'https://host/path?hidden=1',
    'x-api-key: hidden-key',
    '"authorization":"Bearer hidden"',
    'cookie=hidden; more=hidden',
    'A'.repeat(120),
  ])('hides %s, and leaves a line of JSON one', (secret) => {
    const line = scrubber.scrub(JSON.stringify({ msg: `before ${secret}` }));
    const { msg } = JSON.parse(line) as { msg: string };
    expect(msg).toMatch(/^before /);
    expect(msg).toContain('[hidden]');
    for (const part of [
      'hidden-',
      '=hidden',
      'Bearer hidden',
      'aaaaaa',
      'AAAAAA',
      'd@den',
      'p@ss',
      'p%40ss',
      'redis-p',
      'secret of',
      'sesame',
    ])
      expect(msg).not.toContain(part);
  });

  it('leaves alone what is none', () => {
    const line =
      'The queue takes no events: connect ECONNREFUSED 127.0.0.1:6379 (f20dc193-9216-4f0f-afa6-78191ba7fc1d)';
    expect(scrubber.scrub(line)).toBe(line);
  });
});

describe('the logger', () => {
  it('writes an object of JSON with the facts of an event and of its error, and of no other value', async () => {
    const lines: string[] = [];
    const stream = new Writable({
      decodeStrings: false,
      write: (line: string, _e, done) => (lines.push(line), done()),
    });
    const settings = { nodeEnv: 'production', logFormat: 'auto', logLevel: 'info', logBuffer: 1_000_000 } as const;
    const logger = await ServiceLogger.create(settings, { pid: 1, node: 'n' }, stream);
    const error = Object.assign(new TypeError('It is "secret"'), { code: 'ERR', detail: 'secret' });
    logger.write('request.failed', 'It failed', { requestId: 'r', error }, 'GraphQL');
    logger.warn({ password: 'secret' }, 'Nest');
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      {
        ...{ level: 'error', time: expect.any(String), pid: 1, node: 'n', context: 'GraphQL', event: 'request.failed' },
        ...{ requestId: 'r', msg: 'It failed' },
        err: { type: 'TypeError', code: 'ERR', message: 'It is …', stack: expect.stringMatching(/^at /) },
      },
      { level: 'warn', time: expect.any(String), pid: 1, node: 'n', context: 'Nest', msg: '[object]' },
    ]);
  });

  it('writes its own lines from LOG_LEVEL on, and what a framework says of itself at debug', async () => {
    const written = async (logLevel: 'debug' | 'log' | 'info' | 'error') => {
      const lines: string[] = [];
      const stream = new Writable({
        decodeStrings: false,
        write: (line: string, _e, done) => (lines.push(line), done()),
      });
      const settings = { nodeEnv: 'test', logFormat: 'text', logLevel, logBuffer: 1_000_000 } as const;
      const logger = await ServiceLogger.create(settings, { pid: 1, node: 'n' }, stream);
      logger.log('Mapped {/health, GET} route', 'RouterExplorer');
      logger.write('service.stopping', 'Stopping\u001b[2J\nnow');
      logger.error(new Error('It failed'), 'Nest');
      return lines.map((line) => line.slice(13).split('\n')[0]);
    };
    const [mapped, stopping, failed] = [
      'DEBUG RouterExplorer Mapped {/health, GET} route',
      'INFO  Stopping [2J now (service.stopping)',
      'ERROR Nest An error: Error: It failed',
    ];
    expect(await written('debug')).toEqual([mapped, stopping, failed]);
    expect(await written('info')).toEqual([stopping, failed]);
    expect(await written('log')).toEqual([stopping, failed]);
    expect(await written('error')).toEqual([failed]);
  });
});
