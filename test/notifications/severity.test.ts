/** Who is woken: only if the rows of a date will not be there when they are needed. */
import { withSeverity, type JudgeSeverityOptions } from '../../src/activities/judge-severity';
import type { NotificationKind, Severity } from '../../src/contracts/notifications';
import type { ProcessorResult, RunState } from '../../src/contracts/phase3';
import type { RunHistoryRow } from '../../src/tables/orchestration';
import { WarehouseError } from '../../src/warehouse/errors';
import { notification } from './notification';

/** Rows of 3 February are needed at 09:00 of the fourth. */
const needed = '2026-02-04T14:00:00.000Z';
const night = '2026-02-04T08:00:00.000Z';
const table = 'nbac_team_boxscore';
const expectedAt = (p90At: string): ProcessorResult['expected'] => [
  { table, p50At: '2026-02-04T07:00:00.000Z', p90At, samples: 30 },
];

function record(expected: ProcessorResult['expected']): JudgeSeverityOptions['warehouse'] {
  const blocked: ProcessorResult = {
    ...{ processor: 'Players', outcome: 'blocked', reason: '', version: null, rowCount: null },
    ...{ missing: [table], missingGames: [], warnings: [], policyBypass: null },
    ...(expected ? { expected } : {}),
  };
  const row = {
    ...{ run_id: 'r', pass: 1, state: 'blocked', ended_at: night },
    processors: JSON.stringify({ Players: blocked }),
  } as RunHistoryRow;
  return { readDate: async () => ({ run_history: [row] }) as never };
}

const unreadable: JudgeSeverityOptions['warehouse'] = {
  readDate: () => Promise.reject(new WarehouseError('unavailable', 'no answer')),
};

async function severity(
  fields: { kind?: NotificationKind; state?: RunState; subject?: string },
  options: Partial<JudgeSeverityOptions> = {},
): Promise<Severity | undefined> {
  const told = await withSeverity(notification(fields), {
    ...{ warehouse: record(undefined), neededBy: '09:00', now: night },
    ...options,
  });
  return told.severity;
}

describe('a date that is blocked at night', () => {
  it.each<[string, ProcessorResult['expected'], Severity]>([
    ['is a notice where nine in ten nights had the rows in time', expectedAt(needed), 'notice'],
    ['wakes somebody where they usually come too late', expectedAt('2026-02-04T14:00:00.001Z'), 'page'],
    ['is a notice where nobody can say: it may still come', undefined, 'notice'],
  ])('%s', async (_, expected, wanted) => {
    expect(await severity({}, { warehouse: record(expected) })).toBe(wanted);
  });

  it('wakes somebody once its rows are needed, and where its record cannot be read', async () => {
    expect(await severity({}, { now: needed, warehouse: record(expectedAt(needed)) })).toBe('page');
    expect(await severity({}, { warehouse: unreadable })).toBe('page');
    // An attempt to tell people has 15 s: one that waits for a warehouse that hangs never tells anybody.
    const hanging = { readDate: () => new Promise<never>(() => undefined) };
    expect(await severity({}, { warehouse: hanging })).toBe('page');
  });

  it('is needed an hour earlier by the clock of the world once the clocks are put forward', async () => {
    const options = { now: '2026-03-08T13:00:00.000Z', warehouse: record(undefined) };
    expect(await severity({ subject: '2026-03-07' }, options)).toBe('page');
    expect(await severity({ subject: '2026-03-07' }, { ...options, now: '2026-03-08T12:59:59.999Z' })).toBe(
      'notice',
    );
  });
});

it.each<[NotificationKind, RunState, Severity]>([
  // Nothing of this mends itself.
  ['trouble', 'failed', 'page'],
  ['trouble', 'upstream_failed', 'page'],
  ['trouble', 'quarantined', 'page'],
  ['trouble', 'abandoned', 'page'],
  ['still_in_trouble', 'failed', 'page'],
  // Rows are live.
  ['trouble', 'disputed', 'notice'],
  ['trouble', 'questioned', 'notice'],
  ['trouble', 'published', 'notice'],
  ['not_as_published', 'published', 'notice'],
  ['recovered', 'published', 'notice'],
  ['decided', 'blocked', 'notice'],
  ['recalled', 'published', 'notice'],
  ['backfill_in_trouble', 'failed', 'notice'],
  ['late', 'blocked', 'page'],
  ['late_over', 'published', 'notice'],
  ['worker_gone', 'failed', 'page'],
  ['worker_back', 'failed', 'notice'],
])('%s of a date that is %s is a %s at night', async (kind, state, wanted) => {
  expect(await severity({ kind, state })).toBe(wanted);
});

it('rows that are needed and are not as published wake somebody', async () => {
  expect(await severity({ kind: 'not_as_published', state: 'published' }, { now: needed })).toBe('page');
});

it('without a time by which rows are needed nothing is said, and nothing read', async () => {
  expect(await severity({}, { neededBy: null, warehouse: unreadable })).toBeUndefined();
});
