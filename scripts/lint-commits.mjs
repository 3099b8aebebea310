/**
 * `npm run lint:commits`: subjects of commits are Conventional and shorter than 72 characters, so that `git log --oneline`
 * and lists of pull requests show them whole. Judged is what was committed since this file came into the history. A shallow
 * clone has less to judge, and a checkout without git nothing.
 */
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = realpathSync(fileURLToPath(new URL('..', import.meta.url)));
const longest = 71;
const types = ['build', 'chore', 'ci', 'docs', 'feat', 'fix', 'perf', 'refactor', 'revert', 'style', 'test'];
const conventional = new RegExp(`^(${types.join('|')})(\\([\\w./-]+\\))?!?: \\S`);

/** Output of git; null when it fails or is not there. */
function git(...args) {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

function faultsOf(subject) {
  // Titles of grouped updates are made by a machine, and long.
  if (/^build\(deps/.test(subject)) return [];
  const { length } = [...subject];
  return [
    ...(length > longest ? [`has ${length} characters, expected at most ${longest}`] : []),
    ...(conventional.test(subject) || /^Revert "/.test(subject)
      ? []
      : [`does not begin with a type, expected such as "fix(gateway): …" (${types.join(', ')})`]),
    ...(subject.endsWith('.') ? ['ends with a full stop, expected none'] : []),
  ];
}

// A tarball that was unpacked inside another repository has no history of its own either.
const top = git('rev-parse', '--show-toplevel');
const isOurs = top !== null && realpathSync(top) === root;
const [rule] = isOurs
  ? (git('log', '--diff-filter=A', '--format=%H %ct', '--', 'scripts/lint-commits.mjs') ?? '')
      .split('\n')
      .slice(-1)
  : [''];
const [since = '', ruledAt = ''] = rule.split(' ');
const commits =
  since === '' ? [] : (git('log', '--no-merges', '--format=%h %ct %s', `${since}..HEAD`) ?? '').split('\n');

const faults = commits.filter(Boolean).flatMap((line) => {
  const [, hash, at, subject] = /^(\S+) (\d+) (.*)$/.exec(line);
  // On another branch, from before the rule.
  if (Number(at) < Number(ruledAt)) return [];
  return faultsOf(subject).map((fault) => `${hash} "${subject}" ${fault}.`);
});
for (const fault of faults) console.error(fault);
if (faults.length > 0) console.error('`git commit --amend` or `git rebase --interactive` rewords them.');
process.exitCode = faults.length > 0 ? 1 : 0;
