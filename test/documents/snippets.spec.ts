import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../src/database/embedded/free-port.js';
import { JQ, PYTHON } from '../support/parts.js';
import { graphql, Program, registerRecipient } from '../support/program.js';
import { documents } from '../support/snippets/documents.js';
import { shapeOf } from '../support/snippets/shape.js';
import { Shell } from '../support/snippets/shell.js';
import { place, snippetsOf } from '../support/snippets/snippets.js';

/** The documents whose blocks are run as they stand. */
const RUN = /^(?:README|docs\/(?:browser|backend)|examples\/.*README)\.md$/;
/** What goes on until somebody stops it, and what it says when it is there. */
const GOES_ON: readonly (readonly [command: string, says: string])[] = [
  ['cli -- listen', 'Connected; waiting for messages'],
  ['examples/browser/server.mjs', 'The example is on'],
];
/** So many lines behind the end of a block its answer begins: a blank one, a fence, and the text. */
const ANSWERED = 3;
const TYPES = 'Types from the schema';

const SNIPPETS = documents()
  .filter(({ path }) => RUN.test(path))
  .flatMap(snippetsOf)
  .filter(({ notRun }) => notRun === null);
const find = (language: string, text: string) =>
  SNIPPETS.find((snippet) => snippet.language === language && snippet.text.includes(text))!;

describe('the blocks of the documents, run against a service', () => {
  const folder = mkdtempSync(join(tmpdir(), 'homing-snippets-'));
  let service: Program;
  let environment: Record<string, string>;
  let put: Record<string, string>;

  beforeAll(async () => {
    const settings = { DATA_DIR: join(folder, 'data'), PORT: String(await freePort()) };
    service = Program.run('main.js', settings);
    const [, url = ''] = await service.says(/listening on (\S+)/);
    const [key] = await service.says(/homing_[0-9a-f]{10}_[0-9a-f]{48}/);
    // The port is the one of whatever a block starts; the data are those of the service.
    environment = { KEY: key, DATA_DIR: settings.DATA_DIR, PORT: '0', PYTHONDONTWRITEBYTECODE: '1' };
    put = { 'http://localhost:3000': url, '<connectionUri>': await registerRecipient(url, key, 'ann') };
    const created = Program.run(
      'cli/main.js',
      settings,
      'access-key',
      'create',
      '--tenant',
      'acme',
      '--name',
      'a',
      '--scope',
      '*:*:*',
    );
    await created.closes();
    put['<prefix>'] = created.out.split('_')[1] ?? 'none';
  });
  afterAll(async () => {
    await service?.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });

  const url = () => put['http://localhost:3000']!;
  const push = (text: string) =>
    graphql(
      url(),
      environment['KEY']!,
      `mutation { pushMessage(input: { recipients: ["ann"], message: "${text}" }) { item { id } } }`,
    );

  const shells = SNIPPETS.filter(({ language, section }) => language === 'sh' && section !== TYPES);
  it.for(shells.map((snippet) => [place(snippet), snippet] as const))('%s', async ([, snippet], { skip }) => {
    skip(snippet.text.includes('python3') && (PYTHON.path ?? JQ.path) === null, 'Python or jq is missing.');
    const shell = Shell.run(snippet.text, put, environment);
    const [, says] = GOES_ON.find(([command]) => snippet.text.includes(command)) ?? [];
    if (says !== undefined) {
      await shell.says(says);
      if (snippet.text.includes('listen')) {
        await push(`for ${snippet.document}`);
        await shell.says(`for ${snippet.document}`);
      }
      return shell.stop();
    }
    const said = await shell.ends();
    if (snippet.text.includes('/graphql')) expect(JSON.parse(said)).not.toHaveProperty('errors');
    const answer = SNIPPETS.find(
      ({ document, language, line }) =>
        document === snippet.document && language === 'json' && line - snippet.end === ANSWERED,
    );
    if (answer) expect(shapeOf(JSON.parse(said))).toEqual(shapeOf(JSON.parse(answer.text)));
  });

  it('the error of docs/backend.md is the one that the service gives', async () => {
    const { text } = find('json', 'must be in the future');
    const response = await fetch(`${url()}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': environment['KEY']! },
      body: JSON.stringify({
        query:
          'mutation { pushMessage(input: { recipients: ["ann"], message: "", expiresAt: "2020-01-01" }) { item { id } } }',
      }),
    });
    expect(await response.json()).toMatchObject(JSON.parse(text) as object);
  });

  it('the client with types of docs/backend.md gets them from the service, and pushes', async () => {
    const client = mkdtempSync(join(folder, 'typed-'));
    const { text } = find('ts', 'gql.tada');
    symlinkSync(resolve('node_modules'), join(client, 'node_modules'));
    writeFileSync(join(client, 'tsconfig.json'), find('json', 'gql.tada/ts-plugin').text);
    writeFileSync(join(client, 'package.json'), '{ "type": "module" }');
    await Shell.run(find('sh', 'gql.tada generate').text, put, environment, client).ends();
    writeFileSync(join(client, 'push.ts'), text);
    await Shell.run('npx tsc -p .', {}, {}, client).ends();
    // Node.js 20 runs no TypeScript.
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
    });
    writeFileSync(join(client, 'push.js'), outputText.replaceAll('http://localhost:3000', url()));
    expect(await Shell.run('node push.js', {}, environment, client).ends()).toBe('PENDING\n');
  });

  it('the client for Node.js of docs/browser.md gets a message', async () => {
    const { text } = find('js', "from 'ws'");
    writeFileSync(join(folder, 'client.mjs'), `${text}\nfunction show(text) { console.log(text); }`);
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    const names = `globalThis.connectionUri = '${put['<connectionUri>']}'; await import('./client.mjs');`;
    const shell = Shell.run(`node --input-type=module -e "$NAMES"`, {}, { NAMES: names }, folder);
    await push('for Node.js');
    await shell.says('for Node.js');
    await shell.stop();
  });
});
