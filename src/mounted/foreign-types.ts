import { TypeMetadataStorage } from '@nestjs/graphql';

/** One at a time: what was there before must be what is put back. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Does `work`, which builds a schema, without the object types of an application in it. Nest keeps the types of all schemas of a process
 * in one place, and adds to each what their fields refer to, unless it is abstract; what a query or a mutation leads to is there anyway.
 */
export async function withoutForeignTypes<T>(work: () => Promise<T>): Promise<T> {
  const done = last.then(() => inPlace(work));
  last = done.catch(() => undefined);
  return done;
}

async function inPlace<T>(work: () => Promise<T>): Promise<T> {
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
