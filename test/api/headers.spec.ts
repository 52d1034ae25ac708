import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RawConnection, upgradeRequest } from '../support/raw-connection.js';
import { needsOneProcess, queueIsHere, Service } from '../support/service.js';

const ORIGIN = 'https://admin.example.com';

describe.runIf(queueIsHere)('every answer', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ TRUSTED_PROXIES: '127.0.0.1', PUBLIC_URL: 'https://push.example.com' });
  });
  afterAll(async () => service.stop());

  const get = async (path: string, headers: Record<string, string> = {}) => fetch(service.url + path, { headers });

  it.each([
    ['/graphql', 'text/html'],
    ['/graphql', 'application/json'],
    ['/graphql/console/nothing', '*/*'],
    ['/health/live', '*/*'],
    ['/', '*/*'],
    ['/nothing', '*/*'],
  ])('bears the security headers: %s to a client that accepts %s', async (path, accept) => {
    const { headers } = await get(path, { accept });
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('bears an id of its request, or that which a trusted proxy gave it', async () => {
    const ids = await Promise.all(
      Array.from({ length: 10 }, async () => (await get('/health/live')).headers.get('x-request-id')),
    );
    expect(new Set(ids).size).toBe(10);
    expect((await get('/health/live', { 'x-request-id': 'a-proxy-gave-it' })).headers.get('x-request-id')).toBe(
      'a-proxy-gave-it',
    );
    for (const nonsense of ['short', 'x'.repeat(65), 'with spaces in it'])
      expect((await get('/health/live', { 'x-request-id': nonsense })).headers.get('x-request-id')).not.toBe(nonsense);
  });

  it.each([
    ['an upgrade without a token', upgradeRequest('/', { 'X-Request-Id': 'a-proxy-gave-it' }), 'a-proxy-gave-it'],
    ['an upgrade elsewhere', upgradeRequest('/elsewhere', { 'X-Request-Id': 'a-proxy-gave-it' }), 'a-proxy-gave-it'],
    ['what is not HTTP', 'HELO localhost\r\n\r\n', '[0-9a-f-]{36}'],
  ])('bears an id when it refuses %s', async (_what, bytes, id) => {
    const raw = await RawConnection.open(service.url);
    raw.write(bytes);
    await raw.status();
    expect(raw.text).toMatch(new RegExp(`\r\nX-Request-Id: ${id}\r\n`));
    raw.end();
  });

  it('that tells of a fault of ours bears the id under which the log has it', async (context) => {
    needsOneProcess(context, 'It sets the clock or the time zone of the node, or reads its log.');
    const log = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    await service.dataSource.query('ALTER TABLE messages RENAME TO elsewhere');
    try {
      const answer = await service.graphql('{ messages { nextToken } }');
      const id = answer.headers.get('x-request-id');
      expect(answer.errors[0]).toMatchObject({ extensions: { code: 'INTERNAL_SERVER_ERROR', id } });
      expect(log.mock.calls.map(String).join('')).toMatch(
        new RegExp(`QueryFailedError.*request.failed requestId=${id}`),
      );
    } finally {
      log.mockRestore();
      await service.dataSource.query('ALTER TABLE elsewhere RENAME TO messages');
    }
  });

  it('tells no foreign page that it may read it', async () => {
    const preflight = await fetch(`${service.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: ORIGIN, 'access-control-request-method': 'POST' },
    });
    expect([...preflight.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe.runIf(queueIsHere)('with CORS_ORIGINS', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ CORS_ORIGINS: `${ORIGIN}, http://localhost:5173` });
  });
  afterAll(async () => service.stop());

  const preflight = async (origin: string) =>
    fetch(`${service.url}/graphql`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-api-key',
      },
    });

  it('the pages of these origins may call the API with a key', async () => {
    const { status, headers } = await preflight(ORIGIN);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(headers.get('access-control-allow-headers')).toBe('content-type,x-api-key');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    const answer = await service.post('{"query":"{ version }"}', service.key, { origin: ORIGIN });
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(answer.headers.get('vary')).toContain('Origin');
  });

  it.each(['https://admin.example.com.evil.com', 'http://admin.example.com', 'https://admin.example.com:8443', 'null'])(
    'those of %s may not',
    async (origin) => {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
    },
  );
});
