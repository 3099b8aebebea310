/** Which date a launch is for, and whether the record of the date leaves anything to ask for. */
import { planNightly } from '../../src/activities/plan-nightly';
import type { Outcome, ProcessorName } from '../../src/contracts/phase3';
import { defaultSource, processorNames } from '../../src/plan/registry';
import type { Warehouse } from '../../src/warehouse/warehouse';

const gameDate = '2025-01-15';
const scheduledAt = '2025-01-16T15:30:00Z';

/** A warehouse that holds these rows for the date, and refuses to be asked for another. */
function holding(rows: { history?: object[]; manifests?: object[]; schedule?: object[] }): Warehouse {
  const tables: Record<string, object[]> = {
    run_history: rows.history ?? [],
    partition_manifest: rows.manifests ?? [],
    nbac_schedule: rows.schedule ?? [],
  };
  return {
    readDate: async (asked: string, names: readonly string[]) => {
      expect(asked).toBe(gameDate);
      return Object.fromEntries(names.map((name) => [name, tables[name]]));
    },
  } as unknown as Warehouse;
}

const untouched = {
  readDate: () => {
    throw new Error('the warehouse was asked');
  },
} as unknown as Warehouse;

interface Came {
  outcome: Outcome;
  missing?: string[];
}

/** A row of the run history, as `recordPass` writes it. */
function pass(ended_at: string, results: Record<ProcessorName, Came>): object {
  return {
    ended_at,
    ...{ run_id: `run of ${ended_at}`, pass: 1 },
    state: 'published',
    processors: JSON.stringify(
      Object.fromEntries(
        Object.entries(results).map(([processor, { outcome, missing = [] }]) => [
          processor,
          { processor, outcome, missingGames: missing.map((gameId) => ({ gameId })) },
        ]),
      ),
    ),
  };
}

function all(came: Came): Record<ProcessorName, Came> {
  return Object.fromEntries(processorNames.map((name) => [name, came]));
}

const planned = (warehouse: Warehouse) => planNightly(warehouse, { scheduledAt, ask: 'incomplete' });

describe('the date of a launch', () => {
  it.each([
    ['06:30 in winter', '2025-01-16T11:30:00.000Z', '2025-01-15'],
    ['06:30 in summer', '2025-07-16T10:30:00.000Z', '2025-07-15'],
    // 24 hours earlier is two dates earlier here, and the same date there.
    ['half past midnight after a day of 23 hours', '2025-03-10T04:30:00.000Z', '2025-03-09'],
    ['half an hour before the end of a day of 25 hours', '2025-11-03T04:30:00.000Z', '2025-11-01'],
    ['just before midnight', '2025-01-16T04:59:59.999Z', '2025-01-14'],
    ['midnight', '2025-01-16T05:00:00.000Z', '2025-01-15'],
  ])('at %s, %s, is %s', async (_when, at, expected) => {
    const plan = await planNightly(untouched, { scheduledAt: at, ask: 'all' });
    expect(plan).toMatchObject({ gameDate: expected, isDue: true });
  });

  it('is refused for what is no instant, and not requested again', async () => {
    await expect(planNightly(untouched, { scheduledAt: 'this morning', ask: 'all' })).rejects.toMatchObject({
      type: 'InvalidRunInput',
      nonRetryable: true,
      message: expect.stringContaining('"this morning"'),
    });
  });
});

describe('a launch for what is not complete', () => {
  it('asks a date that was never run', async () => {
    const { isDue, reason } = await planned(holding({}));
    expect([isDue, reason]).toEqual([true, '2025-01-15 is not complete: no processor ever ran for it']);
  });

  it('asks a date that was only adopted: nothing of ours ever ran', async () => {
    expect((await planned(holding({ history: [pass('2025-01-16T08:00:00Z', {})] }))).isDue).toBe(true);
  });

  it.each<Outcome>(['published', 'unchanged', 'skipped'])(
    'leaves a date that is %s alone',
    async (outcome) => {
      const plan = await planned(holding({ history: [pass('2025-01-16T11:31:00Z', all({ outcome }))] }));
      expect(plan).toEqual({
        gameDate,
        isDue: false,
        source: defaultSource,
        reason: '2025-01-15 is complete',
      });
    },
  );

  it.each<Outcome>(['waiting', 'blocked', 'quarantined', 'failed', 'upstream_failed'])(
    'asks a date of which one processor is %s, and names it',
    async (outcome) => {
      const results = { ...all({ outcome: 'published' }), PlayerGameSummaryProcessor: { outcome } };
      const { isDue, reason } = await planned(holding({ history: [pass('2025-01-16T11:31:00Z', results)] }));
      expect(isDue).toBe(true);
      expect(reason).toBe(`2025-01-15 is not complete: PlayerGameSummaryProcessor is ${outcome}`);
    },
  );

  it('asks a date that was published without a game, and names the game', async () => {
    const results = all({ outcome: 'published', missing: ['20250115_NYK_PHI'] });
    const { isDue, reason } = await planned(holding({ history: [pass('2025-01-16T11:31:00Z', results)] }));
    expect(isDue).toBe(true);
    expect(reason).toContain('PlayerGameSummaryProcessor is published without 20250115_NYK_PHI');
  });

  it('asks a date of which a processor was never run', async () => {
    const { PlayerGameSummaryProcessor: _, ...teams } = all({ outcome: 'published' });
    const { isDue, reason } = await planned(holding({ history: [pass('2025-01-16T11:31:00Z', teams)] }));
    expect([isDue, reason]).toEqual([
      true,
      '2025-01-15 is not complete: PlayerGameSummaryProcessor has no result',
    ]);
  });

  // Rows come in no order.
  it('judges by the newest result of each processor, whichever pass it is of', async () => {
    const early = pass('2025-01-16T11:31:00Z', all({ outcome: 'published' }));
    const blocked = pass('2025-01-16T12:01:00Z', { PlayerGameSummaryProcessor: { outcome: 'blocked' } });
    const late = pass('2025-01-16T13:00:00Z', { PlayerGameSummaryProcessor: { outcome: 'published' } });
    expect((await planned(holding({ history: [blocked, early] }))).isDue).toBe(true);
    expect((await planned(holding({ history: [late, blocked, early] }))).isDue).toBe(false);
  });

  it('leaves a date alone that somebody has cancelled', async () => {
    const cancelled = { ...pass('2025-01-16T13:00:00Z', all({ outcome: 'waiting' })), state: 'cancelled' };
    expect(await planned(holding({ history: [cancelled] }))).toMatchObject({
      isDue: false,
      reason: expect.stringContaining('was cancelled') as string,
    });
  });

  it('asks a date that was skipped before its games were on the schedule', async () => {
    const history = [pass('2025-01-16T11:31:00Z', all({ outcome: 'skipped' }))];
    const { isDue, reason } = await planned(holding({ history, schedule: [{}, {}, {}] }));
    expect(isDue).toBe(true);
    expect(reason).toContain('was skipped, but the schedule lists 3 games now');
  });

  describe('when a version was built with a bypass', () => {
    const history = [pass('2025-01-16T11:31:00Z', all({ outcome: 'published' }))];
    const manifest = (version: number, bypass: object | null): object => ({
      table_name: 'player_game_summary',
      version,
      bypass: bypass === null ? null : JSON.stringify(bypass),
    });
    const byPerson = {
      kind: 'person',
      bypass_id: 'b-1',
      by: 'ann',
      reason: 'the feed is gone',
      tables: [],
      inherited: [],
    };

    it.each<[string, object]>([
      ['of a person', byPerson],
      ['of what it is built on', { kind: 'inherited', inherited: ['b-1'] }],
    ])('%s: asks, for what was waived may have come', async (_whose, bypass) => {
      const { isDue, reason } = await planned(
        holding({ history, manifests: [manifest(2, bypass), manifest(1, null)] }),
      );
      expect(isDue).toBe(true);
      expect(reason).toContain('version 2 of player_game_summary was built with a bypass');
    });

    it('of the two-day rule: does not', async () => {
      const manifests = [manifest(1, { kind: 'policy', rule: 'older_than_two_days' })];
      expect((await planned(holding({ history, manifests }))).isDue).toBe(false);
    });

    it('that is not live any more: does not', async () => {
      const manifests = [manifest(1, byPerson), manifest(2, null)];
      expect((await planned(holding({ history, manifests }))).isDue).toBe(false);
    });
  });
});
