import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { processes } from '../../support/host.js';
import type { Installation } from './installation.js';
import { play } from './player.js';
import { brokenPromises } from './promises.js';
import { anyScript, print, type Script } from './script.js';
import type { Tally } from './tally.js';

/** How long a script that breaks a promise is made shorter, in milliseconds. */
const SHRINKING_TIME = 120_000;
const NODES_OPTION = processes > 0 ? `--nodes ${processes} ` : '';

export interface SearchOptions {
  readonly runs: number;
  readonly seed: number;
  /** Where an earlier search had come to, to go on from there. */
  readonly path: string | undefined;
  /** Whether a script that breaks a promise is made shorter. */
  readonly shrinking: boolean;
}

/** A history that breaks promises. */
class PromisesBroken extends Error {}

/**
 * Plays random scripts on all installations at the same time, each of them with a seed of its own.
 * @throws when one of them breaks a promise; the message has the shortest script that was found, and how to play it again
 */
export async function search(
  installations: readonly Installation[],
  tally: Tally,
  { runs, seed, path, shrinking }: SearchOptions,
): Promise<void> {
  let failed: Installation | undefined;
  let end = Infinity;
  const searches = installations.map(async (installation, i) => {
    const property = fc.asyncProperty(anyScript, async (script) => {
      // One failure is enough, and is not made shorter for ever.
      if ((failed && failed !== installation) || performance.now() > end) return;
      try {
        await check(installation, tally, script);
      } catch (error) {
        failed ??= installation;
        end = Math.min(end, performance.now() + SHRINKING_TIME);
        throw error;
      }
    });
    return fc.check(property, {
      numRuns: Math.ceil(runs / installations.length),
      seed: seed + i,
      endOnFailure: !shrinking,
      ...(path !== undefined && { path }),
    });
  });
  for (const { counterexample, counterexamplePath, errorInstance, seed } of await Promise.all(searches)) {
    if (!counterexample) continue;
    const { message, stack = message } = errorInstance as Error;
    const what = errorInstance instanceof PromisesBroken ? message : stack;
    throw new Error(report(what, counterexample[0], `--seed ${seed} --path ${counterexamplePath}`));
  }
}

/** Plays one script. @throws when it breaks a promise */
export async function check(installation: Installation, tally: Tally, script: Script): Promise<void> {
  const history = await play(installation, script);
  tally.add(history);
  const broken = brokenPromises(history);
  if (broken.length === 0) return;
  throw new PromisesBroken(broken.map(({ name, how }) => [`BROKEN: ${name}`, ...new Set(how)].join('\n  ')).join('\n'));
}

function report(broken: string, script: Script, how: string): string {
  const file = join(tmpdir(), `homing-script-${process.pid}.json`);
  writeFileSync(file, print(script));
  return [
    broken,
    `The shortest script found, kept in ${file}:`,
    print(script),
    `To play it again: npm run test:model -- ${NODES_OPTION}--script ${file}`,
    `To search again from here: npm run test:model -- ${NODES_OPTION}${how}`,
  ].join('\n\n');
}
