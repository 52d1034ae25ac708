import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyRequest } from '../support/hostile/documents.js';
import { search, SEARCH_TIME } from '../support/hostile/search.js';
import { expectNothingOfTheInside } from '../support/refusal.js';
import { queueIsHere, Service } from '../support/service.js';

/** What no caller may cause. */
const OURS = ['INTERNAL_SERVER_ERROR', 'UNAVAILABLE'];

describe.runIf(queueIsHere)('random and damaged requests', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(async () => service.stop());

  it(
    'are each answered, with no error of ours, and leave the service as it was',
    { timeout: SEARCH_TIME },
    async () => {
      const codes = new Map<string, number>();
      await search(service, 'documents', anyRequest, async ({ body, contentType }) => {
        const { status, errors, text, headers } = await service.post(body, service.key, {
          'content-type': contentType,
        });
        expect(status, text).toBeLessThan(500);
        expect(headers.get('content-type')).toMatch(/^application\/(?:graphql-response\+)?json/);
        for (const { extensions } of errors) {
          expect(OURS, text).not.toContain(extensions.code);
          codes.set(extensions.code, (codes.get(extensions.code) ?? 0) + 1);
        }
        if (errors.length === 0) codes.set('none', (codes.get('none') ?? 0) + 1);
        expectNothingOfTheInside(text);
        expect(Object.keys(Object.prototype)).toEqual([]);
      });
      // Random requests that never got past the parser would show little.
      for (const code of ['none', 'GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT', 'BAD_REQUEST'])
        expect(codes.get(code), code).toBeGreaterThan(0);
    },
  );
});
