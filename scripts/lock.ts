/**
 * `npm run lock`: writes `src/processors/lock.json`, unless a processor builds other rows under the same version.
 * `npm run lint:lock`: the same as a check. What needs no decision (a refactoring, a raised version) it writes down itself;
 * with `CI=true` it writes nothing, and a lock that misses a raised version fails.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processors } from '../src/plan/registry';
import { compareLock, type Entries } from './lock/compare-lock';
import { lockEntries } from './lock/lock-entry';

const root = join(__dirname, '..');
const path = join(root, 'src', 'processors', 'lock.json');
const mayWrite = process.env['CI'] !== 'true' || !process.argv.includes('--check');

interface Lock {
  readonly processors: Entries;
}

/** What is committed, so that an entry which was taken out of the file is still held to. */
function committed(): Entries {
  const { status, stdout } = spawnSync('git', ['show', 'HEAD:src/processors/lock.json'], {
    cwd: root,
    encoding: 'utf8',
  });
  return status === 0 ? (JSON.parse(stdout) as Lock).processors : {};
}

const file = (JSON.parse(readFileSync(path, 'utf8')) as Lock).processors;
const locked: Entries = { ...committed(), ...file };
const upstreams = Object.fromEntries(
  processors.map(({ name, upstreams: own }) => [name, Object.values(own).map((upstream) => upstream.name)]),
);
const now = lockEntries(root);
const { faults, notes } = compareLock(locked, now, upstreams);
const isStale = JSON.stringify(file) !== JSON.stringify(now);

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
