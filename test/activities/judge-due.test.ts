/** A schedule feed that has stopped reaches the dead man's switch and the gauges, from rows in a real warehouse. */
import { judgeDue, type JudgedDue } from '../../src/activities/judge-due';
import { measuresOfSweep } from '../../src/activities/measure';
import type { Row } from '../../src/tables/define-table';
import { goodNight } from '../support/fixtures';
import { inMemory, type OpenedWarehouse } from '../support/warehouses';

const [scheduled] = goodNight(1).rows.nbac_schedule;
const [today, now] = ['2025-01-17', '2025-01-17T15:00:00.000Z'];

let opened: OpenedWarehouse;

beforeAll(async () => {
  opened = await inMemory();
  await opened.warehouse.ensureTables();
});
afterAll(() => opened.close());

/** The judgement with this row as the whole calendar. */
async function judged(row: Row): Promise<JudgedDue> {
  await opened.warehouse.loadRows(
    'nbac_schedule',
    (async function* () {
      yield [row];
    })(),
  );
  const found = await judgeDue({
    warehouse: opened.warehouse,
    policy: { now, today, oldAfterDays: 2 },
    ...{ days: 14, neededBy: null, audit: new Map(), origin: { workflowId: 'w', runId: 'r', at: now } },
    logFault: (message) => {
      throw new Error(message);
    },
  });
  return found!;
}

const gauge = ({ summary }: JudgedDue): number[] =>
  measuresOfSweep(
    {
      ...{ verified: 0, altered: [], stale: [], questioned: [], unrecorded: [], unverified: [] },
      ...{ suspected: {}, news: [], due: summary },
    },
    new Date(now),
  ).flatMap((one) => (one.metric === 'phase3_due_calendar_stale' ? [one.value] : []));

test('games that nobody wrote since before they began: the switch fails for the feed before it does for the date', async () => {
  const row = { ...scheduled!, game_status: 1, processed_at: '2025-01-15T09:00:00.000Z' } as unknown as Row;
  const found = await judged(row);
  expect(found.lateBecause).toMatch(
    /^the game calendar is not written any more: 1 game of 2025-01-15 was last written at .*; 2025-01-15: 1 game, and no run/,
  );
  expect(found.summary.calendar?.writtenAt).toBe('2025-01-15T09:00:00.000Z');
  expect(gauge(found)).toEqual([1]);
});

test('a feed that goes on is no trouble', async () => {
  const found = await judged(scheduled as unknown as Row);
  expect(found.lateBecause).toBe('2025-01-15: 1 game, and no run is on record');
  expect(found.summary.calendar).toMatchObject({ staleBecause: null });
  expect(gauge(found)).toEqual([0]);
});

test('a calendar that has nothing around today is asked where it ends', async () => {
  const row = { ...scheduled!, game_date: '2024-12-01' } as unknown as Row;
  await opened.close();
  opened = await inMemory();
  await opened.warehouse.ensureTables();
  const found = await judged(row);
  expect(found.lateBecause).toBe(
    'the game calendar is not written any more: its last game is on 2024-12-01, 47 days ago',
  );
});
