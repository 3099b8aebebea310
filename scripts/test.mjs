/** `npm test [-- jest arguments]`: installs what is missing, then runs the tests. Ends with a line `N passed, N failed`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, root } from './ensure-installed.mjs';

await ensureInstalled();
const jest = createRequire(join(root, 'package.json')).resolve('jest/bin/jest');
const folder = mkdtempSync(join(tmpdir(), 'phase3-results-'));
const results = join(folder, 'results.json');
const { status } = spawnSync(
  process.execPath,
  // The BigQuery client loads its HTTP library by a dynamic import, which jest's sandbox allows only with this flag.
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    jest,
    '--json',
    `--outputFile=${results}`,
    ...process.argv.slice(2),
  ],
  // Jest's JSON also goes to stdout; what people read goes to stderr.
  { cwd: root, stdio: ['inherit', 'ignore', 'inherit'] },
);
let report = null;
try {
  report = JSON.parse(readFileSync(results, 'utf8'));
  const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = report;
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  console.log(
    `${numPassedTests} passed, ${failed} failed${numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''}`,
  );
} catch {
  console.log('0 passed, 1 failed');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
// What went wrong here is not what came of the tests.
if (report) keepFor(report);
process.exit(status ?? 1);

/** What came of each file is what a deployment asks for. A run with names of tests has left tests out, and says nothing of a file. */
function keepFor(report) {
  if (process.argv.slice(2).some((argument) => /^(-t|--testNamePattern)/.test(argument))) return;
  const require = createRequire(import.meta.url);
  require('./run-typescript.cjs');
  require('./keep-result.ts').keepTests(root, report);
}
