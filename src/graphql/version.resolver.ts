import { Query, Resolver } from '@nestjs/graphql';
import { VERSION } from './version.js';

@Resolver()
export class VersionResolver {
  @Query(() => String, { description: 'Returns the API version.' })
  version(): string {
    return VERSION;
  }
}
