import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const script = join(__dirname, '..', '..', 'scripts', 'lint-commits.mjs');
let folder: string;
let repository: string;

const git = (...args: string[]): void => {
  const identity = ['-c', 'user.name=ana', '-c', 'user.email=ana@example.org', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...identity, ...args], { cwd: repository, stdio: 'ignore' });
};
const commit = (subject: string): void =>
  git('commit', '--allow-empty', '--message', `${subject}\n\nA reason.`);
const lint = (checkout = repository): { status: number | null; stderr: string } =>
  spawnSync(process.execPath, [join(checkout, 'scripts', 'lint-commits.mjs')], { encoding: 'utf8' });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'phase3-commits-'));
  repository = join(folder, 'repository');
  mkdirSync(join(repository, 'scripts'), { recursive: true });
  git('init', '--quiet');
  commit('what was committed before there was a rule');
  copyFileSync(script, join(repository, 'scripts', 'lint-commits.mjs'));
  git('add', '.');
  git('commit', '--message', 'build: the rule');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  [`fix(gateway): ${'x'.repeat(57)}`],
  ['feat!: a change that breaks something'],
  ['test: 🏀 counts for one character'],
  ['Revert "fix: what was wrong"'],
])('%s is taken', (subject) => {
  commit(subject);
  expect(lint()).toMatchObject({ status: 0, stderr: '' });
});

it.each([
  [`fix(gateway): ${'x'.repeat(58)}`, 'has 72 characters, expected at most 71'],
  ['correct the gateway', 'does not begin with a type, expected such as "fix(gateway): …"'],
  ['fixed: the gateway', 'does not begin with a type'],
  ['fix: the gateway.', 'ends with a full stop'],
])('%s is refused, also under later ones', (subject, fault) => {
  commit(subject);
  commit('fix: a good one');
  const { status, stderr } = lint();
  expect(status).toBe(1);
  expect(stderr).toContain(`"${subject}" ${fault}`);
});

it('a shallow clone and a checkout without git have nothing to judge', () => {
  commit('correct the gateway');
  const shallow = join(folder, 'shallow');
  git('clone', '--quiet', '--depth=1', `file://${repository}`, shallow);
  expect(lint(shallow)).toMatchObject({ status: 0, stderr: '' });
  rmSync(join(repository, '.git'), { recursive: true });
  expect(lint()).toMatchObject({ status: 0, stderr: '' });
});
