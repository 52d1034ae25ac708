/** The close codes that the service sends (RFC 6455 §7.4), each with its reason. */
export const CLOSE = {
  /** The client sent more than it may; the channel is push-only. It should not come back before it is mended. */
  flood: { code: 1008, reason: 'too many frames: this channel is push-only' },
  /** The node is stopping, or its database crashed. The client should come back at once; another node, or the next process, takes it. */
  restart: { code: 1012, reason: 'service restart' },
  /** The token was genuine and has expired. The client should get a new one and come back. */
  tokenExpired: { code: 4401, reason: 'token expired' },
  /** The recipient's tokens were revoked since this one was issued. The client may come back with a new one, if it is given one. */
  tokenRevoked: { code: 4403, reason: 'token revoked' },
} as const;
