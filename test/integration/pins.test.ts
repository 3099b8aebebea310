/** What was restored stays so, whatever its inputs become, until somebody unpins it: and downstream never stands on another. */
import type { Notification } from '../../src/contracts/notifications';
import { askDate } from '../../src/activities/ask-date';
import { identityOf } from '../../src/contracts/identity';
import { verifyChain } from '../../src/audit/chain';
import { liveManifests } from '../../src/contracts/manifests';
import { parsePin } from '../../src/contracts/pin';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import { tableOf } from '../../src/tables/catalogue';
import { countRows } from '../../src/versions/compare-versions';
import { previewRestore } from '../../src/versions/preview-restore';
import type { ManifestRow } from '../../src/tables/orchestration';
import type { Row } from '../../src/tables/define-table';
import { WarehouseError } from '../../src/warehouse/errors';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { dump, sql } from '../support/by-hand';
import { defense, offense, player } from '../support/fixtures';
import { holding } from '../support/latch';
import { demoNight, movedTo, type Night } from '../support/nights';
import { Rig, type WorkerOptions } from '../support/rig';
import { replacing } from '../support/wrap-warehouse';
import { findingsOf, verify } from '../support/verified';

const night = demoNight('2017-04-15');
const by = 'ana@example.org';
const reason = 'the corrected feed of this morning was wrong';
const tables = ['team_offense_game_summary', 'team_defense_game_summary', 'player_game_summary'] as const;
const policy = () => policyNow(defaultPolicySettings, {}, () => new Date());
let rig: Rig;
const told: Notification[] = [];

async function startWorker(options: WorkerOptions = {}): Promise<void> {
  const notify = async (notification: Notification): Promise<void> => {
    told.push(notification);
  };
  await rig.startWorker({ notify, ...options });
}

/** What the readers of the tables are told besides is another test's. */
const toldOf = (gameDate: string): string[] =>
  told.filter(({ subject, kind }) => subject === gameDate && kind !== 'recalled').map(({ kind }) => kind);

/** Turnovers of the team itself, of which no other source knows. */
const withTurnovers = (whole: Night, more: number): Row[] =>
  whole.nbac_team_boxscore.map((row) => ({ ...row, turnovers: Number(row['turnovers']) + more }));

interface Published {
  readonly gameDate: string;
  readonly whole: Night;
  readonly good: Record<string, Row[]>;
  readonly bad: Record<string, Row[]>;
  /** The instant between the two. */
  readonly before: string;
}

/** A date with two versions of every table: the second was built from a bad feed. */
async function publishedBadly(gameDate = rig.nextDate()): Promise<Published> {
  const whole = movedTo(night, gameDate);
  await rig.loadNight(whole);
  await done({ gameDate });
  const good = await rig.publishedNight(gameDate);
  const before = new Date(Date.now() + 1).toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await rig.load('nbac_team_boxscore', withTurnovers(whole, 5));
  await done({ gameDate });
  const bad = await rig.publishedNight(gameDate);
  for (const table of tables) expect(bad[table]).not.toEqual(good[table]);
  return { gameDate, whole, good, bad, before };
}

/** Runs a date until its run has closed. */
async function done(request: Parameters<Rig['run']>[0]) {
  const { accepted, ...found } = await rig.run(request);
  await rig.end(accepted);
  return found;
}

async function restored(request: Parameters<Rig['client']['restore']>[0]) {
  const accepted = await rig.client.restore(request);
  const found = await rig.answerTo(accepted);
  await rig.end(accepted);
  return { ...found, accepted };
}

async function manifests(gameDate: string): Promise<readonly ManifestRow[]> {
  return (await rig.warehouse.readDate(gameDate, ['partition_manifest'])).partition_manifest;
}

/** Live versions that say that they stand on another version than the live one. */
async function mixed(gameDate: string): Promise<string[]> {
  const live = liveManifests(await manifests(gameDate));
  const versions = new Map(live.map((one) => [one.table_name, one.version]));
  return live.flatMap((one) =>
    (JSON.parse(one.upstream_versions) as { table_name: string; version: number }[]).flatMap((upstream) =>
      versions.get(upstream.table_name) === upstream.version ? [] : [`${one.table_name} ${one.version}`],
    ),
  );
}

beforeAll(async () => {
  rig = await Rig.open();
  await startWorker();
});
afterAll(() => rig.close());

test('a bad night goes back as a whole; nothing brings it back; what moves is told once; an unpin builds the newest inputs', async () => {
  const { gameDate, whole, good, before } = await publishedBadly();
  const { answer, state } = await restored({ gameDate, before, by, reason });
  expect(answer.state).toBe('published');
  expect(await rig.publishedNight(gameDate)).toEqual(good);
  expect(await mixed(gameDate)).toEqual([]);
  for (const name of [offense, defense, player])
    expect(state.results[name]).toMatchObject({ version: 3, pin: { version: 1, by, questioned: null } });
  expect(toldOf(gameDate)).toEqual(['decided']);
  expect(findingsOf(await verify(rig.warehouse, { from: gameDate, to: gameDate }))).toEqual([]);

  // The bad feed is still there, and whoever asks gets what was pinned.
  expect((await done({ gameDate })).answer.state).toBe('unchanged');
  const { workflowId } = await rig.client.backfill({ from: gameDate, to: gameDate, concurrency: 1 });
  for await (const _ of rig.client.followBackfill(workflowId));
  await askDate(rig.raw, identityOf(null), {
    gameDate,
    message: { requestId: `nightly/${gameDate}`, kind: 'trigger', source: 'nbac_team_boxscore' },
  });
  await rig.until(gameDate, ({ answers }) =>
    answers.some(({ requestId }) => requestId.startsWith('nightly')),
  );
  const rerun = await rig.client.rerun({ gameDate, by, reason });
  expect((await rig.answerTo(rerun)).answer.state).toBe('unchanged');
  await rig.end(rerun);
  expect(await rig.versions(gameDate)).toEqual(Object.fromEntries(tables.map((table) => [table, 3])));
  expect(toldOf(gameDate)).toEqual(['decided']);

  await rig.load('nbac_team_boxscore', withTurnovers(whole, 1));
  const looked = await done({ gameDate });
  expect(looked.answer.state).toBe('questioned');
  expect(looked.state.results[offense]).toMatchObject({
    ...{ outcome: 'unchanged', version: 3 },
    pin: {
      questioned: expect.stringMatching(
        /^\d{8}_[A-Z]{3}_[A-Z]{3}, nbac_team_boxscore: its rows changed; and 3 more$/,
      ) as string,
    },
  });
  // Nothing of the players has moved.
  expect(looked.state.results[player]?.pin?.questioned).toBeNull();
  expect((await done({ gameDate })).answer.state).toBe('questioned');
  expect(toldOf(gameDate)).toEqual(['decided', 'trouble']);
  expect(await rig.publishedNight(gameDate)).toEqual(good);
  expect(findingsOf(await verify(rig.warehouse, { from: gameDate, to: gameDate }))).toEqual(
    tables.slice(0, 2).map((table) => `${gameDate} ${table} questioned`),
  );

  const unpin = await rig.client.unpin({ gameDate, processors: [offense, defense, player], by, reason });
  expect((await rig.answerTo(unpin)).answer.state).toBe('published');
  await rig.end(unpin);
  expect(await mixed(gameDate)).toEqual([]);
  const again = rig.nextDate();
  await rig.loadNight({
    ...movedTo(night, again),
    nbac_team_boxscore: withTurnovers(movedTo(night, again), 1),
  });
  await done({ gameDate: again });
  const figures = (rows: Row[]): unknown[] =>
    rows.map(({ game_id: _, game_date: __, data_hash: ___, source_hash: ____, ...row }) => row);
  for (const table of tables)
    expect(figures(await rig.published(table, gameDate))).toEqual(figures(await rig.published(table, again)));
  expect(liveManifests(await manifests(gameDate)).map(({ pin }) => pin)).toEqual([null, null, null]);
  const told = toldOf(gameDate);
  expect(told.slice(0, 2)).toEqual(['decided', 'trouble']);
  // Both at once: which arrives first is nobody's decision.
  expect(told.slice(2).sort()).toEqual(['decided', 'recovered']);
  const entries = await rig.audit(gameDate);
  expect(entries.map(({ kind }) => kind)).toEqual(['restore', 'rerun', 'unpin']);
  expect(verifyChain(gameDate, entries, [])).toBeNull();
});

test('a restored table whose downstream has no kept version on it: that is built anew, on it', async () => {
  const { gameDate, good } = await publishedBadly();
  await sql(
    rig.warehouse,
    `DELETE FROM nba_orchestration.player_game_summary_versions WHERE game_date = '${gameDate}'`,
  );
  const { answer, state } = await restored({ gameDate, processor: offense, version: 1, by, reason });
  expect(answer).toMatchObject({ state: 'published', outcomes: { [player]: 'published' } });
  expect(state.results[player]?.reason).toContain('its inputs changed since version 2');
  expect(state.results[player]?.pin).toBeUndefined();
  expect(await mixed(gameDate)).toEqual([]);
  expect((await rig.publishedNight(gameDate)).player_game_summary).toEqual(good['player_game_summary']);
});

test('a worker that dies between two tables: another goes on, and nothing stands on another version', async () => {
  const { gameDate, good, before } = await publishedBadly();
  let published = 0;
  const { wrap, reached, goOn } = holding('restoreVersion', () => published > 0);
  await startWorker({
    wrap,
    wrapWarehouse: (warehouse: Warehouse) =>
      replacing(warehouse, {
        publish: async (request) => {
          if (published > 0) throw new WarehouseError('unavailable', 'the process is gone');
          const result = await warehouse.publish(request);
          published += 1;
          return result;
        },
      }),
  });
  const accepted = await rig.client.restore({ gameDate, before, by, reason });
  await reached.opened;
  // One table is back; until the others are, they say of themselves that they stand on another.
  expect(await mixed(gameDate)).toEqual(['player_game_summary 2']);
  expect(findingsOf(await verify(rig.warehouse, { from: gameDate, to: gameDate }))).toContain(
    `${gameDate} player_game_summary stale`,
  );
  goOn.open();
  await startWorker();
  expect((await rig.answerTo(accepted)).answer.state).toBe('published');
  expect(await rig.publishedNight(gameDate)).toEqual(good);
  expect(await mixed(gameDate)).toEqual([]);
  expect(await rig.versions(gameDate)).toEqual(Object.fromEntries(tables.map((table) => [table, 3])));
});

test('pinned rows that somebody alters are put back, and stay pinned', async () => {
  const { gameDate, good, before } = await publishedBadly();
  await restored({ gameDate, before, by, reason });
  await sql(
    rig.warehouse,
    `UPDATE nba_analytics.team_offense_game_summary SET assists = 99 WHERE game_date = '${gameDate}'`,
  );
  const { state } = await done({ gameDate });
  expect(state.results[offense]).toMatchObject({ outcome: 'published', version: 4, pin: { version: 1 } });
  expect(state.results[offense]?.reason).toContain('the rows of version 3 were put back');
  expect(state.results[player]).toMatchObject({
    outcome: 'unchanged',
    version: 3,
    pin: { questioned: null },
  });
  expect(await rig.publishedNight(gameDate)).toEqual(good);
});

test('a forced rerun is a new decision: it lifts the pin, and that of what stands on it', async () => {
  const { gameDate, bad, before } = await publishedBadly();
  await restored({ gameDate, before, by, reason });
  const forced = await rig.client.rerun({ gameDate, processors: [offense], force: true, by, reason });
  const { state } = await rig.answerTo(forced);
  await rig.end(forced);
  expect(state.results[player]?.pin).toBeUndefined();
  expect(state.results[player]).toMatchObject({ outcome: 'published', version: 4 });
  const live = await rig.publishedNight(gameDate);
  for (const table of ['team_offense_game_summary', 'player_game_summary'] as const)
    expect(live[table]).toEqual(bad[table]);
  expect(await mixed(gameDate)).toEqual([]);
});

test('another restore replaces the pin, also of what it cannot restore', async () => {
  const { gameDate, bad, before } = await publishedBadly();
  await restored({ gameDate, before, by, reason });
  await sql(
    rig.warehouse,
    `DELETE FROM nba_orchestration.player_game_summary_versions WHERE game_date = '${gameDate}'`,
  );
  const { state } = await restored({ gameDate, processor: offense, version: 2, by, reason });
  expect(state.results[offense]).toMatchObject({ version: 4, pin: { version: 2 } });
  expect(state.results[player]?.pin).toBeUndefined();
  expect((await rig.publishedNight(gameDate)).player_game_summary).toEqual(bad['player_game_summary']);
  expect(await mixed(gameDate)).toEqual([]);
});

test('a dry run writes nothing, and foresees what then happens', async () => {
  const { gameDate, good, bad, before } = await publishedBadly();
  const state = async () => [
    await dump(rig.warehouse, 'nba_analytics'),
    await dump(rig.warehouse, 'nba_orchestration'),
  ];
  const untouched = await state();
  const wanted = { processor: offense, version: 1 };
  const previews = [
    await previewRestore(rig.warehouse, gameDate, wanted, policy()),
    await previewRestore(rig.warehouse, gameDate, { before }, policy()),
  ];
  expect(await state()).toEqual(untouched);
  const [ofTable, ofDate] = previews.map((preview) => (preview.kind === 'planned' ? preview.tables : []));
  expect(ofTable?.map(({ table }) => table)).toEqual([tables[0], tables[2]]);
  expect(ofDate?.map(({ table }) => table)).toEqual(tables);
  expect(ofDate?.[0]?.standsOnIt).toEqual([{ table: tables[2], version: 2 }]);
  // The raw rows of both are kept, so it says which moved.
  const inputs = ofDate?.[0]?.difference?.inputs ?? [];
  expect(inputs.map(({ table, rows }) => [table, rows === null])).toContainEqual([
    'nbac_team_boxscore',
    false,
  ]);
  expect(inputs.filter(({ rows }) => rows === null)).toEqual([]);
  for (const { table, difference } of ofDate ?? [])
    expect(difference?.rows).toEqual(countRows(tableOf(table), bad[table] ?? [], good[table] ?? []));

  await restored({ gameDate, before, by, reason });
  const live = liveManifests(await manifests(gameDate));
  for (const { table, becomes, restores } of ofDate ?? []) {
    const manifest = live.find((one) => one.table_name === table);
    expect([manifest?.version, parsePin(manifest?.pin ?? null)?.version]).toEqual([becomes, restores]);
  }
  expect(await rig.publishedNight(gameDate)).toEqual(good);
  // What is there already is said to be.
  expect(await previewRestore(rig.warehouse, gameDate, { before }, policy())).toMatchObject({
    kind: 'nothing',
  });
});

describe('a restore that cannot be done as a whole writes nothing', () => {
  const refused = async (
    request: Omit<Parameters<Rig['client']['restore']>[0], 'by' | 'reason'> & { gameDate: string },
    sentence: string,
  ): Promise<void> => {
    const rows = await dump(rig.warehouse, 'nba_analytics');
    const { answer } = await restored({ ...request, by, reason } as Parameters<Rig['client']['restore']>[0]);
    expect(answer).toMatchObject({ state: 'failed', outcomes: {} });
    expect(answer.summary).toContain(sentence);
    expect(await dump(rig.warehouse, 'nba_analytics')).toEqual(rows);
    expect((await manifests(request.gameDate)).filter(({ version }) => version > 2)).toEqual([]);
  };

  test('of an instant before which one table of them is not kept as it was', async () => {
    const { gameDate, before } = await publishedBadly();
    await sql(
      rig.warehouse,
      `UPDATE nba_orchestration.player_game_summary_versions SET points = 99 WHERE game_date = '${gameDate}'`,
    );
    await refused({ gameDate, before } as never, 'the kept rows of version 1 of player_game_summary are not');
  });

  test('of an instant before everything, and of one since which nothing has moved', async () => {
    const { gameDate } = await publishedBadly();
    const first = '2017-01-01T00:00:00.000Z';
    await refused({ gameDate, before: first } as never, `nothing of ${gameDate} was published before`);
    const now = new Date().toISOString();
    await refused({ gameDate, before: now } as never, `is what was live before ${now}`);
  });

  test('of players that were built on another offence than is live', async () => {
    const { gameDate } = await publishedBadly();
    await refused(
      { gameDate, processor: player, version: 1 } as never,
      'was built on version 1 of team_offense_game_summary, and version 2 is live',
    );
  });
});
