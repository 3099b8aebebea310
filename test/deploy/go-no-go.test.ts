/** GO only for what was measured of this very build; and what the scripts leave behind. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepResult, keepTests } from '../../scripts/keep-result';
import { accept, worst, type CanaryReport } from '../../src/deploy/canary-report';
import { judgeCriteria } from '../../src/deploy/criteria';
import { decide, renderDecision, type BuildEvidence } from '../../src/deploy/go-no-go';
import type { RehearsalReport } from '../../src/deploy/rehearsal-report';
import { readResult, whyStale, type Result, type ResultName } from '../../src/deploy/results';

const build = 'abc123';
const at = '2025-01-16T08:00:00.000Z';
const now = new Date('2025-01-17T08:00:00.000Z');

const result = (name: ResultName, figures: Result['figures'], files?: Result['files']): Result => ({
  ...{ name, command: `npm run ${name}`, commit: build, at, load: 0.5, figures },
  ...(files ? { files } : {}),
});
const passed = { passed: 3, failed: 0, skipped: 0 };
const suites = [
  'incidents/data-incidents',
  'integration/killed-worker',
  'simulation/simulation',
  'integration/waiting',
  'e2e/canary',
  'integration/builds',
  'replay/replay',
];

const flooded = { broken: 0, bounds: 9, isShort: false, 'other dates: p95 during by before': 2.4 };
const rehearsal: RehearsalReport = {
  ...{ build, at, failed: null, steps: 9, aboveAllAtOnce: 30, above: 0, load: 0.5 },
};

function canaryWith(differences: number): CanaryReport {
  const criteria = judgeCriteria({
    ...{ dates: 3, errors: [], rulesFailed: [], nights: [1_000], liveNights: [1_000], differences },
  });
  return {
    build,
    base: 'old',
    at,
    dates: ['a', 'b', 'c'],
    verdict: worst(criteria),
    criteria,
    differences,
    accepted: null,
  };
}

function evidence(
  changes: Partial<BuildEvidence> = {},
  results: Partial<BuildEvidence['results']> = {},
): BuildEvidence {
  const files = Object.fromEntries(suites.map((name) => [`test/${name}.test.ts`, passed]));
  return {
    ...{ build, canary: canaryWith(0), rehearsal, now },
    ...changes,
    results: {
      check: result('check', { failed: 0 }),
      tests: result('tests', { passed: 24, failed: 0, skipped: 0, files: 8, filesNotRun: 0 }, files),
      bench: result('bench', {
        'real work: all at once by levels': 1.06,
        'real work, 8 at once: by levels': 50,
        'real work, 8 at once: all at once': 53,
      }),
      season: result('season', { isVerified: true, runs: 164, outOfOrder: 0, rows: 9, figures: 9, wrong: 0 }),
      flood: result('flood', flooded),
      ...results,
    },
  };
}

/** Criteria that are not met, by their question. */
function against(given: BuildEvidence): string[] {
  const { verdict, questions } = decide(given);
  const open = questions.flatMap(({ name, criteria }) =>
    criteria.filter(({ isMet }) => isMet !== true).map(({ figure }) => `${name}: ${figure}`),
  );
  expect(verdict).toBe(open.length === 0 ? 'GO' : 'NO-GO');
  return open;
}

// A criterion that asks for a file that there is not could never be met.
test.each(suites)('%s is there to be run', (name) => {
  expect(existsSync(join(__dirname, '..', `${name}.test.ts`))).toBe(true);
});

test('everything measured and met is GO, with figure, command and date of each', () => {
  expect(against(evidence())).toEqual([]);
  const page = renderDecision(decide(evidence()));
  expect(page).toContain(`# GO: build ${build}`);
  expect(page).toContain(`| 6.0 % | yes | \`npm run bench\` | ${at} | 0.5 |`);
});

test.each(['check', 'tests', 'bench', 'season', 'flood'] as const)(
  'without a result of %s it is NO-GO',
  (name) => {
    const open = against(evidence({}, { [name]: null }));
    expect(open.length).toBeGreaterThan(0);
    for (const line of open) expect(line).toContain(`not measured: ${name}: there is no result`);
  },
);

test('a result of another commit, or an old one, is not measured', () => {
  const other = { ...evidence().results.bench!, commit: 'other' };
  expect(against(evidence({}, { bench: other }))[0]).toContain('not of this build');
  expect(whyStale(evidence().results.check, build, new Date('2025-02-01T08:00:00Z'))).toContain(
    '16 days old',
  );
  expect(whyStale(evidence().results.check, null, now)).toContain('not of this build');
});

test('figures beyond their limits, and figures that a run has left out', () => {
  const bench = (ratio: number): Result => {
    const known = evidence().results.bench!;
    return { ...known, figures: { ...known.figures, 'real work: all at once by levels': ratio } };
  };
  expect(against(evidence({}, { bench: bench(1.199) }))).toEqual([]);
  expect(against(evidence({}, { bench: bench(1.201) }))).toEqual(['Performance: 20.1 %']);
  const flood = (changes: Result['figures']): Result => result('flood', { ...flooded, ...changes });
  for (const unmeasured of [{ isShort: true }, { 'other dates: p95 during by before': null }])
    expect(against(evidence({}, { flood: flood(unmeasured) }))).toEqual([
      'Deadlocks: not measured: `npm run flood` was run without it',
    ]);
  expect(against(evidence({}, { flood: flood({ broken: 1 }) }))).toEqual([
    'Deadlocks: 1 of 9 bounds broken; other dates 2.4 times as slow',
  ]);
  const tests = evidence().results.tests!;
  const failing = {
    ...tests,
    files: { ...tests.files, 'test/replay/replay.test.ts': { passed: 1, failed: 1, skipped: 0 } },
  };
  expect(against(evidence({}, { tests: failing }))).toEqual([
    'Tests: 1 passed, 1 failed, 0 skipped in 1 files',
  ]);
});

test('the canary must be this build’s; differences need an acceptance', () => {
  expect(against(evidence({ canary: null })).length).toBe(3);
  expect(against(evidence({ canary: { ...canaryWith(0), build: 'other' } })).length).toBe(3);
  expect(against(evidence({ canary: canaryWith(7) }))).toEqual([
    'Deployment: 7 differences',
    'Deployment: stop, on 3 dates',
  ]);
  const accepted = accept(canaryWith(7), { by: 'ann', reason: 'meant to be so', at });
  expect(against(evidence({ canary: accepted }))).toEqual([]);
});

test('the rehearsal must be this build’s, and hold; all at once must have been wrong', () => {
  const none = ['Risks', 'Alternatives'].map(
    (name) => `${name}: not measured: this build was not rehearsed: \`phase3 rehearse incident --deployed\``,
  );
  expect(against(evidence({ rehearsal: null }))).toEqual(none);
  expect(against(evidence({ rehearsal: { ...rehearsal, build: 'other' } }))).toEqual(none);
  const failed = { step: 'date_waits', reason: 'Step 3 (date_waits) did not go as expected' };
  const early = { ...rehearsal, failed, steps: 2, aboveAllAtOnce: null, above: null };
  expect(against(evidence({ rehearsal: early }))).toEqual([
    'Risks: Step 3 (date_waits) did not go as expected',
    'Alternatives: not measured: the rehearsal did not come to that',
  ]);
  // Were it right all at once, nobody would have to wait.
  expect(against(evidence({ rehearsal: { ...rehearsal, aboveAllAtOnce: 0 } }))).toEqual([
    'Alternatives: 0 players all at once, 0 by levels',
  ]);
  const bench = evidence().results.bench!;
  const fast = { ...bench, figures: { ...bench.figures, 'real work, 8 at once: all at once': 61 } };
  expect(against(evidence({}, { bench: fast }))).toEqual([
    'Alternatives: 50.0 nights/s by levels, 61.0 all at once: 22.0 %',
  ]);
});

describe('what the scripts leave', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'phase3-results-'));
    mkdirSync(join(root, 'test', 'sub'), { recursive: true });
    for (const name of ['one', 'two', 'sub/three']) writeFileSync(join(root, 'test', `${name}.test.ts`), '');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const ran = (name: string, ...statuses: string[]) => ({
    name: join(root, 'test', `${name}.test.ts`),
    status: statuses.includes('failed') ? 'failed' : 'passed',
    assertionResults: statuses.map((status) => ({ status })),
  });

  test('a suite that is run in parts adds up; a file that was not run is counted', () => {
    keepTests(root, { testResults: [ran('one', 'passed', 'passed'), ran('sub/three', 'passed', 'pending')] });
    expect(readResult(root, 'tests')?.figures).toEqual({
      passed: 3,
      failed: 0,
      skipped: 1,
      files: 3,
      filesNotRun: 1,
    });
    keepTests(root, { testResults: [ran('two', 'failed')] });
    expect(readResult(root, 'tests')?.figures).toEqual({
      passed: 3,
      failed: 1,
      skipped: 1,
      files: 3,
      filesNotRun: 0,
    });
    // Mended, and run again.
    keepTests(root, { testResults: [ran('two', 'passed')] });
    expect(readResult(root, 'tests')?.figures).toMatchObject({ passed: 4, failed: 0 });
  });

  test('a file that cannot be loaded has failed', () => {
    keepTests(root, { testResults: [{ ...ran('one'), status: 'failed' }] });
    expect(readResult(root, 'tests')?.figures).toMatchObject({ failed: 1 });
  });

  test('what is damaged, or lies under another name, is no result', () => {
    keepResult(root, 'check', { command: 'npm run check', figures: { failed: 0 } });
    expect(readResult(root, 'check')).toMatchObject({ name: 'check', commit: null, figures: { failed: 0 } });
    cpSync(join(root, 'results', 'check.json'), join(root, 'results', 'bench.json'));
    writeFileSync(join(root, 'results', 'flood.json'), '{"name": "flood"');
    expect([readResult(root, 'bench'), readResult(root, 'flood'), readResult(root, 'season')]).toEqual([
      null,
      null,
      null,
    ]);
  });
});
