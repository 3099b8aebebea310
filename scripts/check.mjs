/** Everything that must hold before a change goes in, but the tests: `npm run check`. Output of failures only. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The longest first, so that all end at about the same time. */
const checks = [
  ...['lint', 'typecheck', 'format:check', 'lint:deps', 'lint:unused', 'docs:check', 'lint:lock'],
  ...['lint:names', 'lint:commits'],
];
/** Each may take a gigabyte: more at once would help few machines. */
const mostAtOnce = Math.min(2, availableParallelism());

const root = fileURLToPath(new URL('..', import.meta.url));
const failures = [];

/** Runs one check to its end, and says what came of it. */
async function check(name) {
  const started = performance.now();
  const { error, stdout, stderr } = await new Promise((resolve) => {
    const options = { cwd: root, maxBuffer: 64 * 1024 * 1024, shell: process.platform === 'win32' };
    execFile('npm', ['run', '--silent', name], options, (error, stdout, stderr) =>
      resolve({ error, stdout, stderr }),
    );
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${error ? 'FAILED' : 'ok    '}  ${name.padEnd(12)} ${seconds.padStart(6)} s`);
  if (!error) return;
  // That a check ended with another status than 0 is in what it said; that it could not be run is not.
  const why = typeof error.code === 'number' ? '' : error.message;
  failures.push({ name, output: [why, stdout, stderr].filter(Boolean).join('\n') });
}

const left = [...checks];
async function checkWhatIsLeft() {
  for (let name = left.shift(); name !== undefined; name = left.shift()) await check(name);
}
await Promise.all(Array.from({ length: mostAtOnce }, checkWhatIsLeft));
for (const { name, output } of failures) console.log(`\n--- ${name}\n${output.trim()}`);
process.exitCode = failures.length > 0 ? 1 : 0;

const require = createRequire(import.meta.url);
require('./run-typescript.cjs');
const failed = failures.map(({ name }) => name);
require('./keep-result.ts').keepResult(root, 'check', {
  command: 'npm run check',
  figures: {
    failed: failures.length,
    ...Object.fromEntries(checks.map((name) => [name, !failed.includes(name)])),
  },
});
