import { Injectable } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { MountPath } from '../config/mount-path.js';
import { BadUserInputError } from '../graphql/errors.js';
import { InputLimits } from '../graphql/input-limits.js';
import type { RegisterRecipientInput, RegisterRecipientResponse } from './dto/register-recipient.js';
import { normalizeOrigin } from '../config/origin.js';
import { ADDRESS_MISTAKE, isAddressRange, isOrigin, ORIGIN_MISTAKE } from './connection-limits.js';
import { RecipientTokens } from './recipient-token.js';
import { Revocations } from './revocations.js';
import { RevokedRecipients } from './revoked-recipients.js';

/** Registers recipients, which gives each a token to connect with, and revokes their tokens. */
@Injectable()
export class RecipientsService {
  constructor(
    private readonly settings: Settings,
    private readonly mountPath: MountPath,
    private readonly limits: InputLimits,
    private readonly tokens: RecipientTokens,
    private readonly revocations: Revocations,
    private readonly revoked: RevokedRecipients,
  ) {}

  /**
   * A token for a recipient of the tenant, and the URI to open with it.
   * @param base the address of the server, such as `http://localhost:3000`, used where `PUBLIC_URL` is not set; null when it is not
   * known. The path at which the service is mounted is added to either.
   * @throws BadUserInputError when the recipient, the topic, the address or the origin can't be used, or there is no address to give
   */
  register(tenant: string, input: RegisterRecipientInput, base: string | null = null): RegisterRecipientResponse {
    this.refuse('recipient', this.limits.recipientMistake(input.recipient));
    if (typeof input.topic === 'string') this.refuse('topic', this.limits.topicMistake(input.topic));
    const { sourceIp = null, origin = null } = input;
    // A caller in the process comes past the checks of the API.
    if (sourceIp !== null && !isAddressRange(sourceIp)) this.refuse('sourceIp', ADDRESS_MISTAKE);
    if (origin !== null && !isOrigin(origin)) this.refuse('origin', ORIGIN_MISTAKE);
    const token = this.tokens.sign({
      tenant,
      recipient: input.recipient,
      topic: input.topic ?? null,
      sourceIp,
      origin: origin === null ? null : normalizeOrigin(origin),
    });
    return { token, connectionUri: this.connectionUri(token, base) };
  }

  /**
   * Revokes all tokens of a recipient that were issued before now. Its connections are closed, and who comes with such a
   * token is sent away with the close code 4403: on this node when this answers, on every other within 5 s. Tokens that
   * are made afterwards are good.
   * @throws BadUserInputError when there can be no such recipient
   */
  async revoke(tenant: string, recipient: string): Promise<void> {
    await this.revocations.revoke(tenant, recipient);
    await this.revoked.refresh();
  }

  private connectionUri(token: string, base: string | null): string {
    const address = this.settings.publicUrl ?? base;
    if (address === null)
      throw new BadUserInputError(
        'There is no address to connect to. Set PUBLIC_URL on the service, send a header Host that names a host, or give register an address.',
        'host',
      );
    const url = new URL(`${this.mountPath.text}/`, address);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.searchParams.set('token', token);
    return url.href;
  }

  private refuse(field: string, mistake: string | null): void {
    if (mistake !== null) throw new BadUserInputError(`input.${field} ${mistake}.`, `input.${field}`);
  }
}
