import { Injectable } from '@nestjs/common';
import { BadUserInputError } from '../graphql/errors.js';
import { InputLimits } from '../graphql/input-limits.js';
import { Log } from '../log/log.js';
import { Relay } from '../relay/relay.js';
import { RevocationsRepository } from './revocations.repository.js';

/** Revokes the tokens of recipients. It needs no secret, so that the command line can do it from anywhere. */
@Injectable()
export class Revocations {
  private readonly log = new Log(Revocations.name);

  constructor(
    private readonly repository: RevocationsRepository,
    private readonly limits: InputLimits,
    private readonly relay: Relay,
  ) {}

  /**
   * Revokes all tokens of a recipient that were issued before now. It is stored when this answers, and effective within
   * 5 s on every node.
   * @throws BadUserInputError when there can be no such recipient
   */
  async revoke(tenant: string, recipient: string): Promise<void> {
    const mistake = this.limits.recipientMistake(recipient);
    if (mistake !== null) throw new BadUserInputError(`recipient ${mistake}.`, 'recipient');
    await this.repository.add(tenant, recipient);
    try {
      await this.relay.publish([{ kind: 'revocation' }]);
    } catch (error) {
      this.log.write('revocations.untold', 'The nodes could not be told of a revocation, and find it themselves', {
        error,
      });
    }
  }
}
