import { TypeMetadataStorage } from '@nestjs/graphql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withoutForeignTypes } from '../../src/mounted/foreign-types.js';
import { Gate } from '../support/gate.js';

const THEIRS = { name: 'TypeOfAnApplication' };

/** Whether a schema that is built now has their types by themselves. */
const areTaken = () =>
  [TypeMetadataStorage.getObjectTypesMetadata(), TypeMetadataStorage.getInterfacesMetadata()].map(
    ([type]) => !type?.isAbstract,
  );

describe('the types of an application', () => {
  beforeEach(() => {
    vi.spyOn(TypeMetadataStorage, 'getObjectTypesMetadata').mockReturnValue([THEIRS] as never);
    vi.spyOn(TypeMetadataStorage, 'getInterfacesMetadata').mockReturnValue([THEIRS] as never);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('are none of the schema of a service, and are there again afterwards, also after a failure', async () => {
    expect(await withoutForeignTypes(async () => areTaken())).toEqual([false, false]);
    expect(areTaken()).toEqual([true, true]);
    await expect(withoutForeignTypes(() => Promise.reject(new Error('no schema')))).rejects.toThrow('no schema');
    expect(areTaken()).toEqual([true, true]);
  });

  it('are there again when two services have started at the same time', async () => {
    const gates = [new Gate(), new Gate()];
    const [first, second] = gates.map((gate) =>
      withoutForeignTypes(async () => {
        await gate.pass();
        return areTaken();
      }),
    );
    for (const [i, done] of [first, second].entries()) {
      gates[i]!.open();
      expect(await done).toEqual([false, false]);
    }
    expect(areTaken()).toEqual([true, true]);
  });
});
