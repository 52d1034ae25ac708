import { TypeMetadataStorage } from '@nestjs/graphql';

/**
 * Does `work`, which builds a schema, without the object types of an application in it. Nest keeps the types of all schemas of a process
 * in one place, and adds whatever their fields refer to, unless it is abstract.
 */
export async function withoutForeignTypes<T>(work: () => Promise<T>): Promise<T> {
  const foreign = [
    ...TypeMetadataStorage.getObjectTypesMetadata(),
    ...TypeMetadataStorage.getInterfacesMetadata(),
  ].filter(({ isAbstract }) => !isAbstract);
  for (const type of foreign) type.isAbstract = true;
  try {
    return await work();
  } finally {
    for (const type of foreign) type.isAbstract = false;
  }
}
