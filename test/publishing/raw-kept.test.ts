/**
 * The raw rows of versions are kept, named when they move, and pruned with the versions that need them: on both warehouses, and
 * wherever a pass ends.
 */
import { gzipSync } from 'node:zlib';
import { recordPass } from '../../src/activities/record-pass';
import { restoreVersion } from '../../src/activities/restore-version';
import { runProcessor } from '../../src/activities/run-processor';
import { unbuilt } from '../../src/contracts/code-identity';
import { inputsOf, newestManifest } from '../../src/contracts/manifests';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import type { MovedInput } from '../../src/gate/moved-inputs';
import { selectNight } from '../../src/gate/select-inputs';
import { processorOf } from '../../src/plan/registry';
import { hashOfInputs, inputHash, spellInputs } from '../../src/publishing/fingerprint';
import { withMovedRows } from '../../src/publishing/moved-raw';
import { keptRaw, rawKeptOf } from '../../src/publishing/raw-kept';
import { rawMovesBetween } from '../../src/publishing/raw-moves';
import { tableOf } from '../../src/tables/catalogue';
import type { Row } from '../../src/tables/define-table';
import { verifyDate } from '../../src/verify/verify-date';
import { differenceOf, NoSuchRowsError, rowsOfVersion, versionsOf } from '../../src/versions/read-versions';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { rowOf } from '../warehouse/rows';
import { describeWithEmulator, emulatorStartMs } from '../support/bigquery-emulator';
import { defense, drop, gameIdOf, goodNight, offense, ofGame, player, published } from '../support/fixtures';
import { demoNight, movedTo } from '../support/nights';
import { inMemory, onEmulator, type OpenedWarehouse } from '../support/warehouses';
import { endingAfter, replacing } from '../support/wrap-warehouse';

const demo = demoNight('2017-04-15');
const at = '2018-04-16T08:00:00.000Z';
const raw = ['nbac_schedule', 'nbac_team_boxscore', 'nbac_gamebook_player_stats'] as const;
const table = 'team_offense_game_summary';
const boxscore = 'nbac_team_boxscore';
const policy = policyNow(defaultPolicySettings, {}, () => new Date(at));

function rawKeptOn(part: 'all' | 'one night', open: () => Promise<OpenedWarehouse>): void {
  let warehouse: Warehouse;
  let close: () => Promise<void>;
  let dates = 0;
  let pass = 0;

  beforeAll(async () => {
    ({ warehouse, close } = await open());
    await warehouse.ensureTables();
  }, emulatorStartMs);
  afterAll(() => close());

  const load = async (into: string, rows: readonly Row[]): Promise<void> => {
    await warehouse.loadRows(
      into,
      (async function* () {
        yield rows;
      })(),
    );
  };

  const loaded = async (): Promise<string> => {
    dates += 1;
    const gameDate = `2018-03-${String(dates).padStart(2, '0')}`;
    const night = movedTo(demo, gameDate);
    for (const name of raw) await load(name, night[name]);
    return gameDate;
  };

  /** A turnover of the team itself is in no player's line: the row of the first team has `more` of them. */
  const correct = async (gameDate: string, more: number): Promise<Row> => {
    const [first, ...others] = movedTo(demo, gameDate)[boxscore];
    const row = { ...first, turnovers: Number(first?.['turnovers']) + more };
    await load(boxscore, [row, ...others]);
    return row;
  };

  const build = async (gameDate: string, names: readonly string[] = [offense, defense, player]) => {
    pass += 1;
    await warehouse.claimDate({ gameDate, runId: 'run', pass }, at);
    for (const processor of names) {
      const answer = await runProcessor(
        { ...{ gameDate, runId: 'run', pass, processor, liveVersion: 0 }, policy },
        {
          ...{ warehouse, versions: {}, build: unbuilt, attempt: 1 },
          ...{ clock: () => new Date(), isGivenUp: () => false },
        },
      );
      expect(answer).toMatchObject({ result: { outcome: 'published' } });
    }
  };

  const record = (gameDate: string, keepVersions: number, onto = warehouse, warnings: string[] = []) =>
    recordPass(
      {
        ...{ gameDate, runId: 'run', pass, workflowId: 'w', state: 'published', results: [] },
        // Of what a backfill asked for nobody is told, so no versions are compared.
        requests: [{ requestId: 'r', kind: 'backfill', source: boxscore }],
        ...{ probes: 0, waitedMs: 0, journal: [], startedAt: at, endedAt: at },
      },
      {
        ...{ warehouse: onto, keepVersions, build: null, clock: () => new Date() },
        log: { warn: (message) => warnings.push(message) },
      },
    );

  const entriesOf = async (gameDate: string) => {
    const { raw_kept: entries } = await warehouse.readDate(gameDate, ['raw_kept']);
    return [...entries].sort((a, b) =>
      `${a.table_name} ${a.input_hash}` < `${b.table_name} ${b.input_hash}` ? -1 : 1,
    );
  };

  const manifestsOf = async (gameDate: string) =>
    [...(await warehouse.readDate(gameDate, ['partition_manifest'])).partition_manifest].sort(
      (a, b) => a.version - b.version,
    );

  const rowsNow = async (gameDate: string) =>
    (await versionsOf(warehouse, gameDate)).map(
      ({ table: name, version, rows }) => `${name.split('_').slice(0, 2).join(' ')} ${version} ${rows}`,
    );

  it('one set is kept for all that read it; a corrected row is named with its old and its new value', async () => {
    const gameDate = await loaded();
    await build(gameDate);
    const entries = await entriesOf(gameDate);
    const named = new Set(
      (await manifestsOf(gameDate)).flatMap((manifest) =>
        Object.values(inputsOf(manifest) ?? {}).flatMap((tables) =>
          Object.entries(tables).map(([name, hash]) => `${name} ${hash}`),
        ),
      ),
    );
    expect(entries.map((entry) => `${entry.table_name} ${entry.input_hash}`)).toEqual([...named].sort());
    // Four games, three sources, three processors.
    expect(entries).toHaveLength(12);
    const kept = keptRaw(entries);
    for (const { table_name: name, input_hash: hash } of entries)
      expect(inputHash(kept.rowsOf(name, hash) ?? [])).toBe(hash);
    expect(entries.reduce((sum, { row_count: count }) => sum + count, 0)).toBe(
      raw.reduce((sum, name) => sum + demo[name].length, 0),
    );

    const row = await correct(gameDate, 2);
    const moved = {
      changed: [
        {
          key: Object.fromEntries(tableOf(boxscore).key.map((column) => [column, row[column]])),
          columns: [{ column: 'turnovers', before: Number(row['turnovers']) - 2, after: row['turnovers'] }],
        },
      ],
      ...{ added: [], removed: [] },
    };
    const { tables } = await verifyDate(warehouse, gameDate, policy);
    const stale = tables.filter(({ findings }) => findings.includes('stale'));
    expect(stale.map((one) => one.table)).toContain(table);
    for (const one of stale)
      expect(one.moved.filter((input) => input.table === boxscore)).toEqual([
        { gameId: row['game_id'], table: boxscore, detail: 'its rows changed', rows: moved },
      ]);

    await build(gameDate, [offense, defense]);
    // What did not move is not kept again.
    expect(await entriesOf(gameDate)).toHaveLength(13);
    expect(await differenceOf(warehouse, table, gameDate, 1, 2)).toMatchObject({
      inputs: [{ gameId: row['game_id'], table: boxscore, rows: moved }],
    });
    // The other way round it is the other way round.
    expect(await differenceOf(warehouse, table, gameDate, 2, 1)).toMatchObject({
      inputs: [{ rows: { changed: [{ columns: [{ before: row['turnovers'] }] }] } }],
    });

    // The first is pruned; what is said of it is which setting took it.
    await build(gameDate, [player]);
    await record(gameDate, 1);
    expect(await rowsNow(gameDate)).toEqual([
      ...['player game 2 kept', 'player game 1 pruned'],
      ...['team defense 2 kept', 'team defense 1 pruned', 'team offense 2 kept', 'team offense 1 pruned'],
    ]);
    expect(await entriesOf(gameDate)).toHaveLength(12);
    const why =
      /^2018-03-\d\d: the rows of version 1 of team_offense_game_summary were pruned at .+: PHASE3_KEEP_VERSIONS was 1, /;
    for (const asked of [
      rowsOfVersion(warehouse, table, gameDate, 1),
      differenceOf(warehouse, table, gameDate, 1, 2),
    ])
      await expect(asked).rejects.toMatchObject({
        name: NoSuchRowsError.name,
        message: expect.stringMatching(why) as string,
      });
    pass += 1;
    await warehouse.claimDate({ gameDate, runId: 'run', pass }, at);
    expect(
      await restoreVersion(
        {
          ...{ gameDate, runId: 'run', pass, requestId: 'r', wanted: { processor: offense, version: 1 } },
          ...{ by: 'ana@example.org', reason: 'the feed was wrong', auditHead: null, policy },
        },
        { warehouse, versions: {}, clock: () => new Date(), isGivenUp: () => false },
      ),
    ).toEqual({
      kind: 'refused',
      why: expect.stringMatching(/^the rows of version 1 of .+ were pruned at .+ PHASE3_KEEP_VERSIONS was 1/),
    });
    // What is live was not touched, and its rows can still be named when they move.
    expect((await verifyDate(warehouse, gameDate, policy)).tables.flatMap((one) => one.findings)).toEqual([]);
    await correct(gameDate, 5);
    const again = await verifyDate(warehouse, gameDate, policy);
    expect(again.tables.find((one) => one.table === table)?.moved[0]?.rows?.changed[0]?.columns).toEqual([
      { column: 'turnovers', before: row['turnovers'], after: Number(row['turnovers']) + 3 },
    ]);
  });

  // On the emulator each of these takes a minute, and says the same.
  if (part === 'one night') return;

  it('a pass that ends anywhere, and one that is recorded twice, leave what the next prunes', async () => {
    const gameDate = await loaded();
    await build(gameDate);
    const versions: string[] = [];
    let reached = Infinity;
    for (let crash = 1; crash <= reached; crash += 1) {
      await correct(gameDate, crash);
      await build(gameDate);
      const ending = endingAfter(crash);
      const answer = await record(gameDate, 1, ending.wrap(warehouse)).catch(() => null);
      if (answer) reached = Math.min(reached, ending.operations());
      const live = (await manifestsOf(gameDate)).filter(
        (one, _, all) => one === newestManifest(all, one.table_name),
      );
      for (const one of live)
        expect(await warehouse.readKept(one.table_name, gameDate, one.stage_id)).toHaveLength(one.row_count);
      await record(gameDate, 1);
      await record(gameDate, 1);
      const now = await rowsNow(gameDate);
      expect([crash, now.filter((one) => one.endsWith('kept'))]).toEqual([
        crash,
        live.map((one) => expect.stringMatching(new RegExp(` ${one.version} kept$`)) as string),
      ]);
      expect(now.filter((one) => !one.endsWith('kept') && !one.endsWith('pruned'))).toEqual([]);
      expect(await entriesOf(gameDate)).toHaveLength(12);
      versions.push(...now);
    }
    // Closed, manifests read, pruned ones read, pruned.
    expect(reached).toBe(4);
    expect(versions.length).toBeGreaterThan(0);
  });

  it('a date that another pass has claimed since is left to that pass', async () => {
    const gameDate = await loaded();
    await build(gameDate);
    await correct(gameDate, 1);
    await build(gameDate);
    const claimed = replacing(warehouse, {
      prune: async (request) => {
        await warehouse.claimDate({ gameDate, runId: 'another', pass: 1 }, at);
        return warehouse.prune(request);
      },
    });
    await record(gameDate, 1, claimed);
    expect((await rowsNow(gameDate)).filter((one) => !one.endsWith('kept'))).toEqual([]);
  });

  it('what cannot be pruned keeps no pass from ending, and is pruned after the next', async () => {
    const gameDate = await loaded();
    await build(gameDate);
    await correct(gameDate, 1);
    await build(gameDate);
    const warnings: string[] = [];
    const failing = replacing(warehouse, {
      // Nothing is staged under this id, which the port refuses.
      prune: (request) =>
        warehouse
          .quarantine(rowOf('quarantine', { game_date: gameDate, table_name: table, stage_id: 'never' }))
          .then(() => warehouse.prune(request)),
    });
    expect(await record(gameDate, 1, failing, warnings)).toEqual({ overtaken: [], recalled: null });
    expect(warnings).toEqual([expect.stringMatching(/^2018-03-\d\d: older versions were not pruned: /)]);
    await record(gameDate, 1);
    expect((await rowsNow(gameDate)).filter((one) => one.endsWith('pruned'))).toHaveLength(3);
  });

  it('ten versions are kept where nobody says otherwise, and one more is asked of nobody', async () => {
    const gameDate = await loaded();
    await build(gameDate, [offense]);
    for (let more = 1; more <= 9; more += 1) {
      await correct(gameDate, 1 + (more % 2));
      await build(gameDate, [offense]);
    }
    const operations: string[] = [];
    const counting = new Proxy(warehouse, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property);
        operations.push(String(property));
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    await record(gameDate, 10, counting);
    expect(operations).toEqual(['closePass', 'readDate']);
    await correct(gameDate, 3);
    await build(gameDate, [offense]);
    await record(gameDate, 10);
    expect((await rowsNow(gameDate)).filter((one) => one.endsWith('pruned'))).toEqual([
      'team offense 1 pruned',
    ]);
  });
}

describe('raw rows, on DuckDB', () => {
  rawKeptOn('all', inMemory);
});

describeWithEmulator('raw rows, on BigQuery', () => {
  // An emulator's statement takes a second and more.
  jest.setTimeout(emulatorStartMs);
  rawKeptOn('one night', onEmulator);
});

it('what moved between two sets of inputs is in the order of the tables, then of the games', () => {
  const before = { b: { y: '1', x: '1' }, a: { y: '1', x: '1', same: '1' }, gone: { x: '1' } };
  const after = { b: { y: '2', x: '2' }, a: { y: '2', x: '2', same: '1' }, new: { x: '1' } };
  const moves = rawMovesBetween(before, after, keptRaw([]));
  expect(moves.map(({ table: name, gameId, rows }) => [name, gameId, rows])).toEqual([
    ...[
      ['x', 'a', null],
      ['x', 'b', null],
      ['y', 'a', null],
      ['y', 'b', null],
    ],
  ]);
});

it('between two sets of inputs rows are named where both sides are kept, and the table is still read', () => {
  const [spelled, other] = [[{ game_id: 'g', points: 1 }], [{ game_id: 'g', points: 2 }]].map(spellInputs);
  const [then, now] = [hashOfInputs(spelled!), hashOfInputs(other!)];
  const entry = (name: string, text: string) =>
    rowOf('raw_kept', {
      ...{ table_name: name, input_hash: hashOfInputs(text) },
      content: gzipSync(text).toString('base64'),
    });
  const of = (name: string, ...texts: string[]) =>
    rawMovesBetween(
      { g: { [name]: then } },
      { g: { [name]: now } },
      keptRaw(texts.map((text) => entry(name, text))),
    ).map(({ rows }) => rows !== null);
  expect(of(boxscore, spelled!, other!)).toEqual([true]);
  expect([of(boxscore, spelled!), of(boxscore, other!), of('gone', spelled!, other!)]).toEqual(
    Array.from({ length: 3 }, () => [false]),
  );
});

it('what moved of a live version has its rows where they are kept, also where the game itself is gone', () => {
  const night = published(goodNight(2), offense);
  const processor = processorOf(offense);
  const entries = rawKeptOf(night.gameDate, processor, selectNight(processor, night));
  const then = inputsOf(night.partition_manifest[0]!);
  const gone = drop(drop(night, boxscore, ofGame(0)), 'nbac_schedule', ofGame(0));
  const input = { gameId: gameIdOf(0), table: boxscore, detail: 'its rows changed' };
  const rowsOf = (more: Partial<MovedInput>, kept = keptRaw(entries), inputs = then) =>
    withMovedRows(processor, gone, [{ ...input, ...more }], inputs, kept);
  const removed = ['ATL', 'BOS'].map((team) => expect.objectContaining({ team_abbr: team }) as Row);
  expect(rowsOf({})).toEqual([{ ...input, rows: { changed: [], added: [], removed } }]);
  const without = { ...input, rows: null };
  expect(rowsOf({}, keptRaw([]))).toEqual([without]);
  expect(rowsOf({}, keptRaw(entries), null)).toEqual([without]);
  for (const more of [{ gameId: null }, { table: null }, { table }, { gameId: 'another' }])
    expect(rowsOf(more)).toEqual([{ ...without, ...more }]);
  expect(withMovedRows(processor, gone, [], then, keptRaw(entries))).toEqual([]);
});

it('rows that do not hash to their name, or cannot be unpacked, are not kept', () => {
  const rows = [{ game_id: 'g', points: 1 }];
  const hash = hashOfInputs(spellInputs(rows));
  const entry = (content: string) => rowOf('raw_kept', { table_name: boxscore, input_hash: hash, content });
  const kept = (content: string) => keptRaw([entry(content)]).rowsOf(boxscore, hash);
  const packed = (text: string) => gzipSync(text).toString('base64');
  expect(kept(packed(spellInputs(rows)))).toEqual(rows);
  expect(kept(packed(spellInputs([{ ...rows[0]!, points: 2 }])))).toBeNull();
  expect(kept('AAAA')).toBeNull();
  expect(keptRaw([]).rowsOf(boxscore, hash)).toBeNull();
  // Of a game without rows there is nothing to keep.
  expect(keptRaw([]).rowsOf(boxscore, inputHash([]))).toEqual([]);
});
