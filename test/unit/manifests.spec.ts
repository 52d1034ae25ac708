import { resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { readManifests, type Manifest } from '../support/manifests.js';

const MANIFESTS = readManifests();
const model = ({ apiVersion, kind }: Manifest) => `kubernetes-models/${apiVersion}/${kind}`;

/** What the JSON schemas of the API say of a manifest: what is missing, and what has a wrong type or form. They let unknown fields pass. */
async function faults(manifest: Manifest): Promise<string> {
  const models = (await import(model(manifest))) as Record<string, new (data: object) => { validate(): void }>;
  const Model = models[manifest.kind]!;
  try {
    new Model(manifest).validate();
    return '';
  } catch (error) {
    return String(error);
  }
}

/** What TypeScript says of manifests that are written as objects of the API's types: these know every field, and take no other. */
function typeErrors(manifests: readonly Manifest[]): string[] {
  const name = resolve('test/unit/written-manifests.ts');
  const text = manifests
    .map(
      (manifest, n) =>
        `export const o${n}: import('${model(manifest)}').I${manifest.kind} = ${JSON.stringify(manifest)};`,
    )
    .join('\n');
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    skipLibCheck: true,
    types: [],
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (file) => file === name || fileExists(file);
  host.getSourceFile = (file, ...how) =>
    file === name ? ts.createSourceFile(name, text, how[0]) : getSourceFile(file, ...how);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([name], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('the manifests of Kubernetes are objects of its API', () => {
  it.each(MANIFESTS.map((manifest) => [manifest.kind, manifest.metadata.name, manifest] as const))(
    '%s %s: nothing is missing or of a wrong type',
    async (_kind, _name, manifest) => expect(await faults(manifest)).toBe(''),
  );

  it('no field is one that the API does not know', () => expect(typeErrors(MANIFESTS)).toEqual([]));

  it.each([
    [
      'a wrong type',
      '"failureThreshold":2',
      '"failureThreshold":"twice"',
      /must be integer/,
      /not assignable to type 'number'/,
    ],
    // By the types alone.
    ['an unknown field', '"readinessProbe"', '"readynessProbe"', /^$/, /readynessProbe.* does not exist in type/],
  ])('%s would be found', async (_what, written, mistaken, fault, typeError) => {
    const text = JSON.stringify(MANIFESTS.find(({ kind }) => kind === 'Deployment'));
    const wrong = JSON.parse(text.replace(written, mistaken)) as Manifest;
    expect(await faults(wrong)).toMatch(fault);
    expect(typeErrors([wrong]).join()).toMatch(typeError);
  });
});
