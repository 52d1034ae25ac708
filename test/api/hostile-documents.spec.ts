import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyRequest } from '../support/hostile/documents.js';
import { RUNS, search, SEARCH_TIME } from '../support/hostile/search.js';
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
      const answers = await search(service, 'documents', anyRequest, async ({ body, contentType }) => {
        const { status, errors, text, headers } = await service.post(body, service.key, {
          'content-type': contentType,
        });
        expect(status, text).toBeLessThan(500);
        expect(headers.get('content-type')).toMatch(/^application\/(?:graphql-response\+)?json/);
        for (const { extensions } of errors) expect(OURS, text).not.toContain(extensions.code);
        expectNothingOfTheInside(text);
        expect(Object.keys(Object.prototype)).toEqual([]);
        return errors[0]?.extensions.code ?? 'no error';
      });
      // Requests that never got past the parser would show little.
      for (const code of [
        'no error',
        'GRAPHQL_PARSE_FAILED',
        'GRAPHQL_VALIDATION_FAILED',
        'BAD_USER_INPUT',
        'BAD_REQUEST',
      ])
        expect(answers.get(code), code).toBeGreaterThan(RUNS / 200);
    },
  );
});
