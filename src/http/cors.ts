import type { CorsOptions } from '@nestjs/common/interfaces/external/cors-options.interface.js';

/** What the pages of these origins may do: call the API with an access key, without cookies. */
export function corsOptions(origins: readonly string[]): CorsOptions {
  return {
    origin: [...origins],
    methods: ['GET', 'POST'],
    allowedHeaders: ['content-type', 'x-api-key'],
    exposedHeaders: ['Retry-After', 'X-Request-Id'],
    maxAge: 600,
  };
}
