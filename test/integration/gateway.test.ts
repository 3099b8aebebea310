/** The whole table of outcomes of `POST /process` and `/process-date-range`: each answer is what is so, and no other. */
import { randomUUID } from 'node:crypto';
import { addDays } from '../../src/contracts/game-date';
import { identityOf } from '../../src/contracts/identity';
import type { TableName } from '../../src/tables/catalogue';
import { WarehouseError } from '../../src/warehouse/errors';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { envelope, startGateway, type Answered, type TestGateway } from '../support/gateway';
import { latch } from '../support/latch';
import { demoNight, movedTo, type Night } from '../support/nights';
import { Rig } from '../support/rig';
import { losing, replacing } from '../support/wrap-warehouse';

const night = demoNight('2017-04-15');
const once = { team_offense_game_summary: 1, team_defense_game_summary: 1, player_game_summary: 1 };
const offense = 'TeamOffenseGameSummaryProcessor';
const defense = 'TeamDefenseGameSummaryProcessor';
const player = 'PlayerGameSummaryProcessor';
let rig: Rig;
let gateway: TestGateway;
let day = 0;

/** A date of its own for each test. */
function nextDate(): string {
  day += 1;
  return new Date(Date.UTC(2017, 5, day)).toISOString().slice(0, 10);
}

beforeAll(async () => {
  rig = await Rig.open();
  await rig.startWorker();
  gateway = await startGateway(rig);
});
afterAll(async () => {
  await gateway.close();
  await rig.close();
});

function news(gameDate: string, more: object = {}): object {
  return { source_table: 'nbac_gamebook_player_stats', game_date: gameDate, ...more };
}

function process(body: object, through: TestGateway = gateway): Promise<Answered> {
  return through.post('/process', body);
}

function outcomesOf({ body }: Answered): Record<string, string> {
  const results = body['results'] as { processor: string; outcome: string }[];
  return Object.fromEntries(results.map(({ processor, outcome }) => [processor, outcome]));
}

async function loadWithout(table: keyof Night, gameDate: string): Promise<Night> {
  const whole = movedTo(night, gameDate);
  await rig.loadNight({ ...whole, [table]: [] });
  return whole;
}

/** No rows of these tables can be staged, for good. */
function failing(...tables: TableName[]): (warehouse: Warehouse) => Warehouse {
  return (warehouse) =>
    replacing(warehouse, {
      stage: async (request) => {
        if (tables.includes(request.table))
          throw new WarehouseError('contract_broken', `${request.table} cannot be staged`);
        return warehouse.stage(request);
      },
    });
}

describe('POST /process', () => {
  test('200 completed, with what came of each processor; then 200 unchanged, whoever asks', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    const answer = await process(news(gameDate, { correlation_id: 'night-1' }));
    expect(answer).toMatchObject({
      status: 200,
      body: {
        ...{ status: 'completed', game_date: gameDate, source_table: 'nbac_gamebook_player_stats' },
        ...{ processors_run: 3, processors_succeeded: 3, correlation_id: 'night-1' },
      },
    });
    expect(outcomesOf(answer)).toEqual({
      [offense]: 'published',
      [defense]: 'published',
      [player]: 'published',
    });
    expect(answer.body['results']).toContainEqual(
      expect.objectContaining({ processor: player, version: 1, row_count: 89, missing: [] }),
    );
    const push = await process(
      envelope({ output_table: 'nba_raw.nbac_team_boxscore', game_date: gameDate }, 'again'),
    );
    expect(push).toMatchObject({
      status: 200,
      body: { status: 'unchanged', request_id: 'pubsub/nbac_team_boxscore/again' },
    });
    expect(await rig.versions(gameDate)).toEqual(once);
  });

  test('messages that come within a moment go to their date together, and each is a request of its own', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    const ids = Array.from({ length: 30 }, (_, index) => `burst-${index}`);
    const startedAt = performance.now();
    const answers = await Promise.all(ids.map((id) => process(envelope(news(gameDate), id))));
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(['completed', 'unchanged']).toContain(body['status']);
    }
    expect(answers.map(({ body }) => body['request_id'])).toEqual(
      ids.map((id) => `pubsub/nbac_gamebook_player_stats/${id}`),
    );
    const runs = new Set(answers.map(({ body }) => String(body['run_id'])));
    const { run_history: passes } = await rig.warehouse.readDate(gameDate, ['run_history']);
    const recorded = passes.flatMap(
      ({ requests }) => JSON.parse(requests) as { request_id: string; by: string }[],
    );
    expect(recorded.map(({ request_id: id }) => id).sort()).toEqual(
      ids.map((id) => `pubsub/nbac_gamebook_player_stats/${id}`).sort(),
    );
    let signals = 0;
    for (const runId of runs) {
      const { events } = await rig.raw.workflow
        .getHandle(identityOf(null).dateWorkflowId(gameDate), runId)
        .fetchHistory();
      signals += (events ?? []).filter(({ workflowExecutionSignaledEventAttributes: it }) => it).length;
    }
    // One a second at the most, however long a busy machine takes to send them all.
    const lasted = performance.now() - startedAt;
    expect(signals).toBeLessThanOrEqual(2 + lasted / 1_000);
    expect(signals).toBeLessThan(ids.length);
    expect(await rig.versions(gameDate)).toEqual(once);
  });

  test('200 no_processors: a table that sets off nothing starts nothing', async () => {
    const gameDate = nextDate();
    for (const table of ['nbac_schedule', 'nba_raw.odds_api_lines', 'elsewhere.nbac_team_boxscore'])
      expect(await process({ output_table: table, game_date: gameDate })).toMatchObject({
        status: 200,
        body: {
          ...{ status: 'no_processors', source_table: table },
          message: expect.stringMatching(
            / triggers no processor\. Tables that do: .*nbac_team_boxscore/,
          ) as string,
        },
      });
    expect(await rig.client.state(gameDate)).toBeNull();
  });

  test('200 skipped: an upstream that has failed starts nothing, and a day without games has nothing to do', async () => {
    const gameDate = nextDate();
    for (const more of [{ status: 'failed' }, { success: false }, { status: 'no_data' }])
      expect(await process(news(gameDate, more))).toMatchObject({ status: 200, body: { status: 'skipped' } });
    expect(await rig.client.state(gameDate)).toBeNull();

    // The schedule is known, and has no game on this day.
    await rig.load('nbac_schedule', movedTo(night, addDays(gameDate, 1)).nbac_schedule);
    const answer = await process(news(gameDate, { record_count: 0 }));
    expect(answer).toMatchObject({ status: 200, body: { status: 'skipped' } });
    expect(outcomesOf(answer)).toMatchObject({ [offense]: 'skipped' });
    // Rows of games that the schedule does not have: one of the two is wrong.
    expect(await process(news(gameDate, { record_count: 8 }))).toMatchObject({
      status: 500,
      body: {
        status: 'dependency_not_ready',
        missing_dependencies: ['nbac_schedule'],
        message: expect.stringContaining(`it has no game on ${gameDate}, but request `) as string,
      },
    });
  });

  test('500 dependency_not_ready as soon as the gate has said so, with its evidence; the retry finds the work done', async () => {
    const gameDate = nextDate();
    const whole = await loadWithout('nbac_team_boxscore', gameDate);
    const message = envelope(news(gameDate), 'late-rows', { deliveryAttempt: 1 });
    const answer = await process(message);
    expect(answer).toMatchObject({
      status: 500,
      body: {
        status: 'dependency_not_ready',
        processor: offense,
        missing_dependencies: ['nbac_team_boxscore'],
        details: {
          nbac_team_boxscore: { found: 0, expected_min: 2, status: 'insufficient_data' },
          nbac_schedule: { status: 'ready' },
        },
        retry_after: '5 minutes',
        also_waiting: [{ processor: defense, missing_dependencies: ['nbac_team_boxscore'] }],
      },
    });
    expect(answer.headers.get('retry-after')).toBe('300');
    expect(answer.body['missing_games']).toHaveLength(4);
    expect(Date.parse(String(answer.body['next_probe_at']))).toBeGreaterThan(Date.now());
    expect(Date.parse(String(answer.body['deadline']))).toBeGreaterThan(Date.now());

    // The gate has an hour of patience left, and looks again because of the redelivery.
    await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
    expect(await process(message)).toMatchObject({ status: 200, body: { status: 'completed' } });
    expect(await process(message)).toMatchObject({ status: 200 });
    expect(await rig.versions(gameDate)).toEqual(once);
  });

  test('a redelivery is told what a look since then has found, and not what one before it had', async () => {
    const gameDate = nextDate();
    const whole = await loadWithout('nbac_team_boxscore', gameDate);
    const message = envelope(news(gameDate), 'half-of-it');
    const found = (rows: number): object => ({
      status: 500,
      body: { details: { nbac_team_boxscore: { found: rows, status: 'insufficient_data' } } },
    });
    expect(await process(message)).toMatchObject(found(0));
    const [first] = whole.nbac_team_boxscore;
    await rig.load('nbac_team_boxscore', first ? [first] : []);
    expect(await process(message)).toMatchObject(found(1));
    const state = await rig.until(gameDate, ({ gate }) => (gate?.probes ?? 0) >= 2);
    expect(state.gate?.verdicts[0]?.missingGames).toHaveLength(4);
    expect(state.pass).toBe(1);
  });

  test('500 dependency_not_ready with the error where the check itself fails: never a pass', async () => {
    const gameDate = nextDate();
    await loadWithout('nbac_team_boxscore', gameDate);
    let isAway = false;
    await rig.startWorker({
      wrapWarehouse: (warehouse) =>
        replacing(warehouse, {
          readDate: async (date, tables) => {
            if (isAway && tables.some((table) => table === 'nbac_schedule'))
              throw new WarehouseError('unavailable', 'game_status cannot be read');
            return warehouse.readDate(date, tables);
          },
        }),
    });
    await process(news(gameDate));
    isAway = true;
    expect(await process(news(gameDate))).toMatchObject({
      status: 500,
      body: {
        status: 'dependency_not_ready',
        processor: offense,
        missing_dependencies: ['nbac_schedule', 'nbac_team_boxscore'],
        details: {
          nbac_schedule: { status: 'check_failed', error: expect.stringContaining('game_status') as string },
        },
      },
    });
    await rig.startWorker();
  });

  test('500 failed with the sentence where the warehouse is not what it should be: asking again mends nothing', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    await rig.startWorker({
      wrapWarehouse: (warehouse) =>
        replacing(warehouse, {
          claimDate: async () => {
            throw new WarehouseError('contract_broken', 'column game_status is gone');
          },
        }),
    });
    expect(await process(news(gameDate))).toMatchObject({
      status: 500,
      body: { status: 'failed', message: expect.stringContaining('column game_status is gone') as string },
    });
    await rig.startWorker();
  });

  test('what others wait for is no answer to a request that has all it needs', async () => {
    const gameDate = nextDate();
    await loadWithout('nbac_gamebook_player_stats', gameDate);
    expect(await process(news(gameDate))).toMatchObject({
      status: 500,
      body: { processor: player, missing_dependencies: ['nbac_gamebook_player_stats'] },
    });
    const answer = await process({ source_table: 'nbac_team_boxscore', game_date: gameDate });
    // The pass that has published them is the one that waits.
    expect(answer).toMatchObject({ status: 200, body: { status: 'completed' } });
    expect(outcomesOf(answer)).toEqual({ [offense]: 'published', [defense]: 'published' });
    await rig.until(gameDate, ({ runState }) => runState === 'waiting');
    await rig.keepHistory('interrupted', identityOf(null).dateWorkflowId(gameDate));
  });

  test('200 blocked with a warning past the deadline, on every delivery: no retry storm', async () => {
    const gameDate = nextDate();
    // From whole players a team row would be rebuilt at the deadline.
    const { nbac_schedule: scheduled } = movedTo(night, gameDate);
    await rig.load('nbac_schedule', scheduled);
    await rig.startWorker({ policy: { firstWaitMs: 200, deadlineMs: 1_500 } });
    const message = envelope(news(gameDate), 'too-late');
    expect(await process(message)).toMatchObject({ status: 500, body: { status: 'dependency_not_ready' } });
    await rig.until(gameDate, ({ runState }) => runState === 'blocked');
    for (let delivery = 2; delivery <= 3; delivery += 1) {
      const answer = await process(message);
      expect(answer).toMatchObject({
        status: 200,
        body: { status: 'blocked', warning: expect.stringContaining('acknowledged') as string },
      });
      expect(outcomesOf(answer)).toMatchObject({ [offense]: 'blocked', [player]: 'blocked' });
    }
    await rig.startWorker();
  });

  test('200 blocked at once in backfill mode, which does not wait', async () => {
    const gameDate = nextDate();
    await loadWithout('nbac_team_boxscore', gameDate);
    expect(await process(news(gameDate, { backfill_mode: true }))).toMatchObject({
      status: 200,
      body: { status: 'blocked', warning: expect.any(String) as string },
    });
    expect(await rig.versions(gameDate)).toEqual({});
  });

  test('202 running only while processors run past the wait; sent again, it is told the end', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    const door = latch();
    await rig.startWorker({
      wrap: (activities) => ({
        ...activities,
        buildPlayerGameSummary: async (...given) => {
          await door.opened;
          return activities.buildPlayerGameSummary!(...given);
        },
      }),
    });
    const hasty = await startGateway(rig, { settings: { waitMs: 2_000 } });
    try {
      const message = envelope(news(gameDate), 'slow');
      const patient = process(message);
      // Between two levels nothing runs, so nothing can be said to.
      await rig.until(gameDate, ({ gate }) =>
        Boolean(gate?.verdicts.some(({ processor, canRun }) => processor === player && canRun)),
      );
      expect(await process(message, hasty)).toMatchObject({
        status: 202,
        body: { status: 'running', state: 'running', processors: [offense, defense, player] },
      });
      door.open();
      expect(await patient).toMatchObject({ status: 200, body: { status: 'completed' } });
      expect(await process(message)).toMatchObject({ status: 200 });
    } finally {
      door.open();
      await hasty.close();
    }
    expect(await rig.versions(gameDate)).toEqual(once);
    await rig.startWorker();
  });

  test('202 accepted where nothing is to be waited for, and the work goes on', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    const hasty = await startGateway(rig, { settings: { waitMs: 0 } });
    expect(await process(news(gameDate), hasty)).toMatchObject({ status: 202, body: { status: 'accepted' } });
    await hasty.close();
    await rig.until(gameDate, ({ runState }) => runState === 'published');
  });

  test('500 dependency_failure: the offence failed, so the players were not started', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    await rig.startWorker({ wrapWarehouse: failing('team_offense_game_summary') });
    const message = envelope(news(gameDate), 'offence-fails');
    const answer = await process(message);
    expect(answer).toMatchObject({ status: 500, body: { status: 'dependency_failure' } });
    expect(outcomesOf(answer)).toMatchObject({ [offense]: 'failed', [player]: 'upstream_failed' });
    // Mended, the redelivery builds what is owed.
    await rig.startWorker();
    expect(await process(message)).toMatchObject({ status: 200, body: { status: 'completed' } });
    expect(await rig.versions(gameDate)).toEqual(once);
  });

  test('200 partial_failure: some are published, and a redelivery would not mend the others', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    await rig.startWorker({ wrapWarehouse: failing('team_defense_game_summary') });
    const answer = await process(news(gameDate));
    expect(answer).toMatchObject({
      status: 200,
      body: {
        ...{ status: 'partial_failure', processors_run: 3, processors_succeeded: 2 },
        warning: expect.stringContaining('acknowledged') as string,
      },
    });
    expect(outcomesOf(answer)).toMatchObject({ [defense]: 'failed', [player]: 'published' });
    await rig.startWorker();
  });

  test('what has failed is tried again by its redelivery, though something else keeps the run open', async () => {
    const gameDate = nextDate();
    const whole = movedTo(night, gameDate);
    // The defence is quarantined, since its rows come back doubled, and the offence cannot be staged.
    await rig.loadNight(whole);
    await rig.startWorker({
      wrapWarehouse: (warehouse) =>
        replacing(warehouse, {
          stage: async (request) => {
            if (request.table === 'team_offense_game_summary')
              throw new WarehouseError('contract_broken', 'it cannot be staged');
            const staged = await warehouse.stage(request);
            return request.table === 'team_defense_game_summary' ? [...staged, ...staged] : staged;
          },
        }),
    });
    const message = envelope(news(gameDate), 'fails-beside-others');
    const failed = await process(message);
    expect(failed).toMatchObject({ status: 500, body: { status: 'dependency_failure' } });
    expect(outcomesOf(failed)).toMatchObject({ [offense]: 'failed', [defense]: 'quarantined' });
    const known = await rig.client.state(gameDate);
    expect(known?.isOpen).toBe(true);
    await rig.startWorker();
    expect(await process(message)).toMatchObject({ status: 200, body: { status: 'completed' } });
    expect(await rig.versions(gameDate)).toEqual(once);
    await rig.keepHistory('again-after-failure', identityOf(null).dateWorkflowId(gameDate));
  });

  test('500 failed: nothing succeeded', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    await rig.startWorker({
      wrapWarehouse: failing('team_offense_game_summary', 'team_defense_game_summary'),
    });
    expect(await process({ source_table: 'nbac_team_boxscore', game_date: gameDate })).toMatchObject({
      status: 500,
      body: { status: 'failed', processors_run: 2, processors_succeeded: 0 },
    });
    await rig.startWorker();
  });

  test('200 quarantined with a warning: the same rows would be refused again', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    // What is read back is not what was built.
    await rig.startWorker({ wrapWarehouse: losing('player_game_summary') });
    const both = await process(news(gameDate));
    expect(both).toMatchObject({ status: 200, body: { status: 'partial_failure' } });
    expect(outcomesOf(both)).toMatchObject({ [offense]: 'published', [player]: 'quarantined' });
    expect(await process({ source_table: 'nbac_injury_report', game_date: gameDate })).toMatchObject({
      status: 200,
      body: { status: 'quarantined', warning: expect.any(String) as string },
    });
    await rig.startWorker();
  });

  test('200 cancelled: whoever decided it is not asked again by Pub/Sub', async () => {
    const gameDate = nextDate();
    await loadWithout('nbac_team_boxscore', gameDate);
    await rig.startWorker({ wrapWarehouse: slowly });
    const held = process(envelope(news(gameDate), 'cancelled'));
    await rig.until(gameDate, ({ pending }) => pending.length > 0);
    await rig.client.cancel({ gameDate, by: 'ana', reason: 'the season is cancelled' });
    expect(await held).toMatchObject({
      status: 200,
      body: { status: 'cancelled', warning: expect.any(String) as string },
    });
    await rig.startWorker();
  });

  test('one message many times at once is one request, and ten messages at once are one version', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    const same = envelope(news(gameDate), 'many-times');
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, () => process(same)),
      ...Array.from({ length: 10 }, (_, index) => process(envelope(news(gameDate), `another-${index}`))),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.slice(0, 10).map(({ body }) => body['request_id']))).toEqual(
      new Set(['pubsub/nbac_gamebook_player_stats/many-times']),
    );
    expect(await rig.versions(gameDate)).toEqual(once);
    expect(gateway.watch.size).toBe(0);
  });

  test('400 for what can never succeed, on record with every fault; its redelivery is acknowledged', async () => {
    const bad = envelope({ game_date: '2017-02-30', backfill_mode: 'yes' }, 'never', { deliveryAttempt: 1 });
    const answer = await process(bad);
    expect(answer).toMatchObject({ status: 400, body: { status: 'bad_request', message_id: 'never' } });
    const { faults } = answer.body;
    expect(faults).toMatchObject([
      {
        code: 'wrong_value',
        field: 'game_date',
        message: expect.stringMatching(/^game_date is "2017-02-30"/),
      },
      { code: 'wrong_type', field: 'backfill_mode' },
      { code: 'missing', field: 'output_table' },
    ]);
    for (let delivery = 2; delivery <= 3; delivery += 1)
      expect(await process(bad)).toMatchObject({ status: 200, body: { status: 'dead_lettered', faults } });
    // The day in New York on which it was published.
    const { dead_letter: rows } = await rig.warehouse.readDate('2017-04-16', ['dead_letter']);
    expect(rows).toEqual([
      expect.objectContaining({
        ...{ game_date: '2017-04-16', message_id: 'never', delivery_attempt: 1, principal: 'tester' },
        ...{ subscription: 'projects/p/subscriptions/phase3', faults: JSON.stringify(faults) },
      }),
    ]);
    expect(JSON.parse(rows[0]?.message ?? '')).toEqual((bad as { message: unknown }).message);
  });

  test('503 without a worker: the request is kept, and the redelivery joins it', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    await rig.stopWorker();
    const hasty = await startGateway(rig, { settings: { waitMs: 500 } });
    const message = envelope(news(gameDate), 'nobody-there');
    const answer = await process(message, hasty);
    await hasty.close();
    expect(answer).toMatchObject({
      status: 503,
      body: { status: 'unavailable', request_id: 'pubsub/nbac_gamebook_player_stats/nobody-there' },
    });
    expect(answer.headers.get('retry-after')).toBe('10');
    await rig.startWorker();
    expect(await process(message)).toMatchObject({ status: 200 });
    expect(await rig.versions(gameDate)).toEqual(once);
  });

  test('a worker that is away for a while costs no more than that', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    await rig.stopWorker();
    const held = process(envelope(news(gameDate), 'worker-away'));
    // A question that nobody answers is given up after some seconds.
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    await rig.startWorker();
    expect(await held).toMatchObject({ status: 200, body: { status: 'completed' } });
  });

  test('503 while the gate has said nothing: no processor runs, and nothing is acknowledged', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    await rig.startWorker({ wrapWarehouse: slowly });
    const hasty = await startGateway(rig, { settings: { waitMs: 500 } });
    const message = envelope(news(gameDate), 'not-judged');
    expect(await process(message, hasty)).toMatchObject({ status: 503, body: { status: 'unavailable' } });
    await hasty.close();
    expect(await process(message)).toMatchObject({ status: 200, body: { status: 'completed' } });
    await rig.startWorker();
  });

  test('an id of one topic is none of another', async () => {
    const gameDate = nextDate();
    const whole = await loadWithout('nbac_team_boxscore', gameDate);
    const teams = envelope({ source_table: 'nbac_team_boxscore', game_date: gameDate }, 'same-id');
    expect(await process(teams)).toMatchObject({ status: 500, body: { processor: offense } });
    await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
    expect(outcomesOf(await process(envelope(news(gameDate), 'same-id')))).toMatchObject({
      [player]: 'published',
    });
  });

  test('503 where the run was terminated: it holds no answer, and the redelivery starts another', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    await rig.startWorker({ wrapWarehouse: slowly });
    const message = envelope(news(gameDate), 'terminated');
    const held = process(message);
    await rig.until(gameDate, ({ pending }) => pending.length > 0);
    await rig.raw.workflow.getHandle(identityOf(null).dateWorkflowId(gameDate)).terminate('by hand');
    expect(await held).toMatchObject({ status: 503, body: { status: 'unavailable' } });
    await rig.startWorker();
    expect(await process(message)).toMatchObject({ status: 200, body: { status: 'completed' } });
  });
});

/** A check that takes as long as a test needs to do something meanwhile. */
function slowly(warehouse: Warehouse): Warehouse {
  const pause = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 1_500));
  return replacing(warehouse, {
    claimDate: async (token, at, tables) => {
      await pause();
      return warehouse.claimDate(token, at, tables);
    },
    readDate: async (date, tables) => {
      if (tables.some((table) => table === 'nbac_schedule')) await pause();
      return warehouse.readDate(date, tables);
    },
  });
}

test('POST /dates/{date}/rerun rebuilds unchanged rows with force, and the audit says so', async () => {
  const gameDate = nextDate();
  await rig.loadNight(movedTo(night, gameDate));
  expect(await process(news(gameDate))).toMatchObject({ status: 200, body: { status: 'completed' } });
  const reason = 'the figures of the first version are in doubt';
  const rerun = async (body: object): Promise<void> => {
    const before = (await rig.warehouse.readDate(gameDate, ['run_history'])).run_history.length;
    const answer = await gateway.post(`/dates/${gameDate}/rerun`, { reason, ...body });
    expect(answer).toMatchObject({ status: 202, body: { status: 'accepted' } });
    await rig.until(gameDate, ({ runState }) => ['published', 'unchanged'].includes(runState));
    while ((await rig.warehouse.readDate(gameDate, ['run_history'])).run_history.length === before)
      await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await rerun({ force: false });
  expect(await rig.versions(gameDate)).toEqual(once);
  await rerun({ processors: [player], force: true });
  expect(await rig.versions(gameDate)).toEqual({ ...once, player_game_summary: 2 });
  const { bypass_audit: entries } = await rig.warehouse.readDate(gameDate, ['bypass_audit']);
  expect(entries.map(({ kind, evidence }) => [kind, JSON.parse(evidence) as unknown])).toEqual([
    ['rerun', expect.not.objectContaining({ force: expect.anything() as unknown })],
    ['rerun', expect.objectContaining({ processors: [player], force: true })],
  ]);
});

describe('POST /process-date-range', () => {
  const range = (
    from: string,
    to: string,
    more: object = {},
    through: TestGateway = gateway,
  ): Promise<Answered> => through.post('/process-date-range', { start_date: from, end_date: to, ...more });

  test("200 completed with each date's outcome, with only the processors that are named, in their order", async () => {
    const [a, b] = [nextDate(), nextDate()];
    for (const gameDate of [a, b]) await rig.loadNight(movedTo(night, gameDate));
    const answer = await range(a, b, { processors: [player, offense], skip_downstream_trigger: true });
    expect(answer).toMatchObject({
      status: 200,
      body: { status: 'completed', date_range: `${a} to ${b}`, dates: 2, dates_succeeded: 2 },
    });
    expect(answer.body['results']).toMatchObject([
      { game_date: a, status: 'completed', processors_succeeded: 2 },
      { game_date: b, status: 'completed', processors_succeeded: 2 },
    ]);
    expect(await rig.versions(a)).toEqual({ team_offense_game_summary: 1, player_game_summary: 1 });
    expect(await range(a, b, { processors: [offense] })).toMatchObject({
      status: 200,
      body: { status: 'unchanged' },
    });
  });

  test('500 and not 200 where nothing went well; 200 partial_failure where something did', async () => {
    const [good, blocked, other] = [nextDate(), nextDate(), nextDate()];
    await rig.loadNight(movedTo(night, good));
    await loadWithout('nbac_team_boxscore', blocked);
    await loadWithout('nbac_team_boxscore', other);
    const some = await range(good, other, { backfill_mode: true });
    expect(some).toMatchObject({ status: 200, body: { status: 'partial_failure', dates_succeeded: 1 } });
    expect(some.body['results']).toMatchObject([
      { status: 'completed' },
      { status: 'blocked' },
      { status: 'blocked' },
    ]);
    expect(await range(blocked, other, { backfill_mode: true })).toMatchObject({
      status: 500,
      body: { status: 'blocked', dates_succeeded: 0 },
    });
  });

  test('500 dependency_not_ready as soon as every gate has said so', async () => {
    const gameDate = nextDate();
    await loadWithout('nbac_team_boxscore', gameDate);
    expect(await range(gameDate, gameDate)).toMatchObject({
      status: 500,
      body: {
        ...{
          status: 'dependency_not_ready',
          game_date: gameDate,
          processor: offense,
          retry_after: '5 minutes',
        },
        missing_dependencies: ['nbac_team_boxscore'],
        results: [{ status: 'dependency_not_ready', game_date: gameDate }],
      },
    });
  });

  test('500 too where more dates wait than are asked at once; those are not begun', async () => {
    const dates = Array.from({ length: 10 }, nextDate);
    for (const gameDate of dates) await loadWithout('nbac_team_boxscore', gameDate);
    const answer = await range(dates[0]!, dates[9]!);
    expect(answer).toMatchObject({
      status: 500,
      body: { status: 'dependency_not_ready', game_date: dates[0], processor: offense },
    });
    const results = answer.body['results'] as { status: string }[];
    expect(results.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 8 }, () => 'dependency_not_ready'),
      ...['accepted', 'accepted'],
    ]);
  });

  test('202 while dates run past the wait', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    await rig.startWorker({ wrapWarehouse: slowly });
    const hasty = await startGateway(rig, { settings: { waitMs: 300 } });
    expect(await range(gameDate, gameDate, {}, hasty)).toMatchObject({
      status: 202,
      body: { status: 'running', dates_running: 1, results: [{ status: 'running', game_date: gameDate }] },
    });
    await hasty.close();
    await rig.startWorker();
    await rig.until(gameDate, ({ runState }) => runState === 'published');
  });

  test('TOMORROW in New York can be named, and is skipped', async () => {
    expect(await range('TOMORROW', 'TOMORROW')).toMatchObject({
      status: 200,
      body: { status: 'skipped', results: [{ message: expect.stringContaining('in the future') as string }] },
    });
    expect(await range('YESTERDAY', 'TODAY', { backfill_mode: true })).toMatchObject({
      status: 500,
      body: { dates: 2, dates_succeeded: 0 },
    });
  });

  test('a range that is sent again finds the work done', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    const id = randomUUID();
    for (const status of ['completed', 'unchanged'])
      expect(await range(gameDate, gameDate, { correlation_id: id })).toMatchObject({
        status: 200,
        body: { status },
      });
    const { run_history: passes } = await rig.warehouse.readDate(gameDate, ['run_history']);
    expect(passes[0]?.requests).toContain(`"correlation_id":"${id}"`);
    expect(passes[0]?.requests).toContain('"by":"tester"');
  });
});
