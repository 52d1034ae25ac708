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
const child = { current: null };
try {
  run('npm', ['pack', '--pack-destination', folder], process.cwd());
  const [tarball] = readdirSync(folder).map((name) => join(folder, name));
  checkContents(tarball);
  await testExample(tarball);
  await testNpx(tarball);
  process.stdout.write('ok    the package\n');
} finally {
  child.current?.kill('SIGTERM');
  if (child.current?.exitCode === null) await once(child.current, 'exit');
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
  const service = spawn('npx', ['--yes', join('..', basename(tarball))], {
    cwd: place,
    env: { ...process.env, PORT: String(port), LOG_FORMAT: 'text', NODE_ENV: 'development' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.current = service;
  const line = await saying(service, /^ {2}(KEY=.*)$/m);
  for (const page of ['/', '/graphql', '/admin']) {
    const { status } = await fetch(`http://localhost:${port}${page}`, { headers: { accept: 'text/html' } });
    if (status !== 200) throw new Error(`The page ${page} is answered with ${status}`);
  }
  // It listens until it is stopped.
  const paste = spawn('bash', ['-c', line], { cwd: place, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await saying(paste, /^(Hello, Ann)$/m);
  } finally {
    process.kill(-Number(paste.pid), 'SIGKILL');
  }
  process.stdout.write('ok    npx in an empty folder\n');
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
