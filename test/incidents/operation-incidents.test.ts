/**
 * The incidents of operation, each by its number: what its shape makes of what happened, and what ours does. Those that take a
 * worker or a server are where these are set up; `docs/explanation/incidents.md` lists them all.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { recordPass } from '../../src/activities/record-pass';
import { runProcessor } from '../../src/activities/run-processor';
import { driftOf, type RunningProcess } from '../../src/builds/drift';
import type { RecordPassRequest } from '../../src/contracts/activities';
import { unbuilt } from '../../src/contracts/code-identity';
import { addDays } from '../../src/contracts/game-date';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import { dueDates, summaryOf } from '../../src/dates/due-dates';
import { judgeCurrent } from '../../src/gate/judge-processor';
import { answerOf } from '../../src/gateway/answers';
import { processors, processorOf } from '../../src/plan/registry';
import type { Row } from '../../src/tables/define-table';
import { tableOf } from '../../src/tables/catalogue';
import { schemaFaults, tableMetadata } from '../../src/warehouse/bigquery/bigquery-tables';
import { WarehouseError } from '../../src/warehouse/errors';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { publish } from '../games/rules/engine';
import { change, defense, goodNight, offense, player, published } from '../support/fixtures';
import { demoNight, movedTo } from '../support/nights';
import { PushSubscription } from '../support/push-subscription';
import { inMemory } from '../support/warehouses';
import { replacing } from '../support/wrap-warehouse';

const gameDate = '2017-04-16';
const night = demoNight(gameDate);
const empty = { ...night, nbac_team_boxscore: [], nbac_gamebook_player_stats: [] };

it('incident 10: a gate that is called wrongly finds nothing required; ours holds each of the real processors', () => {
  // It made a processor without what the constructor needs, and took the error for a processor without requirements.
  const requirementsOf = (make: () => readonly string[]): readonly string[] => {
    try {
      return make();
    } catch {
      return [];
    }
  };
  const oldGate = processors.map(() =>
    requirementsOf(() => {
      throw new TypeError('missing 1 required positional argument');
    }),
  );
  expect(oldGate.flat()).toEqual([]);
  const held = (withheld: readonly string[]): string[] =>
    processors.flatMap(({ name }) =>
      withheld.some((said) => said.startsWith(`${name} cannot run: `)) ? [name] : [],
    );
  expect(held(publish(empty).withheld)).toEqual(processors.map(({ name }) => name));
  expect(held(publish(night).withheld)).toEqual([]);
});

it('incident 11: a verification that joins on another date finds nothing in a known bad night; ours does, and nothing in a good one', () => {
  const good = published(goodNight(2), offense, defense, player);
  const bad = change(good, 'player_game_summary', (row) => row.is_dnp, { points: 0, minutes_played: 0 });
  const cached = bad.rows.player_game_summary;
  const oldFindings = cached.filter(
    (row) =>
      row.is_dnp &&
      row.points !== null &&
      cached.some(
        (other) =>
          other.player_lookup === row.player_lookup && other.game_date === addDays(row.game_date, -1),
      ),
  );
  expect(cached.some((row) => row.is_dnp && row.points !== null)).toBe(true);
  expect(oldFindings).toEqual([]);
  expect(judgeCurrent(processorOf(player), bad)).toMatchObject({ kind: 'rows' });
  expect(judgeCurrent(processorOf(player), good)).toBeNull();
});

it('incident 16: columns under other names break every run; ours is refused at its start, and the column named', () => {
  const table = tableOf('nbac_team_boxscore');
  const { fields } = tableMetadata(table).schema as { fields: { name: string; type: string }[] };
  const renamed = fields.map((field) =>
    field.name === 'fg_percentage' ? { ...field, name: 'fg_pct' } : field,
  );
  // What read the old name had nothing, row after row.
  const stored = night.nbac_team_boxscore.map(({ fg_percentage: value, ...row }): Row => ({
    ...row,
    fg_pct: value ?? null,
  }));
  expect(new Set(stored.map((row) => row['fg_percentage']))).toEqual(new Set([undefined]));
  expect(schemaFaults(table, { schema: { fields: renamed } })).toEqual([
    'has no column fg_percentage (FLOAT64)',
  ]);
  expect(schemaFaults(table, { schema: { fields } })).toEqual([]);
});

it('incident 19: rows that are refused are sent again and again, and written each time; ours are acknowledged at once', async () => {
  const written: number[] = [];
  /** Delivers one message until it is acknowledged, or five times. */
  const deliveriesTo = async (answer: () => number): Promise<number> => {
    const server = createServer((request, response) => {
      void text(request).then(() => response.writeHead(answer()).end('{}'));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const subscription = new PushSubscription({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/process`,
      ...{ speed: 100_000, ackDeadlineSeconds: 600, minimumBackoffSeconds: 300, maximumBackoffSeconds: 600 },
      ...{ ackDeadlineMs: 10_000, maxDeliveryAttempts: 5, duplicateShare: 0, disorderShare: 0, seed: 1 },
    });
    subscription.publish({ output_table: 'nba_raw.nbac_gamebook_player_stats', game_date: gameDate });
    await subscription.drained(20_000);
    await subscription.close();
    server.closeAllConnections();
    server.close();
    return subscription.deliveries.length;
  };
  // It wrote first, counted afterwards, and answered 500 where the count was not exact: the next time it was less so.
  const expectedRows = 126;
  const old = (): number => (written.push(348) && written.at(-1) !== expectedRows ? 500 : 200);
  expect(await deliveriesTo(old)).toBe(5);
  expect(written).toHaveLength(5);
  const quarantined = {
    [offense]: 'quarantined',
    [defense]: 'quarantined',
    [player]: 'quarantined',
  } as const;
  const reply = {
    requestId: 'r',
    gameDate,
    state: 'quarantined',
    summary: '',
    outcomes: quarantined,
  } as const;
  const outlook = {
    ...{ gameDate, runState: 'quarantined', levels: [], results: {}, open: [], running: [], gate: null },
    ...{ deadline: null, pending: [], answers: [reply] },
  } as const;
  const answer = answerOf(outlook as unknown as Parameters<typeof answerOf>[0], {
    requestId: 'r',
    source: 'nbac_gamebook_player_stats',
    processors: null,
  });
  expect(answer?.body).toMatchObject({ status: 'quarantined', warning: expect.any(String) as string });
  expect(await deliveriesTo(() => answer?.httpStatus ?? 500)).toBe(1);
});

it('incident 20: a mark that is set before its transaction makes a duplicate of everybody; ours is recorded once, however often it is said', async () => {
  // The tracker wrote its document first, and the transaction then found it there.
  const marks = new Set<string>();
  const complete = (name: string): 'counted' | 'duplicate' => {
    marks.add(name);
    return marks.has(name) ? 'duplicate' : 'counted';
  };
  expect(processors.map(({ name }) => complete(name))).not.toContain('counted');

  const { warehouse, close } = await inMemory();
  try {
    await warehouse.ensureTables();
    const at = '2017-04-17T08:00:00.000Z';
    await warehouse.claimDate({ gameDate, runId: 'run', pass: 1 }, at);
    const request = {
      ...{ gameDate, runId: 'run', pass: 1, workflowId: `phase3/${gameDate}`, state: 'published' },
      ...{ requests: [], results: [], probes: 0, waitedMs: 0, journal: [], startedAt: at, endedAt: at },
    } as unknown as RecordPassRequest;
    const record = (): ReturnType<typeof recordPass> =>
      recordPass(request, {
        ...{ warehouse, clock: () => new Date(at), build: null, keepVersions: 5 },
        log: { warn: () => undefined },
      });
    const first = await record();
    expect(await record()).toEqual(first);
    const { run_history: passes } = await warehouse.readDate(gameDate, ['run_history']);
    expect(passes).toMatchObject([{ run_id: 'run', pass: 1, state: 'published' }]);
  } finally {
    await close();
  }
});

it('incident 24: a retry around a whole save inserts twice when the answer of the commit is lost; ours is one version', async () => {
  const stored: Row[] = [];
  const rows = published(goodNight(2), offense).rows.team_offense_game_summary;
  let isLost = true;
  const oldSave = (): void => {
    stored.push(...rows);
    if (!isLost) return;
    isLost = false;
    throw new Error('503 after the commit');
  };
  expect(oldSave).toThrow('503');
  oldSave();
  expect(stored).toHaveLength(2 * rows.length);

  const { warehouse, close } = await inMemory();
  try {
    await warehouse.ensureTables();
    for (const [table, given] of Object.entries(night))
      await warehouse.loadRows(
        table,
        (async function* () {
          yield given;
        })(),
      );
    const at = '2017-04-17T08:00:00.000Z';
    await warehouse.claimDate({ gameDate, runId: 'run', pass: 1 }, at);
    const losing = replacing(warehouse, {
      publish: async (request) => {
        await warehouse.publish(request);
        throw new WarehouseError('unavailable', '503 after the commit');
      },
    });
    const save = (attempt: number, to: Warehouse): ReturnType<typeof runProcessor> =>
      runProcessor(
        {
          ...{ gameDate, runId: 'run', pass: 1, processor: offense, liveVersion: 0 },
          policy: policyNow(defaultPolicySettings, {}, () => new Date(at)),
        },
        {
          ...{ warehouse: to, versions: {}, build: unbuilt, attempt },
          ...{ clock: () => new Date(at), isGivenUp: () => false },
        },
      );
    await expect(save(1, losing)).rejects.toThrow('503');
    expect(await save(2, warehouse)).toMatchObject({
      result: { outcome: 'published', version: 1, rowCount: 8 },
    });
    const found = await warehouse.readDate(gameDate, ['partition_manifest', 'team_offense_game_summary']);
    expect([found.partition_manifest.length, found.team_offense_game_summary.length]).toEqual([1, 8]);
  } finally {
    await close();
  }
});

function running(name: string, build: string, behindMain = 0): RunningProcess {
  return { name, build, behindMain, sources: null, schema: null, lock: null };
}

it('incident 22: a deployment that moved no traffic looks done by what was deployed; ours is told by what runs', () => {
  // Labels of what was deployed were held against the newest commit, whatever ran.
  const oldDrift = (deployed: string, head: string): string[] => (deployed === head ? [] : [deployed]);
  const traffic = [running('cli', 'new'), running('worker', 'old'), running('gateway', 'old')];
  expect(oldDrift('new', 'new')).toEqual([]);
  expect(driftOf({ processes: traffic, current: 'new', open: [], polled: [] })).toEqual([
    'The worker is of build old, and new is current.',
    'The gateway is of build old, and new is current.',
  ]);
  const moved = traffic.map(({ name }) => running(name, 'new'));
  expect(driftOf({ processes: moved, current: 'new', open: [], polled: [] })).toEqual([]);
});

it('incident 32: a fix that is committed and not deployed is seen by nobody; ours is named process by process', () => {
  // The services answered that they were well, and that was all that was asked of them.
  const healthy = { status: 'healthy' };
  expect(healthy).not.toHaveProperty('build');
  const processes = ['cli', 'worker', 'gateway'].map((name) =>
    running(name, name === 'cli' ? 'fix' : 'before', 3),
  );
  expect(driftOf({ processes, current: 'before', open: [], polled: [] })).toEqual([
    'This command is of build fix, and before is current.',
  ]);
});

it('incident 23: a date that is skipped since its inputs are like another’s is missing; ours is current only where its own rows are live', () => {
  const rowsOnly = (of: typeof night): string =>
    JSON.stringify(
      of.nbac_team_boxscore.map(({ points, fg_made: made, turnovers }) => [points, made, turnovers]),
    );
  const later = movedTo(night, '2017-04-26');
  // The hash of the inputs was the same, so the processor had nothing to do.
  expect(rowsOnly(later)).toBe(rowsOnly(night));
  const live = published(goodNight(2), offense);
  expect(judgeCurrent(processorOf(offense), live)).toBeNull();
  const without = { ...live, rows: { ...live.rows, team_offense_game_summary: [] } };
  expect(judgeCurrent(processorOf(offense), without)).not.toBeNull();
  expect(judgeCurrent(processorOf(offense), { ...live, partition_manifest: [] })).not.toBeNull();
  expect([...publish(later).rows.keys()].some((key) => key.includes('2017-04-26'))).toBe(true);
});

it('incident 26: a lock that says "running" for hours holds all that follows; whatever of ours is under way says so every ten seconds', () => {
  const startedAt = Date.parse('2026-01-23T06:00:00Z');
  const oldLock = { status: 'running', startedAt };
  // Its holder had died, and the document said the same four hours later.
  expect([oldLock.status, (Date.parse('2026-01-23T10:00:00Z') - startedAt) / 3_600_000]).toEqual([
    'running',
    4,
  ]);
  const folder = join(__dirname, '..', 'replay', 'histories');
  const scheduled = readdirSync(folder).flatMap((name) =>
    activitiesIn(readFileSync(join(folder, name), 'utf8')),
  );
  expect(scheduled.length).toBeGreaterThan(100);
  const endless = scheduled.filter(
    ({ heartbeatTimeout, startToCloseTimeout }) =>
      !(seconds(heartbeatTimeout) <= 10 && seconds(startToCloseTimeout) <= 1_800),
  );
  expect(endless).toEqual([]);
});

interface Scheduled {
  readonly activityType?: { readonly name?: string };
  readonly heartbeatTimeout?: string;
  readonly startToCloseTimeout?: string;
}

function activitiesIn(json: string): Scheduled[] {
  const { history } = JSON.parse(json) as {
    history: { events: { activityTaskScheduledEventAttributes?: Scheduled }[] };
  };
  return history.events.flatMap(({ activityTaskScheduledEventAttributes: one }) => one ?? []);
}

function seconds(text = ''): number {
  return text === '0s' ? Infinity : Number(/^(\d+(?:\.\d+)?)s$/.exec(text)?.[1] ?? NaN);
}

it('incident 27: an answer of 200 on a failure is never sent again; ours is 500 wherever that would mend it', () => {
  const oldAnswer = (_: readonly string[]): number => 200;
  const answerTo = (offenseCame: string, playerCame: string): number | undefined => {
    const outcomes = { [offense]: offenseCame, [defense]: offenseCame, [player]: playerCame };
    const reply = { requestId: 'r', gameDate, state: 'failed', summary: '', outcomes };
    const outlook = {
      gameDate,
      results: {},
      levels: [],
      open: [],
      running: [],
      gate: null,
      pending: [],
      answers: [reply],
    };
    return answerOf(outlook as unknown as Parameters<typeof answerOf>[0], {
      ...{ requestId: 'r', source: 'nbac_gamebook_player_stats', processors: null },
    })?.httpStatus;
  };
  const mended: readonly (readonly [string, string])[] = [
    ['failed', 'failed'],
    ['failed', 'upstream_failed'],
  ];
  for (const came of mended) expect([oldAnswer(came), answerTo(...came)]).toEqual([200, 500]);
  expect(answerTo('published', 'published')).toBe(200);
});

it('incident 28: a look before the rows can be there is an alarm; ours says that nothing is due yet', () => {
  const [date, today] = ['2026-01-25', '2026-01-26'];
  const calendar = [
    {
      ...{ game_id: '0022500650', game_date: date, game_status: 3, game_status_text: 'Final' },
      ...{ home_team_tricode: 'CLE', away_team_tricode: 'IND', processed_at: '2026-01-26T05:00:00.000Z' },
    },
  ];
  const lateAt = (now: string): readonly string[] =>
    summaryOf(
      dueDates({
        ...{ calendar: calendar as unknown as Parameters<typeof dueDates>[0]['calendar'], history: [] },
        ...{ now, today, oldAfterDays: 2, neededBy: '17:00' },
      }),
      now,
    ).late;
  const rowsThere = 0;
  const oldAlarm = rowsThere === 0;
  expect(oldAlarm).toBe(true);
  // 10:20 and 17:01 in New York.
  expect(lateAt('2026-01-26T15:20:00.000Z')).toEqual([]);
  expect(lateAt('2026-01-26T22:01:00.000Z')).toEqual([date]);
});
