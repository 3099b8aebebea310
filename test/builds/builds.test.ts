/** What is decided about builds, from what is known of them. */
import { driftOf } from '../../src/builds/drift';
import { whyNotPromote } from '../../src/deploy/judge-promotion';
import { publishedBy, type Published } from '../../src/builds/published-by';
import { decisionsOf, entryOf, lastGood, notTaken, type BuildDecision } from '../../src/builds/record';
import { judgeRollback, takenBackBy } from '../../src/builds/judge-rollback';
import { judgeStart } from '../../src/builds/take-over';
import { accept, type CanaryReport } from '../../src/deploy/canary-report';
import type { DeployedVersion } from '../../src/builds/versions';
import { chainEntry } from '../../src/audit/chain';

const at = '2026-11-29T03:00:00.000Z';
const who = { by: 'ana@example.org', reason: 'a corrected formula' };

function version(build: string, changes: Partial<DeployedVersion> = {}): DeployedVersion {
  return { build, status: 'inactive', ramp: 0, currentSince: null, rolledBack: null, ...changes };
}

describe('a build that is started', () => {
  const start = { build: 'b', promotion: 'at-start', isAsked: false } as const;
  const after = (own: Partial<DeployedVersion>) => ({ current: 'a', versions: [version('b', own)] });

  test.each([
    ['is the first where none is current', start, { current: null, versions: [] }, 'first'],
    ['stays current', { ...start, build: 'a' }, after({}), 'current'],
    ['takes over where it never was current', start, after({}), 'takes_over'],
    ['waits where it was replaced', start, after({ currentSince: at }), 'waits'],
    [
      'takes over where a person starts it again',
      { ...start, isAsked: true },
      after({ currentSince: at }),
      'takes_over',
    ],
    [
      'waits where a person has to promote it',
      { ...start, promotion: 'by-hand' as const },
      after({}),
      'waits',
    ],
    [
      'waits where it was taken back, whoever starts it',
      { ...start, isAsked: true },
      after({ rolledBack: { ...who, at } }),
      'waits',
    ],
  ])('%s', (_, given, deployed, kind) => {
    expect(judgeStart(given, deployed).kind).toBe(kind);
  });
});

describe('the record of builds', () => {
  const decision = (kind: BuildDecision['kind'], build: string, before: string | null): BuildDecision => ({
    ...{ id: `${kind}/${build}`, kind, ...who, at, build, before },
  });
  const all = [
    decision('build_first', 'a', null),
    decision('build_promoted', 'b', 'a'),
    decision('build_promoted', 'c', 'b'),
  ];

  test('is read as it was written, without what was not carried out', () => {
    const next = decision('build_promoted', 'c', 'a');
    const killed = decision('build_promoted', 'd', 'c');
    const [first, second, third, fourth] = [all[0]!, all[1]!, next, killed].map(entryOf);
    const refused = notTaken(all[1]!, 'somebody was faster', at);
    const entries = [first!, second!, refused, third!, fourth!];
    const origin = { gameDate: '1970-01-01', runId: 'deployment', pass: 0 };
    let head = null as { seq: number; hash: string } | null;
    const rows = entries.map((entry) => {
      const row = chainEntry(entry, head, origin);
      head = { seq: row.seq, hash: row.row_hash };
      return row;
    });
    // Of the last one nobody came to say that it was not carried out: what is current says so.
    expect(decisionsOf([...rows].reverse(), 'c')).toEqual([all[0], next]);
    expect(decisionsOf(rows, 'd')).toEqual([all[0], next, killed]);
  });

  test('says to which build one goes back: never to one that was taken back', () => {
    expect(lastGood(all, 'c')).toBe('b');
    expect(lastGood(all.slice(0, 1), 'a')).toBeNull();
    const back = [...all, decision('build_rolled_back', 'b', 'c'), decision('build_promoted', 'd', 'b')];
    expect(lastGood(back, 'd')).toBe('b');
    // `c` was taken back, and so is `b` now.
    expect(lastGood([...back, decision('build_rolled_back', 'a', 'b')], 'a')).toBe('d');
    // Promoted again, it is good again.
    expect(
      lastGood([...back, decision('build_promoted', 'c', 'd'), decision('build_promoted', 'e', 'c')], 'e'),
    ).toBe('c');
  });
});

describe('a rollback', () => {
  const decision = (kind: BuildDecision['kind'], build: string, before: string | null): BuildDecision => ({
    ...{ id: `${kind}/${build}`, kind, ...who, at, build, before },
  });
  const promoted = [decision('build_first', 'a', null), decision('build_promoted', 'b', 'a')];
  const back = decision('build_rolled_back', 'a', 'b');

  test.each([
    ['goes to the last good build', 'b', null, promoted, { build: 'a', bad: 'b', repeats: null }],
    [
      'that is repeated goes no step further',
      'a',
      null,
      [...promoted, back],
      { build: 'a', bad: 'b', repeats: back },
    ],
    [
      'of the first build is refused',
      'a',
      null,
      promoted.slice(0, 1),
      { kind: 'refused', isBadInput: false },
    ],
    ['to what is current is refused', 'b', 'b', promoted, { kind: 'refused', isBadInput: true }],
    ['without a build is refused', null, null, [], { kind: 'refused' }],
  ])('%s', (_, current, to, decisions, verdict) => {
    expect(judgeRollback({ current, to }, decisions)).toMatchObject(verdict);
  });

  test('is remembered of a build until it is made current again', () => {
    expect(takenBackBy([...promoted, back], 'b')).toEqual(back);
    expect(takenBackBy([...promoted, back, decision('build_promoted', 'c', 'a')], 'b')).toEqual(back);
    expect(takenBackBy([...promoted, back], 'a')).toBeNull();
    expect(takenBackBy([...promoted, back, decision('build_promoted', 'b', 'a')], 'b')).toBeNull();
  });
});

describe('what a build has published', () => {
  const row = (table: string, number: number, build: string | null, minute: number): Published => ({
    ...{ game_date: '2026-02-03', table_name: table, version: number, processor: table, pin: null },
    ...{ code_commit: build, published_at: `2026-02-04T05:0${minute}:00.000Z` },
  });

  test('is what is live of it, back to the first version of its last reign', () => {
    const manifests = [
      ...[row('offense', 1, 'a', 1), row('offense', 2, 'b', 2), row('offense', 3, 'a', 3)],
      ...[row('offense', 4, 'b', 4), row('offense', 5, 'b', 5)],
      ...[row('players', 1, 'a', 1), row('players', 2, 'b', 6)],
      row('defense', 1, 'a', 1),
    ];
    expect(publishedBy(manifests, 'b')).toEqual([
      {
        gameDate: '2026-02-03',
        tables: ['offense', 'players'],
        before: '2026-02-04T05:04:00.000Z',
        without: [],
      },
    ]);
    expect(publishedBy(manifests.slice(0, 3), 'b')).toEqual([]);
  });

  test('is taken back as of an instant at which nothing of it was live, also where tables had it at different times', () => {
    const manifests = [
      ...[
        row('offense', 1, 'a', 1),
        row('offense', 2, 'b', 2),
        row('offense', 3, 'a', 4),
        row('offense', 4, 'b', 6),
      ],
      // When the players became bad, the offense was: what was live just before that is no measure.
      ...[row('players', 1, 'a', 1), row('players', 2, 'b', 3)],
    ];
    expect(publishedBy(manifests, 'b')).toMatchObject([
      { tables: ['offense', 'players'], before: '2026-02-04T05:02:00.000Z', without: [] },
    ]);
    // The same where a table is right now, and was not then.
    expect(publishedBy([...manifests, row('offense', 5, 'a', 7)], 'b')).toMatchObject([
      { tables: ['players'], before: '2026-02-04T05:02:00.000Z' },
    ]);
    // A version of another build that shares its instant with the bad one is after that instant.
    const shared = [row('offense', 1, 'b', 1), row('offense', 2, 'a', 1), row('offense', 3, 'b', 1)];
    expect(publishedBy(shared, 'b')).toMatchObject([{ before: null, without: ['offense'] }]);
  });

  test('has nothing before it where it was the first', () => {
    expect(publishedBy([row('offense', 1, 'b', 1)], 'b')).toEqual([
      { gameDate: '2026-02-03', tables: ['offense'], before: null, without: ['offense'] },
    ]);
  });
});

describe('a promotion', () => {
  const asked = { build: 'b', current: 'a', withoutCanary: false };
  const report: CanaryReport = {
    ...{ build: 'b', base: 'a', at, dates: ['2026-02-03'], verdict: 'go', criteria: [], differences: 0 },
    accepted: null,
  };
  const differs: CanaryReport = {
    ...{ ...report, verdict: 'stop', differences: 3 },
    criteria: [{ name: 'differences', verdict: 'stop', figure: 3, limit: 0, detail: '3 rows differ' }],
  };
  const slow: CanaryReport = {
    ...{ ...differs, differences: 0 },
    criteria: [{ name: 'p95', verdict: 'stop', figure: 1.6, limit: 1.5, detail: '60 % slower' }],
  };

  test.each([
    ['needs a report', asked, null, /no canary report/],
    ['needs a report on what is current', asked, { ...report, base: 'z' }, /compared build b with z/],
    ['is stopped by differences', asked, differs, /3 differences on 1 dates.*--accept-diff/],
    [
      'is stopped by another criterion, whatever is accepted',
      asked,
      accept(slow, { ...who, at }),
      /criterion p95 says stop: 60 % slower/,
    ],
  ])('%s', (_, given, found, sentence) => {
    expect(whyNotPromote(given, found).join(' ')).toMatch(sentence);
  });

  test.each([
    ['of what is clean', asked, report],
    ['of what somebody has accepted', asked, accept(differs, { ...who, at })],
    ['without a canary, by a person who says so', { ...asked, withoutCanary: true }, null],
    ['of the first build', { ...asked, current: null }, null],
  ])('goes through %s', (_, given, found) => {
    expect(whyNotPromote(given, found)).toEqual([]);
  });
});

test('what does not fit among processes is named, and nothing where all fit', () => {
  const process = (name: string, build: string, hash: string | null) => ({
    ...{ name, build, behindMain: null, sources: hash === null ? null : { Offense: hash } },
    ...{ schema: hash, lock: hash },
  });
  const fitting = [
    process('cli', 'b', '1'),
    process('worker', 'b', '1'),
    process('workflow-worker', 'a', null),
  ];
  expect(driftOf({ processes: fitting, current: 'b', open: ['a', 'b'], polled: ['a', 'b'] })).toEqual([]);
  expect(driftOf({ processes: fitting, current: 'b', open: ['c', 'c'], polled: ['a', 'b'] })).toEqual([
    'Runs are open on build c, and no worker of it polls.',
  ]);
  expect(
    driftOf({ processes: [...fitting, process('gateway', 'a', null)], current: 'b', open: [], polled: [] }),
  ).toEqual(['The gateway is of build a, and b is current.']);
  expect(driftOf({ processes: [process('cli', 'b', '1')], current: 'b', open: [], polled: [] })).toEqual([
    'No worker of this home answers: `phase3 status` says why.',
  ]);
  const other = [process('cli', 'c', '2'), process('worker', 'a', '1')];
  expect(driftOf({ processes: other, current: 'b', open: [], polled: [] })).toEqual([
    'The worker is of build a, and b is current.',
    'This command is of build c, and b is current.',
    'Tables are declared otherwise here than in the worker.',
    "The processors' lock is another here than in the worker.",
    'Offense has sources 2 here and 1 in the worker.',
  ]);
});
