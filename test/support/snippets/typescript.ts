import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { AMBIENT } from './ambient.js';
import type { Snippet } from './snippets.js';

const EXAMPLES = ['examples/browser', 'examples/backend'];
const OPTIONS: ts.CompilerOptions = {
  noEmit: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  lib: ['lib.es2024.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: ['node'],
  allowJs: true,
  checkJs: true,
  allowImportingTsExtensions: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  strictPropertyInitialization: false,
  paths: { homing: [resolve('src/index.ts')] },
  // A block of a document imports a file as if that lay beside it, wherever it lies.
  rootDirs: ['docs', ...EXAMPLES, '.'].map((folder) => resolve(folder)),
};

/** What TypeScript says of these blocks, each a module of its own, and of the modules of the examples. That is strict with TypeScript alone. */
export function mistakes(snippets: readonly Snippet[]): string[] {
  const isTypeScript = snippets[0]?.language === 'ts';
  const written = new Map(snippets.map((snippet) => [fileOf(snippet), snippet]));
  const ambient = resolve('ambient.d.ts');
  const texts = new Map([[ambient, AMBIENT], ...[...written].map(([file, { text }]) => [file, text] as const)]);
  const needsSchema = snippets.some(({ text }) => text.includes('./graphql-env.d.ts'));
  if (needsSchema) texts.set(resolve('docs/graphql-env.d.ts'), typesOfSchema());
  const examples = isTypeScript ? [] : EXAMPLES.flatMap(modulesIn);
  const options = { ...OPTIONS, strict: isTypeScript };
  const program = ts.createProgram([...texts.keys(), ...examples], options, hostWith(texts, options));
  return [...written.keys(), ...examples].flatMap((file) => {
    const source = program.getSourceFile(file);
    if (!source) return [`${file} was not read`];
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start = 0 }) => {
        const snippet = written.get(file);
        const line = source.getLineAndCharacterOfPosition(start).line + (snippet?.line ?? 1);
        return `${snippet?.document ?? relative('.', file)}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
      },
    );
  });
}

/** What the generator that `docs/backend.md` recommends makes of the schema. */
function typesOfSchema(): string {
  const folder = mkdtempSync(join(tmpdir(), 'homing-schema-'));
  const plugin = { name: 'gql.tada/ts-plugin', schema: './schema.graphql', tadaOutputLocation: './graphql-env.d.ts' };
  copyFileSync('schema.graphql', join(folder, 'schema.graphql'));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { plugins: [plugin] } }));
  execFileSync(resolve('node_modules/.bin/gql.tada'), ['generate-output'], { cwd: folder, stdio: 'ignore' });
  const types = readFileSync(join(folder, 'graphql-env.d.ts'), 'utf8');
  rmSync(folder, { recursive: true });
  return types;
}

const fileOf = ({ document, line, language }: Snippet) =>
  resolve(dirname(document), `${basename(document, '.md')}-${line}.${language}`);

const modulesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => /\.m?js$/.test(name))
    .map((name) => resolve(folder, name));

/** A host to which these files are there besides those on the disk. */
function hostWith(texts: ReadonlyMap<string, string>, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  return {
    ...host,
    fileExists: (file) => texts.has(file) || host.fileExists(file),
    readFile: (file) => texts.get(file) ?? host.readFile(file),
    getSourceFile: (file, version, ...more) => {
      const text = texts.get(file);
      return text === undefined
        ? host.getSourceFile(file, version, ...more)
        : ts.createSourceFile(file, text, version, true);
    },
  };
}
