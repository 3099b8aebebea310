/** Everything that must hold before a change goes in, but the tests: `npm run check`. Output of failures only. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const checks = [
  ...['typecheck', 'lint', 'lint:deps', 'lint:names', 'lint:lock', 'lint:unused', 'lint:commits'],
  ...['format:check', 'docs:check'],
];

const root = fileURLToPath(new URL('..', import.meta.url));
const failures = [];
for (const name of checks) {
  const started = performance.now();
  const { status, stdout, stderr, error } = spawnSync('npm', ['run', '--silent', name], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(12)} ${seconds.padStart(6)} s`);
  if (status !== 0)
    failures.push({ name, output: [error?.message, stdout, stderr].filter(Boolean).join('\n') });
}
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
