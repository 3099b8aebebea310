import { stateOf, type DateState } from '../../src/contracts/date-state';
import type { GateVerdict, LookVerdict, ProcessorName } from '../../src/contracts/phase3';
import { explainState } from '../../src/explain/explain-date';
import { explainRecord, explainRecorded } from '../../src/explain/explain-record';
import { groupByLevel, planOf, processorNames } from '../../src/plan/registry';
import { newMemory } from '../../src/workflows/memory';
import { reduce, type DateEvent } from '../support/date-events';
import {
  defense,
  gameDate,
  gameIdOf,
  heldVerdict,
  offense,
  player,
  policyAfter,
  resultOf,
} from '../support/fixtures';

const at = '2025-01-16T08:00:00.000Z';
const nextProbeAt = '2025-01-16T08:01:00.000Z';
const deadline = '2025-01-16T08:30:00.000Z';
const levels = groupByLevel(processorNames);
const opened = { plan: planOf(), owed: [], standing: [], auditHead: null, troubleSince: null };

function after(events: readonly DateEvent[]): DateState {
  return stateOf(events.reduce(reduce, newMemory(gameDate)));
}

/** A look that finds these open, and this of those whose turn it is. */
function look(open: ProcessorName[], instant: string, ...verdicts: LookVerdict[]): DateEvent {
  return {
    type: 'looked',
    look: {
      ...{ policy: policyAfter(1), opened: null, names: {}, refused: {}, levels, open, verdicts },
      ...{ rebuilds: [], settled: [], kept: {} },
    },
    ...{ askedAt: instant, seen: 0, at: instant },
  };
}

function verdictOf(verdict: GateVerdict): LookVerdict {
  return { ...verdict, level: verdict.processor === player ? 2 : 1, liveVersion: 0 };
}

const begins: DateEvent[] = [
  { type: 'began', at },
  { type: 'opened', opened },
];

function waits(instant = at): DateEvent {
  return { type: 'waits', nextProbeAt, deadline, at: instant };
}

function waitingAt1(verdict: GateVerdict = heldVerdict(offense)): DateState {
  return after([...begins, look([...processorNames], at, verdictOf(verdict)), waits()]);
}

/** A pass that has begun and started these processors, of which it says so at one level. */
function started(open: ProcessorName[], ...processors: ProcessorName[]): DateEvent[] {
  return [
    ...begins,
    look(
      open,
      at,
      ...processors.map((name) => verdictOf({ ...heldVerdict(name), canRun: true, missing: [] })),
    ),
    { type: 'started', level: 1, processors, why: '', at },
  ];
}

const expected = {
  ...{ table: 'nbac_team_boxscore' as const, samples: 30 },
  ...{ p50At: '2025-01-16T08:10:00.000Z', p90At: '2025-01-16T09:00:00.000Z' },
};

test('a date that waits says for what, since when, until when, and when it usually comes', () => {
  const why = explainState(waitingAt1({ ...heldVerdict(offense), expected: [expected] }), true);
  expect(why.headline).toBe(
    `${gameDate} has been waiting at level 1 since 2025-01-16 08:00:00 UTC: nbac_team_boxscore 8 of at least 10 rows ` +
      `(${gameIdOf(0)} missing, no team row). Next check 2025-01-16 08:01:00 UTC, deadline 2025-01-16 08:30:00 UTC. ` +
      'nbac_team_boxscore usually arrives by 2025-01-16 08:10:00 UTC, in 9 of 10 dates by 2025-01-16 09:00:00 UTC (30 dates).',
  );
  expect(why).toMatchObject({ waitingSince: at, probes: 1, nextProbeAt, deadline, isOpen: true });
  expect(why.acts.join(' ')).toContain(`phase3 bypass ${gameDate} --missing nbac_team_boxscore --reason`);
  // What stands on it was not looked at yet, so nothing is promised of it.
  expect(why.acts.join(' ')).toContain(
    `runs ${offense} once without it, then ${player} if nothing else is missing (\`phase3 check ${gameDate}\`)`,
  );
  const [teams, players] = why.levels;
  expect(teams?.processors[0]).toMatchObject({ processor: offense, standing: 'waiting' });
  expect(teams?.processors[0]?.needs).toContainEqual({
    ...{ table: 'nbac_team_boxscore', found: 8, expectedMin: 10, status: 'insufficient_data' },
    ...{ games: [expect.objectContaining({ gameId: gameIdOf(0), status: 'missing' })], expected },
  });
  expect(players).toMatchObject({ level: 2, processors: [{ processor: player, standing: 'planned' }] });
});

test('a level waits since it first did, however often it is looked at, and once it did not, since then', () => {
  const later = '2025-01-16T08:20:00.000Z';
  const shut = (instant: string): DateEvent[] => [
    look([player], instant, verdictOf(heldVerdict(player))),
    waits(instant),
  ];
  const ready = verdictOf({ ...heldVerdict(player), canRun: true, missing: [] });
  expect(explainState(after([...begins, ...shut(at), ...shut(later)]), true).waitingSince).toBe(at);
  const opened = after([...begins, ...shut(at), look([player], later, ready), ...shut(later)]);
  expect(explainState(opened, true).waitingSince).toBe(later);
});

it('says of a date that cannot be opened that the check cannot be made, and why', () => {
  const unopened = 'WarehouseUnavailable: nobody answers';
  const why = explainState(after([{ type: 'began', at }, { ...waits(), unopened } as DateEvent]), true);
  expect(why.headline).toBe(
    `${gameDate} has been waiting since 2025-01-16 08:00:00 UTC: the dependency check cannot be made (${unopened}). Next check 2025-01-16 08:01:00 UTC, deadline 2025-01-16 08:30:00 UTC.`,
  );
  expect(why.acts[0]).toContain('`phase3 status` shows whether the warehouse answers');
  expect(why).toMatchObject({ state: 'waiting', waitingSince: at, nextProbeAt });
});

describe('a processor that runs and holds the next level', () => {
  const minutes = opened.plan.processors.find(({ name }) => name === defense)!.timeoutMs / 60_000;

  it('is named with what starts when it has ended, and by when that is at the latest', () => {
    const why = explainState(after(started([defense, player], defense)), true);
    expect(why.headline).toBe(`${gameDate} is running: ${defense}; ${player} starts when it has ended.`);
    const standings = why.levels.flatMap(({ processors }) => processors);
    expect(standings.find(({ processor }) => processor === defense)).toMatchObject({
      standing: 'running',
      reason: `${player} starts when it has ended, after ${minutes} minutes at the latest`,
    });
    expect(standings.find(({ processor }) => processor === player)).toMatchObject({
      standing: 'planned',
      reason: 'not started yet',
    });
  });

  it('is not said to hold what runs beside it, nor anything once it has ended', () => {
    const events = started([offense, defense], offense, defense);
    const standing = (state: DateState) => explainState(state, true).levels[0]!.processors;
    expect(explainState(after(events), true).headline).toBe(
      `${gameDate} is running: ${offense}, ${defense}.`,
    );
    expect(standing(after(events))).toMatchObject([
      { standing: 'running', reason: '' },
      { standing: 'running', reason: '' },
    ]);
    const ended: DateEvent = { type: 'settled', result: resultOf(defense), at };
    expect(standing(after([...started([defense, player], defense), ended]))).toContainEqual(
      expect.objectContaining({ processor: defense, standing: 'published' }),
    );
  });
});

test('a date that somebody ended says who did and why, while it ends and from the record', () => {
  const why = 'by ana: the game was cancelled';
  const ended = after([
    { type: 'opened', opened },
    { type: 'ending', as: 'cancelled', why, byNobody: false, at },
    { type: 'ended', as: 'cancelled', seen: 9, at },
  ]);
  const headline = `${gameDate} was cancelled by ana: the game was cancelled; the published tables stay.`;
  expect(explainState(ended, true).headline).toBe(headline);
  const pass = { run_id: 'r', pass: 1, state: 'cancelled', processors: '{}', ended_at: at };
  const decided = {
    ...{ seq: 2, run_id: 'r', kind: 'cancelled', decided_by: 'ana', reason: 'the game was cancelled' },
  };
  const record = {
    ...{ run_history: [pass], partition_manifest: [] },
    bypass_audit: [
      { ...decided, seq: 1, decided_by: 'jo', reason: 'an earlier one' },
      decided,
      { ...decided, seq: 3, kind: 'bypass_cleared', decided_by: 'system' },
      // Of a run before it.
      { ...decided, seq: 4, run_id: 'q', decided_by: 'kim', reason: 'another time' },
    ],
  };
  expect(explainRecorded(gameDate, record).headline).toBe(headline);
  const asked = { ...decided, decided_by: 'system', reason: 'by a cancel request sent to Temporal itself' };
  expect(explainRecorded(gameDate, { ...record, bypass_audit: [asked] }).headline).toBe(
    `${gameDate} was cancelled by a cancel request sent to Temporal itself; the published tables stay.`,
  );
  // Who cancelled another run says nothing of this one.
  for (const audit of [[], [{ ...decided, run_id: 'q' }]])
    expect(explainRecorded(gameDate, { ...record, bypass_audit: audit }).headline).toBe(
      `${gameDate} was cancelled; the published tables stay.`,
    );
});

test('a date of which nothing came but a refusal says what was refused', () => {
  const failed = after([
    ...begins,
    {
      type: 'notRestored',
      request: { requestId: 'r1', kind: 'restore', source: 'restore' },
      why: 'version 7 is not kept',
      at,
    },
    { type: 'closed', overtaken: [], at },
  ]);
  expect(explainState(failed, true).headline).toBe(
    `${gameDate} is failed: No version was restored: version 7 is not kept.`,
  );
  const pass = { run_id: 'r', pass: 1, state: 'failed', processors: '{}', ended_at: at };
  const reason = 'r1 may be recorded, but was not accepted: version 7 is not kept';
  const record = {
    ...{ run_history: [pass], partition_manifest: [] },
    bypass_audit: [{ seq: 2, run_id: 'r', kind: 'not_taken', decided_by: 'system', reason }],
  };
  expect(explainRecorded(gameDate, record).headline).toBe(`${gameDate} is failed: ${reason}.`);
});

test('a check that fails is said to fail, and nobody is told to wait for rows', () => {
  const verdict = { ...heldVerdict(offense), missing: [], checkFailed: 'WarehouseUnavailable: reset' };
  const why = explainState(waitingAt1(verdict), true);
  expect(why.headline).toContain(`the dependency check of ${offense} failed (WarehouseUnavailable: reset)`);
  expect(why.acts[0]).toContain('whether the warehouse answers');
});

test('a blocked date keeps what was found and expected, after its gate is gone', () => {
  const { details, missing, missingGames } = heldVerdict(offense);
  const blocked = resultOf(offense, {
    ...{ outcome: 'blocked', reason: 'still missing at the deadline', details, missing, missingGames },
  });
  const state = after([
    ...begins,
    { type: 'settled', result: blocked, at },
    { type: 'closed', overtaken: [], at },
  ]);
  const why = explainState(state, true);
  expect(why.headline).toBe(`${gameDate} is blocked: ${offense}, still missing at the deadline.`);
  expect(why.levels[0]?.processors[0]?.needs).toContainEqual(
    expect.objectContaining({ table: 'nbac_team_boxscore', found: 8, expectedMin: 10 }),
  );
  expect(why.acts).toContain(
    `When the missing rows have arrived, \`phase3 rerun ${gameDate} --reason "WHY"\` runs the date again.`,
  );
  expect(explainRecord(gameDate, { state: 'blocked', results: [blocked], bypasses: [] }).headline).toBe(
    why.headline,
  );
});

test('what was built with a bypass says so, published or not', () => {
  const standing = resultOf(player, { bypassIds: ['b-1'] });
  const state = after([
    ...begins,
    { type: 'settled', result: resultOf(offense), at },
    { type: 'settled', result: resultOf(defense), at },
    { type: 'settled', result: standing, at },
    { type: 'closed', overtaken: [], at },
  ]);
  expect(explainState(state, true).headline).toBe(
    `${gameDate} is published, and ${player} was built with bypass b-1.`,
  );
});

test.each([
  ['quarantined', 'rows of', 'quarantined'],
  ['failed', 'is failed', 'failed'],
  ['upstream_failed', 'is upstream_failed', 'upstream_failed'],
] as const)('a date that is %s names the processor and what to do', (outcome, words, state) => {
  const result = resultOf(offense, { outcome, reason: 'it broke' });
  const why = explainRecord(gameDate, { state, results: [result], bypasses: [] });
  expect(why.headline).toContain(words);
  expect(why.headline).toContain('it broke');
  expect(why.acts).not.toEqual([]);
});

test('a date that nobody has run says so, and one that needs nobody asks for nothing', () => {
  expect(explainRecord(gameDate, null)).toMatchObject({ state: 'unknown', isOpen: false, levels: [] });
  const done = explainRecord(gameDate, { state: 'published', results: [resultOf(offense)], bypasses: [] });
  expect(done).toMatchObject({ headline: `${gameDate} is published.`, acts: [] });
  expect(done.levels[1]?.processors[0]).toMatchObject({ processor: player, standing: 'not requested' });
});
