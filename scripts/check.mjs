// `npm run check`: everything that can be said of the code without running it. All of it runs; the first failure decides.
import { spawnSync } from 'node:child_process';

const CHECKS = [
  ['types', 'tsc', ['--noEmit', '-p', 'tsconfig.json']],
  [
    'lint',
    'oxlint',
    ['--type-aware', '--deny-warnings', 'src', 'test', 'bench', 'crash', 'scripts', 'examples', 'ormconfig.ts'],
  ],
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  [
    'import circles',
    'depcruise',
    ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'src', 'ormconfig.ts'],
  ],
];

let failed = false;
for (const [name, program, args] of CHECKS) {
  const { status } = spawnSync('npx', ['--no-install', program, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
  report(name, status === 0);
}
report('audit', audit());
process.exit(failed ? 1 : 0);

function report(name, good) {
  process.stdout.write(`${good ? 'ok    ' : 'FAILED'} ${name}\n`);
  failed ||= !good;
}

/** Nothing of severity high or critical. A registry that offers no audit (a mirror) can't fail the check; that is said. */
function audit() {
  const { stdout } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8' });
  const answer = stdout.trim() === '' ? {} : JSON.parse(stdout);
  const counts = answer.metadata?.vulnerabilities;
  if (!counts) {
    process.stdout.write(
      `The registry answered no audit: ${answer.message ?? answer.error?.summary ?? 'no reason given'}\n`,
    );
    return true;
  }
  if (counts.high + counts.critical > 0)
    process.stdout.write(`npm audit: ${counts.high} high, ${counts.critical} critical\n`);
  return counts.high + counts.critical === 0;
}
