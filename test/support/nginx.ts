import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../src/database/embedded/free-port.js';
import { altered } from './altered.js';
import { makeCertificate } from './certificate.js';
import { endsWithTests } from './ends-with-tests.js';
import { eventually } from './eventually.js';

/** A running nginx. */
export interface Nginx {
  readonly port: number;
  /** The certificate that it shows, in PEM. */
  readonly cert: string;
  /** All that it has logged. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** Runs `deploy/nginx.conf` in front of a service on this port: all but its ports, its certificate and its log are as they stand there. */
export async function startNginx(program: string, upstreamPort: number): Promise<Nginx> {
  const folder = await newFolder();
  const [port, plainPort] = [await freePort(), await freePort()];
  const { cert, key } = await makeCertificate();
  await writeFile(join(folder, 'cert.pem'), cert);
  await writeFile(join(folder, 'key.pem'), key);
  const { log, stop } = await launch(program, folder, port, 'deploy/nginx.conf', {
    'server 127.0.0.1:3000;': `server 127.0.0.1:${upstreamPort};`,
    'listen 80;': `listen 127.0.0.1:${plainPort};`,
    'listen 443 ssl;': `listen 127.0.0.1:${port} ssl;`,
    '/etc/letsencrypt/live/push.example.com/fullchain.pem': join(folder, 'cert.pem'),
    '/etc/letsencrypt/live/push.example.com/privkey.pem': join(folder, 'key.pem'),
    '/var/log/nginx/homing.error.log': join(folder, 'error.log'),
  });
  return { port, cert, log, stop };
}

/** An nginx whose services can be taken out. */
export interface PlainNginx extends Omit<Nginx, 'cert'> {
  /** Sends nothing more to the service at this address, or again. */
  take(address: string, way: 'out' | 'in'): Promise<void>;
}

/** Runs a configuration that listens on 8080 in front of services that have other addresses here. */
export async function startPlainNginx(
  program: string,
  file: string,
  addresses: Record<string, string>,
): Promise<PlainNginx> {
  const [folder, port] = [await newFolder(), await freePort()];
  const { reload, ...running } = await launch(program, folder, port, file, {
    'listen 8080;': `listen 127.0.0.1:${port};`,
    '/dev/stderr': join(folder, 'error.log'),
    ...addresses,
  });
  const down = (address: string) => `server ${address} down `;
  const up = (address: string) => `server ${address} `;
  return {
    port,
    ...running,
    take: (address, way) =>
      reload((text) =>
        way === 'out' ? text.replace(up(address), down(address)) : text.replace(down(address), up(address)),
      ),
  };
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'homing-nginx-'));
  // The workers of an nginx that root starts are nobody, and write large bodies there.
  await chmod(folder, 0o755);
  return folder;
}

/** Runs nginx with this file, some texts of which are others here. */
async function launch(program: string, folder: string, port: number, file: string, changes: Record<string, string>) {
  const log = join(folder, 'error.log');
  await writeFile(join(folder, 'homing.conf'), altered(file, changes));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off;\nworker_processes 1;\npid ${join(folder, 'pid')};\nevents {}\nhttp {\n${temporary.join('\n')}\ninclude ${join(folder, 'homing.conf')};\n}\n`,
  );
  const child = endsWithTests(
    spawn(program, ['-p', folder, '-e', log, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' }),
    'SIGTERM',
  );
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${await readFile(log, 'utf8')}`);
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
  });
  return {
    /** Changes the configuration, as `nginx -s reload` takes it up. */
    reload: async (change: (text: string) => string) => {
      const path = join(folder, 'homing.conf');
      // At one go: nginx may be reading it, for the change before.
      await writeFile(`${path}.new`, change(await readFile(path, 'utf8')));
      await rename(`${path}.new`, path);
      child.kill('SIGHUP');
    },
    log: async () => readFile(log, 'utf8'),
    stop: async () => {
      const exit = once(child, 'exit');
      child.kill();
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
