/** `npm run lint:lock` on a copy of the sources: rows do not change under an unchanged version, whichever edge shows it. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processorOf } from '../../src/plan/registry';
import { player } from '../support/fixtures';

const repository = join(__dirname, '..', '..');
const lockFile = 'src/processors/lock.json';
const usage = 'src/processors/formulas/usage-rate.ts';
const shooting = 'src/processors/formulas/shooting.ts';
const build = 'src/processors/player-game-summary/build.ts';
const index = 'src/processors/player-game-summary/index.ts';
const onePerPlayer = 'src/processors/player-game-summary/one-per-player.ts';

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'phase3-lock-'));
  for (const name of ['src', 'scripts', 'package.json'])
    cpSync(join(repository, name), join(root, name), { recursive: true });
  for (const name of ['data', 'node_modules']) symlinkSync(join(repository, name), join(root, name), 'dir');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A file of the copy, a text in it, and what it becomes. */
type Change = readonly [path: string, from: string, to: string];

/** Checks the lock with the changes made, and takes them back. */
function check(changes: readonly Change[], ci = 'false') {
  const before = new Map([lockFile, ...changes.map(([path]) => path)].map((path) => [path, read(path)]));
  try {
    for (const [path, from, to] of changes) {
      if (!read(path).includes(from)) throw new Error(`${path} has no "${from}"`);
      writeFileSync(join(root, path), read(path).replaceAll(from, to));
    }
    const args = ['--require', './scripts/run-typescript.cjs', 'scripts/lock.ts', '--check'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: root,
      env: { ...process.env, CI: ci },
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr, isWritten: read(lockFile) !== before.get(lockFile) };
  } finally {
    for (const [path, text] of before) writeFileSync(join(root, path), text);
  }
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** The version that the lock has. */
const current = processorOf(player).version;
const newVersion: Change = [index, `version: '${current}'`, "version: '9.1.0'"];
const newFactor: Change = [usage, '0.44 *', '0.45 *'];

test('the sources as they are pass, and the lock stays as it is', () => {
  expect(check([], 'true')).toMatchObject({ status: 0, isWritten: false });
});

test('a renamed variable and a comment pass', () => {
  expect(
    check([
      [usage, 'teamPlays', 'playsOfTeam'],
      [build, 'return gamebook.map', '// In the order of the source.\n  return gamebook.map'],
    ]),
  ).toMatchObject({
    status: 0,
    output: expect.stringContaining(
      'PlayerGameSummaryProcessor was rewritten and builds the same rows.',
    ) as string,
    isWritten: true,
  });
});

test.each<readonly [what: string, change: Change, nights: string]>([
  ['the weight of a free throw', newFactor, 'demo'],
  ['the cap', [usage, 'usageRate: 100,', 'usageRate: raw,'], 'more than a team in seconds'],
  ['minutes of overtime', [usage, 'team.minutes / 5)', '48)'], 'overtime'],
  ['a count that is missing', [shooting, 'threePointersMade === null ||', ''], 'nulls of players'],
  [
    'a player of 0:00',
    [
      usage,
      "if (player.minutes <= 0) return undefinedUsage('no_minutes')",
      'if (player.minutes <= 0) return { usageRate: 0, usageRateRaw: 0, valid: true, anomalyReason: null }',
    ],
    'played for no second',
  ],
  [
    'a player whom two teams list',
    [
      onePerPlayer,
      "compareText(b.processed_at ?? '', a.processed_at ?? '')",
      "compareText(a.processed_at ?? '', b.processed_at ?? '')",
    ],
    'a trade: listed by two teams',
  ],
  [
    'an offence that is waived',
    [build, "unknownUsage('no_team_row')", "unknownUsage('no_team_turnovers')"],
    'demo',
  ],
])('%s: other rows under the same version fail', (_what, change, nights) => {
  const { status, output, isWritten } = check([change]);
  expect({ status, isWritten }).toEqual({ status: 1, isWritten: false });
  const [, changed] =
    /^PlayerGameSummaryProcessor builds other rows than before \((.*)\), but its version is still [\d.]+\./m.exec(
      output,
    ) ?? [];
  expect(changed?.split('; ')).toContain(nights);
  expect(output).toContain('raise the version in its index.ts');
  expect(output).toContain('Then: npm run lock.');
});

test('a raised version passes and is written; with CI=true it must be in the lock already', () => {
  const sentence = expect.stringContaining(
    `PlayerGameSummaryProcessor goes from version ${current} to 9.1.0.`,
  ) as string;
  expect(check([newFactor, newVersion])).toEqual({ status: 0, output: sentence, isWritten: true });
  const strict = check([newFactor, newVersion], 'true');
  expect(strict).toEqual({ status: 1, output: sentence, isWritten: false });
  expect(strict.output).toContain('Run npm run lock');
});
