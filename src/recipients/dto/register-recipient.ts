import { Field, InputType } from '@nestjs/graphql';
import { ApiType } from '../../graphql/api-type.decorator.js';
import { IsOptional, IsString, ValidateBy } from 'class-validator';
import { TokenScalar } from '../../graphql/scalars.js';
import { ADDRESS_MISTAKE, isAddressRange, isOrigin, ORIGIN_MISTAKE } from '../connection-limits.js';

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
      defaultMessage: () => ADDRESS_MISTAKE,
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
      defaultMessage: () => ORIGIN_MISTAKE,
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
