import { readFileSync, readdirSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

/** Where the manifests of Kubernetes are. */
export const MANIFESTS = 'deploy/kubernetes';

/** What every object of the Kubernetes API has. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/**
 * The objects of the Kubernetes API in the files of `deploy/kubernetes`. Left out are the two files that hold none: `kustomization.yaml`, which kubectl
 * itself reads, and `prometheus-adapter.yaml`, values for a chart of Helm.
 */
export function readManifests(): readonly Manifest[] {
  return readdirSync(MANIFESTS)
    .filter((file) => !/^(kustomization|prometheus-adapter)/.test(file))
    .flatMap((file) => parseAllDocuments(readFileSync(`${MANIFESTS}/${file}`, 'utf8')))
    .map((document) => document.toJS() as Manifest);
}
