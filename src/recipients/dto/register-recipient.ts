import { Field, InputType } from '@nestjs/graphql';
import { ApiType } from '../../graphql/api-type.decorator.js';
import { IsOptional, IsString, ValidateBy } from 'class-validator';
import { parseAddressRange } from '../../config/address-range.js';
import { TokenScalar } from '../../graphql/scalars.js';
import { normalizeOrigin } from '../../config/origin.js';

/** Both travel in the token, and so in the address of every connection. The longest that mean something are shorter. */
const LONGEST_ADDRESS = 64;
const LONGEST_ORIGIN = 300;

function isAddressRange(value: unknown): boolean {
  try {
    return typeof value === 'string' && value.length <= LONGEST_ADDRESS && parseAddressRange(value) !== undefined;
  } catch {
    return false;
  }
}

/** A browser never sends a `*`: who writes one means many origins, and would let nobody in. */
function isOrigin(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    value.length <= LONGEST_ORIGIN &&
    !value.includes('*') &&
    normalizeOrigin(value) !== null
  );
}

@InputType({ description: 'Who may connect, and from where.' })
export class RegisterRecipientInput {
  @Field({
    description:
      'The name of the recipient: the identifier of the user in your application, or any other text that identifies it, of 1 to 256 characters. Recipients are not stored; your application keeps track of them.',
  })
  @IsString()
  recipient: string;

  @Field(() => String, {
    nullable: true,
    description:
      'The only IP address from which the recipient can connect, or a range of them in CIDR form. Everywhere when left out.',
  })
  @IsOptional()
  @ValidateBy({
    name: 'isAddressRange',
    validator: {
      validate: isAddressRange,
      defaultMessage: () => `must be an IP address or a CIDR range, of at most ${LONGEST_ADDRESS} characters`,
    },
  })
  sourceIp?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The only origin from which the recipient can connect, as the browser sends it in the Origin header: http://example.org or https://example.org. Any when left out.',
  })
  @IsOptional()
  @ValidateBy({
    name: 'isOrigin',
    validator: {
      validate: isOrigin,
      defaultMessage: () =>
        `must be an origin such as https://example.org, without * and of at most ${LONGEST_ORIGIN} characters`,
    },
  })
  origin?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The topic that the connection is labelled with, of 1 to 256 characters: it gets messages of this very topic besides those without one.',
  })
  @IsOptional()
  @IsString()
  topic?: string | null;
}

@ApiType('What a recipient needs in order to connect.')
export class RegisterRecipientResponse {
  @Field(() => TokenScalar, {
    description:
      'Identifies the recipient; a part of connectionUri. Each call gives a new one, and earlier ones stay valid.',
  })
  token: string;

  @Field({ description: 'The URI to open a WebSocket to: new WebSocket(connectionUri).' })
  connectionUri: string;
}
