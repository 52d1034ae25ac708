import { ObjectType } from '@nestjs/graphql';

/**
 * An object type of this API. Nest keeps the types of all schemas of a process in one place, and adds to each schema whatever a field of
 * any of them refers to, unless it is abstract: an application in which the service is mounted would find ours in its own.
 */
export const ApiType = (description: string): ClassDecorator => ObjectType({ description, isAbstract: true });
