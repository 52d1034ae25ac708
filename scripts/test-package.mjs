// `npm run test:package`: the package as others meet it. It is packed, installed in folders outside the repository, and used there:
// by the example application, whose types are compiled strictly and whose tests are run, and by `npx` in an empty folder, where a
// first message is sent by pasting the line that the service prints. It needs the npm registry.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const PATIENCE = 300_000;
const folder = mkdtempSync(join(tmpdir(), 'homing-package-'));
const groups = [];
try {
  run('npm', ['pack', '--pack-destination', folder], process.cwd());
  const [tarball] = readdirSync(folder).map((name) => join(folder, name));
  checkContents(tarball);
  await testExample(tarball);
  await testNpx(tarball);
  process.stdout.write('ok    the package\n');
} finally {
  await Promise.all(groups.map(end));
  rmSync(folder, { recursive: true, force: true });
}

/** Nothing that is for developers is in it, and nothing that is needed is missing. */
function checkContents(tarball) {
  const files = run('tar', ['tzf', tarball], folder).split('\n');
  const foreign = files.filter((file) => /^package\/(?:test|bench|crash|scripts|node_modules|src\/.*\.ts$)/.test(file));
  if (foreign.length > 0) throw new Error(`The package holds ${foreign[0]}`);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  process.stdout.write(`ok    homing ${version}: ${files.length - 1} files\n`);
}

/** The example application, outside the repository. Its tsconfig has `strict`, and `skipLibCheck` off. */
async function testExample(tarball) {
  const place = join(folder, 'example');
  cpSync('examples/extend-with-a-module', place, {
    recursive: true,
    filter: (source) => !/(?:node_modules|dist|data)$/.test(source),
  });
  const { strict, skipLibCheck } = JSON.parse(readFileSync(join(place, 'tsconfig.json'), 'utf8')).compilerOptions;
  if (!strict || skipLibCheck !== false)
    throw new Error('The example must be compiled strictly, and its libraries checked');
  run('npm', ['install', '--no-audit', '--no-fund', tarball], place);
  run('npm', ['test'], place);
  process.stdout.write('ok    the example application\n');
}

/** `npx` in an empty folder, and the line to paste. */
async function testNpx(tarball) {
  const place = join(folder, 'empty');
  mkdirSync(place);
  const port = await freePort();
  const service = start('npx', ['--yes', join('..', basename(tarball))], place, {
    PORT: String(port),
    LOG_FORMAT: 'text',
    NODE_ENV: 'development',
  });
  const line = await saying(service, /^ {2}(KEY=.*)$/m);
  for (const page of ['/', '/graphql', '/admin']) {
    const { status } = await fetch(`http://localhost:${port}${page}`, { headers: { accept: 'text/html' } });
    if (status !== 200) throw new Error(`The page ${page} is answered with ${status}`);
  }
  // It listens until it is stopped.
  await saying(start('bash', ['-c', line], place, {}), /^(Hello, Ann)$/m);
  process.stdout.write('ok    npx in an empty folder\n');
}

/** Starts a program as a group of its own: npx and shells end without those that they started. */
function start(program, args, cwd, env) {
  const leader = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  groups.push(leader);
  return leader;
}

/** Ends all of a group: it is asked to, and made to when some of it still holds the output open a while later. */
async function end(leader) {
  const closed = leader.stdout.closed ? Promise.resolve() : once(leader.stdout, 'close');
  signal(leader, 'SIGTERM');
  const timer = setTimeout(() => signal(leader, 'SIGKILL'), 30_000);
  await closed;
  clearTimeout(timer);
}

function signal(leader, name) {
  try {
    process.kill(-Number(leader.pid), name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** What a program prints that matches, as soon as it does. */
function saying(program, pattern) {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = () => reject(new Error(`It never said ${pattern}:\n${text}`));
    const timer = setTimeout(fail, PATIENCE);
    program.once('exit', fail);
    program.stdout.on('data', (chunk) => {
      text += String(chunk);
      const match = pattern.exec(text);
      if (!match) return;
      clearTimeout(timer);
      resolve(match[1]);
    });
  });
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs a program to its end, and gives what it printed; its mistakes end everything. */
function run(program, args, cwd) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: PATIENCE });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}\n${stderr}`);
  return stdout;
}
