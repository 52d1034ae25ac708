import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { duration } from '../../src/config/setting.js';
import { readSettings, SETTINGS } from '../../src/config/settings.js';
import { readCompose, readImage } from '../support/compose-file.js';
import { MANIFESTS, readManifests, type Manifest } from '../support/manifests.js';

type Environment = Readonly<Record<string, string>>;
interface Configuring extends Manifest {
  readonly data?: Environment;
  readonly stringData?: Environment;
  readonly spec?: {
    readonly template?: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly [{ readonly env: readonly { readonly name: string; readonly value: string }[] }];
      };
    };
  };
}

const VERSION = (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version;
const SECRETS = { TOKEN_SECRETS: `a:${'x'.repeat(32)}`, ADMIN_PASSWORD: 'open sesame, please' };
const VARIABLES = { POSTGRES_PASSWORD: 'p', REDIS_PASSWORD: 'r', ...SECRETS };
const milliseconds = (text: string) => duration({ name: '', default: '', description: '' }, '0', '1d').parse(text);

/** Settings that the service reads, and takes. @returns how long it may take to stop, in milliseconds */
function stopTime(environment: Environment): number {
  const known = new Set<string>(Object.values(SETTINGS).map(({ name }) => name));
  expect(Object.keys(environment).filter((name) => !known.has(name))).toEqual([]);
  const { shutdownDelay, drainTime, stopTimeout } = readSettings(environment);
  return shutdownDelay + drainTime + stopTimeout;
}

describe('what installs the service gives it settings that it has, and more time to stop than it takes', () => {
  it('compose.yaml', () => {
    const image = readImage();
    const nodes = [...readCompose(VARIABLES).values()].filter(({ build }) => build !== undefined);
    expect(nodes).toHaveLength(2);
    for (const node of nodes) {
      expect(node.image).toBe(`homing:${VERSION}`);
      expect(milliseconds(node.stop_grace_period ?? '0')).toBeGreaterThan(
        stopTime({ ...image.environment, ...node.environment }),
      );
    }
  });

  it('deploy/kubernetes', () => {
    const manifests: readonly Configuring[] = readManifests();
    const { data = {} } = manifests.find(({ kind }) => kind === 'ConfigMap') ?? {};
    const { stringData = {} } = manifests.find(({ kind }) => kind === 'Secret') ?? {};
    for (const name of Object.keys(SECRETS)) expect(() => readSettings(stringData)).toThrow(`${name} must be`);
    const deployments = manifests.filter(({ kind }) => kind === 'Deployment');
    expect(deployments.map(({ metadata }) => metadata.name)).toEqual(['homing-api', 'homing-gateway', 'homing-worker']);
    for (const { spec } of deployments) {
      const { terminationGracePeriodSeconds, containers } = spec!.template!.spec;
      const own = Object.fromEntries(containers[0].env.map(({ name, value }) => [name, value]));
      expect(terminationGracePeriodSeconds * 1_000).toBeGreaterThan(
        stopTime({ ...data, ...stringData, ...SECRETS, ...own }),
      );
    }
    const { images } = parse(readFileSync(`${MANIFESTS}/kustomization.yaml`, 'utf8')) as { images: object[] };
    expect(images).toMatchObject([{ newTag: VERSION }]);
  });

  it('deploy/systemd', () => {
    const unit = readFileSync('deploy/systemd/homing.service', 'utf8');
    const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(unit) ?? [];
    const [, settings = ''] = /^Environment=(.*)$/m.exec(unit) ?? [];
    const environment = Object.fromEntries(settings.split(' ').map((pair) => pair.split('=') as [string, string]));
    expect(Number(seconds) * 1_000).toBeGreaterThan(stopTime(environment));
  });
});
