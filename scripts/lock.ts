/**
 * `npm run lock`: writes `src/processors/lock.json`, unless a processor builds other rows under the same version.
 * `npm run lint:lock`: the same as a check. What needs no decision (a refactoring, a raised version) it writes down itself;
 * with `CI=true` it writes nothing, and a lock that misses a raised version fails.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareLock, type Entries } from './lock/compare-lock';
import { lockEntries } from './lock/lock-entry';

const root = join(__dirname, '..');
const path = join(root, 'src', 'processors', 'lock.json');
const mayWrite = process.env['CI'] !== 'true' || !process.argv.includes('--check');

const { processors: locked } = JSON.parse(readFileSync(path, 'utf8')) as { processors: Entries };
const now = lockEntries(root);
const { faults, notes, isStale } = compareLock(locked, now);

for (const sentence of [...faults, ...notes]) console.log(sentence);
if (faults.length > 0) process.exitCode = 1;
else if (isStale && mayWrite) {
  writeFileSync(path, `${JSON.stringify({ processors: now }, null, 2)}\n`);
  console.log('src/processors/lock.json is written; commit it with the change.');
} else if (Object.keys(now).some((name) => locked[name]?.version !== now[name]?.version)) {
  console.log(
    'src/processors/lock.json does not know that. Run npm run lock, and commit it with the change.',
  );
  process.exitCode = 1;
}
