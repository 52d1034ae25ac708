import { buildSchema, parse, validate } from 'graphql';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { NGINX, type Part, PYTHON } from '../parts.js';
import { nginxProblem } from './nginx.js';
import { place, type Snippet } from './snippets.js';
import { sqlProblem } from './sql.js';
import { mistakes } from './typescript.js';

/** How the blocks of a language are looked at. */
export interface Rule {
  /** What this machine may lack for it. */
  readonly part?: Part;
  /** Whether a block that says why it is not run is looked at all the same. */
  readonly always?: true;
  /** What is wrong with these blocks; nothing when all is well. */
  problems(snippets: readonly Snippet[]): string[] | Promise<string[]>;
}

/** What stands for something that the reader puts in, such as `<prefix>`. A shell takes it for redirections. */
const PLACEHOLDER = /<[A-Za-z][\w-]*>/g;
const DIAGRAMS = ['sequenceDiagram', 'stateDiagram-v2', 'flowchart', 'graph'];
const INI_LINE = /^(?:[;#].*|\[[^\]]+\]|[\w.-]+ ?=.*|)$/;

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));

/** The rule of each language. A block in another language, or in none, has no place in a document until there is a rule for it. */
export const RULES: Readonly<Record<string, Rule>> = {
  sh: { always: true, ...each(({ text }) => outcome('bash', ['-n'], text.replaceAll(PLACEHOLDER, 'word'))) },
  graphql: each(({ text }) => {
    const errors = validate(schema, parse(text));
    return errors.length === 0 ? null : errors.join('\n');
  }),
  json: each(({ text }) => void JSON.parse(text)),
  yaml: each(
    ({ text }) =>
      parseAllDocuments(text)
        .flatMap(({ errors }) => errors)
        .join('\n') || null,
  ),
  ini: each(({ text }) => text.split('\n').find((line) => !INI_LINE.test(line)) ?? null),
  js: { problems: mistakes },
  ts: { problems: mistakes },
  sql: each(({ text }) => sqlProblem(text)),
  nginx: { part: NGINX, ...each(({ text }) => nginxProblem(NGINX.path ?? '', text)) },
  python: {
    part: PYTHON,
    ...each(({ text }) => outcome(PYTHON.path ?? '', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], text)),
  },
  // A browser loads it: test/browser/snippets.spec.ts.
  html: each(({ text }) => (text.startsWith('<!doctype html>') ? null : 'It does not begin with <!doctype html>')),
  mermaid: each(({ text }) => (DIAGRAMS.includes(text.split(/\s/)[0] ?? '') ? null : 'Nobody draws this diagram')),
  text: { problems: () => [] },
};

/** A rule that looks at one block after the other, and throws or says what is wrong. */
function each(look: (snippet: Snippet) => string | null | void | Promise<string | null>): Rule {
  return {
    problems: async (snippets) => {
      const found: string[] = [];
      for (const snippet of snippets) {
        try {
          const problem = await look(snippet);
          if (typeof problem === 'string') found.push(`${place(snippet)}: ${problem}`);
        } catch (error) {
          found.push(`${place(snippet)}: ${String(error)}`);
        }
      }
      return found;
    },
  };
}

/** What a program says of a text that it is given, when it does not like it. */
function outcome(program: string, args: readonly string[], input: string): string | null {
  const { status, stderr, error } = spawnSync(program, args, { input, encoding: 'utf8' });
  return status === 0 ? null : stderr || String(error ?? `It ended with ${status}`);
}
