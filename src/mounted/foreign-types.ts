import { TypeMetadataStorage } from '@nestjs/graphql';

/**
 * Does `work`, which builds a schema, without the object types of an application in it. Nest keeps the types of all schemas of a process
 * in one place, and adds to each what their fields refer to, unless it is abstract; what a query or a mutation leads to is there anyway.
 */
export async function withoutForeignTypes<T>(work: () => Promise<T>): Promise<T> {
  const { getObjectTypesMetadata: objects, getInterfacesMetadata: interfaces } = TypeMetadataStorage;
  const abstract = <Type extends object>(types: readonly Type[]) =>
    types.map((type) => ({ ...type, isAbstract: true }));
  TypeMetadataStorage.getObjectTypesMetadata = () => abstract(objects.call(TypeMetadataStorage));
  TypeMetadataStorage.getInterfacesMetadata = () => abstract(interfaces.call(TypeMetadataStorage));
  try {
    return await work();
  } finally {
    TypeMetadataStorage.getObjectTypesMetadata = objects;
    TypeMetadataStorage.getInterfacesMetadata = interfaces;
  }
}
