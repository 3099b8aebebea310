/**
 * What every adapter of the warehouse port promises. An adapter's test file calls {@link describeWarehouse}; the tests
 * share one warehouse and keep to dates of their own, so that they run on a slow, shared one as well.
 */
import { addDays } from '../../src/contracts/game-date';
import { contentHash } from '../../src/publishing/fingerprint';
import { tableOf, type OrchestrationTableName, type TableName } from '../../src/tables/catalogue';
import type { Row } from '../../src/tables/define-table';
import type { ScheduleRow } from '../../src/sources/nbac-schedule/table';
import { WarehouseError } from '../../src/warehouse/errors';
import type { FenceToken, PublishRequest, PublishResult, Warehouse } from '../../src/warehouse/warehouse';
import { inKeyOrder, newestManifest, offenseRows, publish, rowOf, stageFor } from './rows';

export interface OpenWarehouse {
  readonly warehouse: Warehouse;
  /** Closes the warehouse and opens it again on what it has stored. Left out where that means nothing. */
  readonly reopen?: () => Promise<Warehouse>;
  /** Number of rows that a table keeps beside the live ones for a date, by stage id: the port does not show them. */
  readonly keptRows: (table: TableName, gameDate: string) => Promise<Readonly<Record<string, number>>>;
  /** Drops a column, as somebody with a SQL prompt would. `table` with its dataset. */
  readonly dropColumn: (table: string, column: string) => Promise<void>;
  /** How many writers a test of many at once may send: fewer where each takes seconds. */
  readonly crowd: number;
  readonly close: () => Promise<void>;
}

const offense = 'team_offense_game_summary';
const defense = 'team_defense_game_summary';
const player = 'player_game_summary';
const at = '2025-01-16T08:00:00.000Z';

export function describeWarehouse(name: string, open: () => Promise<OpenWarehouse>): void {
  describe(`warehouse port on ${name}`, () => {
    let opened: OpenWarehouse;
    let warehouse: Warehouse;
    let datesUsed = 0;

    beforeAll(async () => {
      opened = await open();
      warehouse = opened.warehouse;
      await warehouse.ensureTables();
    });

    afterAll(async () => opened.close());

    /** A date, and ten days after it, that no other test uses. */
    const newDate = (): string => addDays('2001-01-01', 20 * (datesUsed += 1));

    const claim = async (gameDate: string, runId = 'run-a', pass = 1): Promise<FenceToken> => {
      const fence = { gameDate, runId, pass };
      await warehouse.claimDate(fence, at);
      return fence;
    };

    /** A date of its own, and the pass that holds it. */
    const held = async (runId?: string, pass?: number): Promise<{ gameDate: string; fence: FenceToken }> => {
      const gameDate = newDate();
      return { gameDate, fence: await claim(gameDate, runId, pass) };
    };

    type More = Partial<Parameters<typeof stageFor>[1]>;
    const version = (fence: FenceToken, number: number, count: number, more: More) => ({
      ...{ table: offense, fence, version: number, rows: offenseRows(fence.gameDate, number, count) },
      ...more,
    });

    /** Stages `count` rows as a version of the offense. */
    const stage = (fence: FenceToken, number: number, count: number, more: More = {}) =>
      stageFor(warehouse, version(fence, number, count, more));

    /** Publishes them. */
    const put = (fence: FenceToken, number: number, count: number, more: More = {}) =>
      publish(warehouse, version(fence, number, count, more));

    const closePass = (fence: FenceToken, when = at): Promise<void> =>
      warehouse.closePass(
        fence,
        when,
        rowOf('run_history', { game_date: fence.gameDate, run_id: fence.runId, pass: fence.pass }),
      );

    const load = (table: TableName, ...batches: readonly (readonly Row[])[]) =>
      warehouse.loadRows(table, inBatches(batches));

    const read = async (table: TableName, gameDate: string): Promise<readonly Row[]> =>
      inKeyOrder<Row>(table, (await warehouse.readDate(gameDate, [table]))[table] ?? []);

    const exported = async (table: TableName, from: string, to: string): Promise<Row[]> => {
      const rows: Row[] = [];
      for await (const batch of warehouse.exportRows(table, from, to)) rows.push(...batch);
      return rows;
    };

    /** Everything that a publish could change for a date. */
    const everythingOf = async (gameDate: string) => {
      const live = await warehouse.readDate(gameDate, [
        offense,
        defense,
        player,
        'partition_manifest',
        'date_fence',
      ]);
      return {
        offense: inKeyOrder(offense, live[offense]),
        defense: inKeyOrder(defense, live[defense]),
        player: inKeyOrder(player, live[player]),
        manifests: inKeyOrder('partition_manifest', live.partition_manifest),
        fence: live.date_fence,
        kept: {
          offense: await opened.keptRows(offense, gameDate),
          defense: await opened.keptRows(defense, gameDate),
          player: await opened.keptRows(player, gameDate),
        },
      };
    };

    describe('ensureTables', () => {
      it('can be called again and again, also at once, and keeps what is stored', async () => {
        const gameDate = newDate();
        const rows = [game(gameDate, '1')];
        await load('nbac_schedule', rows);
        await warehouse.ensureTables();
        await Promise.all([warehouse.ensureTables(), warehouse.ensureTables()]);
        expect(await read('nbac_schedule', gameDate)).toEqual(rows);
      });

      it('gives a table of ours a column that it lacks and that may be empty, and keeps its rows', async () => {
        const { gameDate, fence } = await held();
        const rows = offenseRows(gameDate, 1, 2).map((row) => ({ ...row, ts_pct: 0.5, nba_game_id: 'n' }));
        const { manifest } = await stageFor(warehouse, { table: offense, fence, version: 1, rows });
        const bypass = '{"kind":"policy"}';
        await publish(warehouse, { table: offense, fence, version: 1, rows, manifest: { bypass } });
        // A log table, a published one, and the one beside it where versions are kept: there every column may be empty.
        await opened.dropColumn('nba_orchestration.partition_manifest', 'bypass');
        await opened.dropColumn(`nba_analytics.${offense}`, 'ts_pct');
        await opened.dropColumn(`nba_analytics.${offense}`, 'nba_game_id');
        await opened.dropColumn(`nba_orchestration.${offense}_versions`, 'pace');
        await warehouse.ensureTables();
        const kept = await everythingOf(gameDate);
        expect(kept.manifests).toEqual([{ ...manifest, bypass: null }]);
        expect(kept.offense).toEqual(rows.map((row) => ({ ...row, ts_pct: null, nba_game_id: null })));
        expect(Object.values(kept.kept.offense)).toEqual([2]);
        const next = offenseRows(gameDate, 2, 3).map((row) => ({ ...row, ts_pct: 0.6, nba_game_id: 'm' }));
        await publish(warehouse, { table: offense, fence, version: 2, rows: next, manifest: { bypass } });
        const after = await everythingOf(gameDate);
        expect(after.offense).toEqual(next);
        expect(after.manifests.map((row) => row.bypass)).toEqual([null, bypass]);
        expect(Object.values(after.kept.offense).sort()).toEqual([2, 3]);
      });

      it('finds everything again after the warehouse was closed', async () => {
        if (!opened.reopen) return;
        const { gameDate, fence } = await held();
        await load('nbac_schedule', [game(gameDate, '1')]);
        await put(fence, 1, 3);
        const before = await everythingOf(gameDate);
        warehouse = await opened.reopen();
        await warehouse.ensureTables();
        expect(await everythingOf(gameDate)).toEqual(before);
        expect(await read('nbac_schedule', gameDate)).toEqual([game(gameDate, '1')]);
        expect(await publish(warehouse, { table: offense, fence, version: 2, rows: [] })).toEqual({
          kind: 'published',
        });
      });
    });

    describe('loadRows', () => {
      it('replaces the partitions of the dates that come and leaves the others: before, between and after', async () => {
        const start = newDate();
        const [before, first, between] = threeDays(start);
        const [last, after] = threeDays(addDays(start, 3));
        const days = [before, first, between, last, after];
        await load('nbac_schedule', [...days.map((day) => game(day, '1')), game(first, '2')]);
        const report = await load('nbac_schedule', [game(last, '4')], [game(first, '3'), game(last, '5')]);
        expect(report).toEqual({ rows: 3, replaced: 3, dates: [first, last] });
        for (const day of [before, between, after])
          expect(await read('nbac_schedule', day)).toEqual([game(day, '1')]);
        expect(await read('nbac_schedule', first)).toEqual([game(first, '3')]);
        expect(await read('nbac_schedule', last)).toEqual([game(last, '4'), game(last, '5')]);
      });

      it('leaves the other tables of the date alone', async () => {
        const gameDate = newDate();
        const playerRow = rowOf('nbac_gamebook_player_stats', { game_date: gameDate, player_lookup: 'a' });
        await load('nbac_gamebook_player_stats', [playerRow]);
        await load('nbac_schedule', [game(gameDate, '1')]);
        expect(await read('nbac_gamebook_player_stats', gameDate)).toEqual([playerRow]);
      });

      it('changes nothing when no row comes', async () => {
        const gameDate = newDate();
        await load('nbac_schedule', [game(gameDate, '1')]);
        expect(await load('nbac_schedule')).toEqual({ rows: 0, replaced: 0, dates: [] });
        expect(await load('nbac_schedule', [], [])).toEqual({ rows: 0, replaced: 0, dates: [] });
        expect(await read('nbac_schedule', gameDate)).toEqual([game(gameDate, '1')]);
      });

      it('leaves the old rows when the giver fails half way, and passes its error on', async () => {
        const [first, second] = threeDays(newDate());
        await load('nbac_schedule', [game(first, '1')]);
        const failure = new Error('the file ends here');
        const rows = (async function* (): AsyncGenerator<readonly Row[]> {
          yield [game(first, '2')];
          yield [game(second, '3')];
          throw failure;
        })();
        await expect(warehouse.loadRows('nbac_schedule', rows)).rejects.toBe(failure);
        expect(await read('nbac_schedule', first)).toEqual([game(first, '1')]);
        expect(await read('nbac_schedule', second)).toEqual([]);
      });

      it.each<[string, Row]>([
        ['a required column is null', { home_team_tricode: null }],
        ['a required column is absent', { home_team_tricode: undefined as never }],
        ['the date is null', { game_date: null }],
        ['a text stands where a whole number belongs', { home_team_score: 'many' }],
        ['an instant is none', { processed_at: 'yesterday' }],
      ])('leaves the old rows when in one of the new ones %s', async (_, fault) => {
        const [first, second] = threeDays(newDate());
        await load('nbac_schedule', [game(first, '1')]);
        const loading = load('nbac_schedule', [game(first, '2')], [{ ...game(second, '3'), ...fault }]);
        await expect(loading).rejects.toMatchObject({ name: 'WarehouseError', kind: 'bad_rows' });
        expect(await read('nbac_schedule', first)).toEqual([game(first, '1')]);
        expect(await read('nbac_schedule', second)).toEqual([]);
        await load('nbac_schedule', [game(first, '4')]);
        expect(await read('nbac_schedule', first)).toEqual([game(first, '4')]);
      });

      it('keeps two loads of one date apart: the rows are those of one of them', async () => {
        const gameDate = newDate();
        const loads = Array.from({ length: 6 }, (_, load) =>
          Array.from({ length: 5 + load }, (_, index) => game(gameDate, `${load}-${index}`)),
        );
        await Promise.all(loads.map((rows) => load('nbac_schedule', rows.slice(0, 3), rows.slice(3))));
        const stored = await read('nbac_schedule', gameDate);
        expect(loads.map((rows) => inKeyOrder('nbac_schedule', rows))).toContainEqual(stored);
      });
    });

    describe('values', () => {
      const texts = [
        'Nikola Jokić',
        'e\u0301 and \u00e9 stay apart',
        '安部 🏀',
        `it's "quoted", \\ and \`ticked\``,
        'two\nlines\r\nand a\ttab',
        'a line separator \u2028 inside',
        '',
        ' kept ',
        'null',
        '0042',
        '2025-01-16',
        '$1 {} [] %s',
      ];
      const floats = [
        0.1 + 0.2,
        1 / 3,
        -1 / 3,
        1e-7,
        5e-324,
        Number.MAX_VALUE,
        1e21,
        123456789.12345679,
        100,
        0,
      ];
      const integers = [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
      const instants = [
        '2025-01-16T08:00:00.000Z',
        '2025-01-16T08:00:00.123Z',
        '2025-01-16T08:00:00.120Z',
        '1969-12-31T23:59:59.999Z',
        '9999-12-31T23:59:59.999Z',
      ];
      const bools = [true, false, null];

      /** The k-th of a list that goes round. */
      const of = <T>(values: readonly T[], index: number): T => values[index % values.length]!;

      it('come back from a load as they were: read, counted and exported', async () => {
        const gameDate = '2024-02-29';
        const rows = texts.map((text, index) =>
          rowOf('nbac_team_boxscore', {
            game_date: gameDate,
            game_id: '0042',
            team_abbr: String.fromCharCode(65 + index),
            team_name: text,
            is_home: of(bools, index),
            fg_percentage: of(floats, index),
            three_pt_percentage: index === 0 ? null : of(floats, index + 1),
            points: of(integers, index),
            processed_at: of(instants, index),
          }),
        );
        await load('nbac_team_boxscore', rows);
        expect(await read('nbac_team_boxscore', gameDate)).toEqual(rows);
        expect(await exported('nbac_team_boxscore', gameDate, gameDate)).toEqual(rows);
        expect(await warehouse.countRows('nbac_team_boxscore', gameDate, gameDate)).toBe(texts.length);
      });

      it('come back from a stage and from a publication as they were', async () => {
        const { gameDate, fence } = await held();
        const rows = texts.map((text, index) =>
          rowOf(offense, {
            game_date: gameDate,
            team_abbr: String.fromCharCode(65 + index),
            game_id: text,
            referee_crew_id: index === 0 ? null : text,
            pace: of(floats, index),
            ts_pct: index === 0 ? null : of(floats, index + 1),
            points_scored: of(integers, index),
            win_flag: of(bools, index),
            processed_at: of(instants, index),
          }),
        );
        const request = await stageFor(warehouse, { table: offense, fence, version: 1, rows });
        expect(request.manifest.content_hash).toBe(contentHash(tableOf(offense), rows));
        await warehouse.publish(request);
        expect(await read(offense, gameDate)).toEqual(rows);
        expect(await exported(offense, gameDate, gameDate)).toEqual(rows);
      });

      it('come back from a log table as they were', async () => {
        const gameDate = newDate();
        const rows = texts.map((text, index) =>
          rowOf('run_history', {
            game_date: gameDate,
            run_id: String.fromCharCode(65 + index),
            journal: JSON.stringify([text]),
            state: text,
            waited_ms: of(integers, index),
            ended_at: of(instants, index),
          }),
        );
        await warehouse.append('run_history', rows);
        expect(await read('run_history', gameDate)).toEqual(rows);
        expect(await exported('run_history', gameDate, gameDate)).toEqual(rows);
      });

      it('are zero where a negative zero was given: rows travel as JSON, which knows one zero', async () => {
        const gameDate = newDate();
        const given = rowOf(offense, { game_date: gameDate, pace: -0 });
        const [staged] = await warehouse.stage({
          table: offense,
          gameDate,
          stageId: gameDate,
          rows: [given],
        });
        expect(Object.is(staged?.['pace'], 0)).toBe(true);
        expect(contentHash(tableOf(offense), [given])).toBe(contentHash(tableOf(offense), [staged!]));
      });
    });

    describe('readDate, countRows and dateRange', () => {
      it('give the rows of the date and of no other, for every table that was asked for', async () => {
        const [first, second, third] = threeDays(newDate());
        await load('nbac_schedule', [game(first, '1'), game(second, '2'), game(third, '3')]);
        const rows = await warehouse.readDate(second, ['nbac_schedule', 'run_history', offense]);
        expect(rows).toEqual({ nbac_schedule: [game(second, '2')], run_history: [], [offense]: [] });
      });

      it('count both ends of a range', async () => {
        const [first, second, third] = threeDays(newDate());
        await load('nbac_schedule', [
          game(first, '1'),
          game(second, '2'),
          game(second, '3'),
          game(third, '4'),
        ]);
        expect(await warehouse.countRows('nbac_schedule', first, third)).toBe(4);
        expect(await warehouse.countRows('nbac_schedule', first, second)).toBe(3);
        expect(await warehouse.countRows('nbac_schedule', second, second)).toBe(2);
        expect(await warehouse.countRows('nbac_schedule', third, first)).toBe(0);
        expect(await warehouse.countRows('nbac_team_boxscore', first, third)).toBe(0);
      });

      it('know the first and the last date of a table, and none of an empty one', async () => {
        const [first, , third] = threeDays(newDate());
        expect(await warehouse.dateRange('quarantine')).toBeNull();
        await warehouse.append('quarantine', [
          rowOf('quarantine', { game_date: third }),
          rowOf('quarantine', { game_date: first }),
        ]);
        expect(await warehouse.dateRange('quarantine')).toEqual({ from: first, to: third });
      });
    });

    describe('bytes to read', () => {
      it('are a whole number or null, and asking reads and writes nothing', async () => {
        const [gameDate, later] = [newDate(), newDate()];
        const rows = offenseRows(gameDate, 1, 3);
        await load(offense, rows);
        const bytes = await warehouse.bytesToRead([offense, 'nbac_schedule'], gameDate, later);
        expect(bytes === null ? warehouse.kind : Number.isSafeInteger(bytes)).toBe(
          warehouse.kind === 'duckdb' ? 'duckdb' : true,
        );
        expect(inKeyOrder(offense, await read(offense, gameDate))).toEqual(rows);
      });
    });

    describe('arrivals', () => {
      const table = 'nbac_gamebook_player_stats';
      let windowsUsed = 0;

      /** A date before which no other test has anything for longer than arrivals are looked for. */
      const newWindow = (): string => addDays('1981-01-01', 200 * (windowsUsed += 1));

      const row = (gameDate: string, processedAt: string | null, id = 'a') =>
        rowOf(table, { game_date: gameDate, player_lookup: id, processed_at: processedAt });

      it('are the newest instant of each date before, newest date first', async () => {
        const before = newWindow();
        const [first, second, third] = threeDays(addDays(before, -3));
        await load(table, [
          row(second, '1990-01-16T08:00:00.123Z', 'a'),
          row(third, '1990-01-15T08:00:00.999Z'),
          row(second, '1990-01-16T08:00:00.124Z', 'b'),
          row(second, '1990-01-16T07:59:59.999Z', 'c'),
          row(first, '1990-01-17T00:00:00.000Z'),
          row(before, '1990-01-18T08:00:00.000Z'),
          row(addDays(before, 1), '1990-01-19T08:00:00.000Z'),
        ]);
        await load('nbac_team_boxscore', [rowOf('nbac_team_boxscore', { game_date: addDays(before, -9) })]);
        expect(await warehouse.arrivals(table, before, 30)).toEqual([
          { gameDate: third, arrivedAt: '1990-01-15T08:00:00.999Z' },
          { gameDate: second, arrivedAt: '1990-01-16T08:00:00.124Z' },
          { gameDate: first, arrivedAt: '1990-01-17T00:00:00.000Z' },
        ]);
      });

      it('leave out a date without any instant, which takes nobody’s place, and pass over a row without one', async () => {
        const before = newWindow();
        const [first, second, third] = threeDays(addDays(before, -3));
        const at = '1990-01-16T08:00:00.000Z';
        await load(table, [
          row(third, null, 'a'),
          row(third, null, 'b'),
          row(second, null, 'a'),
          row(second, at, 'b'),
          row(first, at),
        ]);
        expect(await warehouse.arrivals(table, before, 2)).toEqual([
          { gameDate: second, arrivedAt: at },
          { gameDate: first, arrivedAt: at },
        ]);
      });

      it('are the newest ones, no more than were asked for', async () => {
        const before = newWindow();
        const days = Array.from({ length: 12 }, (_, index) => addDays(before, -1 - index));
        await load(
          table,
          days.map((day) => row(day, `${day}T08:00:00.000Z`)),
        );
        const dates = async (limit: number) =>
          (await warehouse.arrivals(table, before, limit)).map(({ gameDate }) => gameDate);
        expect(await dates(10)).toEqual(days.slice(0, 10));
        expect(await dates(1)).toEqual(days.slice(0, 1));
        expect(await dates(13)).toEqual(days);
      });

      it('are looked for as far back as 120 days', async () => {
        const before = newWindow();
        const at = '1990-01-16T08:00:00.000Z';
        await load(table, [row(addDays(before, -120), at), row(addDays(before, -121), at)]);
        expect(await warehouse.arrivals(table, before, 30)).toEqual([
          { gameDate: addDays(before, -120), arrivedAt: at },
        ]);
      });
    });

    describe('stage', () => {
      it('puts rows aside, where no reader sees them', async () => {
        const gameDate = newDate();
        const rows = offenseRows(gameDate, 1, 3);
        const staged = await warehouse.stage({ table: offense, gameDate, stageId: gameDate, rows });
        expect(inKeyOrder(offense, staged)).toEqual(rows);
        expect(await read(offense, gameDate)).toEqual([]);
        expect(await warehouse.countRows(offense, gameDate, gameDate)).toBe(0);
        expect(await exported(offense, gameDate, gameDate)).toEqual([]);
        expect(await opened.keptRows(offense, gameDate)).toEqual({});
      });

      it('replaces what was staged under the same id', async () => {
        const { gameDate, fence } = await held();
        const stageId = `stage of ${gameDate}`;
        await warehouse.stage({ table: offense, gameDate, stageId, rows: offenseRows(gameDate, 1, 5) });
        const rows = offenseRows(gameDate, 2, 2);
        expect(await publish(warehouse, { table: offense, fence, version: 1, rows, stageId })).toEqual({
          kind: 'published',
        });
        expect(await read(offense, gameDate)).toEqual(rows);
      });

      it('takes rows that no check has seen yet: a null where a value is required, a key twice', async () => {
        const gameDate = newDate();
        const [row] = offenseRows(gameDate, 1, 1);
        const rows: Row[] = [
          { ...row!, pace: null },
          { ...row!, pace: null },
        ];
        const staged = await warehouse.stage({ table: offense, gameDate, stageId: gameDate, rows });
        expect(staged).toEqual(rows);
      });
    });

    describe('publish', () => {
      it('can publish a partition without rows', async () => {
        const { gameDate, fence } = await held();
        await put(fence, 1, 2);
        expect(await publish(warehouse, { table: offense, fence, version: 2, rows: [] })).toEqual({
          kind: 'published',
        });
        expect(await read(offense, gameDate)).toEqual([]);
      });

      it('leaves other dates and other tables as they are', async () => {
        const [gameDate, other] = threeDays(newDate());
        const otherFence = await claim(other);
        await put(otherFence, 1, 2);
        await stage(otherFence, 2, 3);
        const before = await everythingOf(other);
        const fence = await claim(gameDate);
        const defenseRow = rowOf(defense, { game_date: gameDate });
        await publish(warehouse, { table: defense, fence, version: 1, rows: [defenseRow] });
        await put(fence, 1, 2);
        expect(await everythingOf(other)).toEqual(before);
        expect(await read(defense, gameDate)).toEqual([defenseRow]);
      });

      it('keeps the manifests and the rows of earlier versions', async () => {
        const { gameDate, fence } = await held();
        for (const version of [1, 2, 3, 4])
          await put(fence, version, version + 1, { stageId: `v${version} of ${gameDate}` });
        const { manifests, offense: live, kept } = await everythingOf(gameDate);
        expect(manifests.map((manifest) => manifest.version)).toEqual([1, 2, 3, 4]);
        expect(live).toEqual(offenseRows(gameDate, 4, 5));
        expect(kept.offense).toEqual({
          [`v1 of ${gameDate}`]: 2,
          [`v2 of ${gameDate}`]: 3,
          [`v3 of ${gameDate}`]: 4,
          [`v4 of ${gameDate}`]: 5,
        });
      });

      it('keeps nothing of what was staged for the table and date and led nowhere', async () => {
        const { gameDate, fence } = await held();
        for (const stageId of ['orphan 1', 'orphan 2'])
          await warehouse.stage({ table: offense, gameDate, stageId, rows: offenseRows(gameDate, 1, 1) });
        await put(fence, 1, 2, { stageId: 'published' });
        expect(await opened.keptRows(offense, gameDate)).toEqual({ published: 2 });
      });

      /** What a publication may be told that was sent more than once: that it is through, in one way or the other. */
      const isThrough = (result: PublishResult, request: PublishRequest): boolean =>
        result.kind === 'published' ||
        (result.kind === 'version_moved' && JSON.stringify(result.live) === JSON.stringify(request.manifest));

      it('tells the same publication sent twice that it is through; the rows are there once', async () => {
        const { gameDate, fence } = await held('run-twice', 7);
        const rows = offenseRows(gameDate, 1, 3);
        const request = await stageFor(warehouse, { table: offense, fence, version: 1, rows });
        expect(await warehouse.publish(request)).toEqual({ kind: 'published' });
        const before = await everythingOf(gameDate);
        const again = await warehouse.publish(request);
        expect([again, isThrough(again, request)]).toEqual([again, true]);
        expect(await everythingOf(gameDate)).toEqual(before);
        expect(before).toMatchObject({ offense: rows, manifests: [request.manifest] });
      });

      it('publishes once when the same publication is sent several times at once', async () => {
        const { gameDate, fence } = await held();
        const rows = offenseRows(gameDate, 1, 3);
        const request = await stageFor(warehouse, { table: offense, fence, version: 1, rows });
        const results = await Promise.all([1, 2, 3, 4].map(() => warehouse.publish(request)));
        expect(results.filter((result) => !isThrough(result, request))).toEqual([]);
        expect(results).toContainEqual({ kind: 'published' });
        const live = await everythingOf(gameDate);
        expect(live.offense).toEqual(rows);
        expect(live.manifests).toEqual([request.manifest]);
        expect(live.kept.offense).toEqual({ [request.manifest.stage_id]: 3 });
      });

      describe('refuses and changes nothing', () => {
        /** A date at version 1, held by pass 2 of run-a; and all of it, which no refusal may change, so that one is enough. */
        let gameDate: string;
        let fence: FenceToken;
        let everything: Awaited<ReturnType<typeof everythingOf>>;
        beforeAll(async () => {
          ({ gameDate, fence } = await held('run-a', 2));
          await put(fence, 1, 2, { stageId: `live on ${gameDate}` });
          everything = await everythingOf(gameDate);
        });

        const refused = async (request: Parameters<Warehouse['publish']>[0]) => {
          const [result] = await Promise.allSettled([warehouse.publish(request)]);
          expect(await everythingOf(gameDate)).toEqual(everything);
          return result.status === 'fulfilled' ? result.value : (result.reason as unknown);
        };
        const broken = { name: 'WarehouseError', kind: 'contract_broken' };

        it.each([
          ['an older one', 0],
          ['one that never was', 2],
        ])('when the version that the publisher saw is %s', async (_, seen) => {
          const rows = offenseRows(gameDate, 2, 3);
          const request = await stageFor(warehouse, { table: offense, fence, version: seen + 1, rows });
          expect(await refused(request)).toMatchObject({
            kind: 'version_moved',
            live: { table_name: offense, version: 1, stage_id: `live on ${gameDate}` },
          });
        });

        it('when a version was seen and none is live', async () => {
          const rows = [rowOf(defense, { game_date: gameDate })];
          const request = await stageFor(warehouse, { table: defense, fence, version: 2, rows });
          expect(await refused(request)).toEqual({ kind: 'version_moved', live: null });
        });

        it.each([
          ['moved since it was read', 0, 1],
          ['is older than what was read', 2, 1],
        ])('when an upstream %s', async (_, readVersion, version) => {
          const request = await stageFor(warehouse, {
            table: player,
            fence,
            version: 1,
            rows: [rowOf(player, { game_date: gameDate })],
            upstreamVersions: [
              { tableName: defense, version: 0 },
              { tableName: offense, version: readVersion },
            ],
          });
          expect(await refused(request)).toEqual({
            kind: 'upstream_moved',
            tableName: offense,
            version,
          });
        });

        it('when the date was never claimed; once it is, the same request is published', async () => {
          const never = { gameDate: newDate(), runId: 'run-a', pass: 1 };
          const rows = offenseRows(never.gameDate, 1, 3);
          const request = await stageFor(warehouse, { table: offense, fence: never, version: 1, rows });
          const nothing = await everythingOf(never.gameDate);
          expect(await warehouse.publish(request)).toMatchObject({ kind: 'fenced' });
          expect(await everythingOf(never.gameDate)).toEqual(nothing);
          await warehouse.claimDate(never, at);
          expect(await warehouse.publish(request)).toEqual({ kind: 'published' });
        });

        it.each<[string, Partial<FenceToken>]>([
          ['another run', { runId: 'run-b' }],
          ['an earlier pass of the run', { pass: 1 }],
          ['a later pass of the run', { pass: 3 }],
        ])('when the publisher is %s than the holder', async (_, difference) => {
          const request = await stageFor(warehouse, {
            table: offense,
            fence: { ...fence, ...difference },
            version: 2,
            rows: offenseRows(gameDate, 2, 3),
          });
          expect(await refused(request)).toEqual({
            kind: 'fenced',
            holder: expect.stringMatching(/run-a.*2/) as string,
          });
        });

        it.each([
          ['fewer', 2],
          ['more', 4],
        ])('when %s rows are staged than were checked', async (_, count) => {
          const request = await stage(fence, 2, count, { manifest: { row_count: 3 } });
          expect(await refused(request)).toMatchObject(broken);
        });

        it('when rows are kept under the stage id already, as another version', async () => {
          const request = await stage(fence, 2, 2, { stageId: `live on ${gameDate}` });
          expect(await refused(request)).toMatchObject(broken);
        });

        it('when the staged rows lack what the table requires', async () => {
          const rows: Row[] = [{ ...offenseRows(gameDate, 2, 1)[0]!, points_scored: null }];
          const request = await stageFor(warehouse, { table: offense, fence, version: 2, rows });
          expect(await refused(request)).toBeInstanceOf(WarehouseError);
        });

        it('when staged rows are of another date', async () => {
          const other = addDays(gameDate, 1);
          const rows = [...offenseRows(gameDate, 2, 2), ...offenseRows(other, 2, 1)];
          const request = await stageFor(warehouse, { table: offense, fence, version: 2, rows });
          expect(await refused(request)).toBeInstanceOf(WarehouseError);
          expect(await read(offense, other)).toEqual([]);
        });
      });
    });

    describe('readKept', () => {
      it('gives the rows of any version that was published, by its stage id, whatever is live', async () => {
        const { gameDate, fence } = await held();
        for (const version of [1, 2])
          await publish(warehouse, {
            ...{ table: offense, fence, version, stageId: `kept v${version} of ${gameDate}` },
            rows: offenseRows(gameDate, version, version + 3),
          });
        const kept = (stageId: string) => warehouse.readKept(offense, gameDate, stageId);
        expect(await kept(`kept v1 of ${gameDate}`)).toEqual(offenseRows(gameDate, 1, 4));
        expect(await kept(`kept v2 of ${gameDate}`)).toEqual(offenseRows(gameDate, 2, 5));
        expect(await read(offense, gameDate)).toEqual(offenseRows(gameDate, 2, 5));
      });

      it('gives none of another date, of another table, or of what was staged only', async () => {
        const [gameDate, other] = threeDays(newDate());
        const fence = await claim(gameDate);
        const stageId = `kept of ${gameDate}`;
        await publish(warehouse, {
          ...{ table: offense, fence, version: 1, stageId, rows: offenseRows(gameDate, 1, 2) },
        });
        await warehouse.stage({ table: offense, gameDate, stageId: 'only staged', rows: [] });
        expect(await warehouse.readKept(offense, other, stageId)).toEqual([]);
        expect(await warehouse.readKept(defense, gameDate, stageId)).toEqual([]);
        expect(await warehouse.readKept(offense, gameDate, 'only staged')).toEqual([]);
        expect(await warehouse.readKept(offense, gameDate, 'nobody’s')).toEqual([]);
      });
    });

    describe('claimDate and closePass', () => {
      const publishAs = (fence: FenceToken): Promise<PublishResult> =>
        publish(warehouse, { table: offense, fence, version: 1, rows: offenseRows(fence.gameDate, 1, 1) });

      const mayPublish = async (fence: FenceToken): Promise<boolean> =>
        (await publishAs(fence)).kind === 'published';

      it('a later claim takes the date over', async () => {
        const gameDate = newDate();
        const older = await claim(gameDate, 'run-a', 1);
        const newer = await claim(gameDate, 'run-b', 1);
        expect(await mayPublish(older)).toBe(false);
        expect(await mayPublish(newer)).toBe(true);
      });

      it('a claim that leaves others alone takes only what no other run holds', async () => {
        const gameDate = newDate();
        const shy = { gameDate, runId: 'shy', pass: 1 };
        const claimed = async (): Promise<unknown> => {
          const { date_fence: fences } = await warehouse.claimDate(shy, at, ['date_fence'], true);
          return fences.map(({ run_id: runId, state }) => [runId, state]);
        };
        const held = await claim(gameDate, 'run-a', 1);
        expect(await claimed()).toEqual([['run-a', 'open']]);
        await closePass(held);
        expect(await claimed()).toEqual([['shy', 'open']]);
        // Sent again, it is the same.
        expect(await claimed()).toEqual([['shy', 'open']]);
        expect(await mayPublish(held)).toBe(false);
        expect(await mayPublish(shy)).toBe(true);
      });

      it.each<[string, FenceToken]>([
        ['another run', { gameDate: '', runId: 'run-a', pass: 1 }],
        ['an earlier pass of the run', { gameDate: '', runId: 'run-b', pass: 1 }],
      ])('a release by %s does not end a later claim', async (_, token) => {
        const gameDate = newDate();
        const older = { ...token, gameDate };
        await warehouse.claimDate(older, at);
        const newer = await claim(gameDate, 'run-b', 2);
        await closePass(older);
        expect(await mayPublish(newer)).toBe(true);
      });

      it('a release ends the claim, also when it is sent twice, and the next pass may publish', async () => {
        const { gameDate, fence } = await held();
        await closePass(fence);
        await closePass(fence);
        expect(await mayPublish(fence)).toBe(false);
        expect(await mayPublish(await claim(gameDate, 'run-a', 2))).toBe(true);
      });

      it('a release of a date that nobody holds claims nothing', async () => {
        const gameDate = newDate();
        const fence = { gameDate, runId: 'run-a', pass: 1 };
        await closePass(fence);
        expect(await read('date_fence', gameDate)).toEqual([]);
        expect(await mayPublish(fence)).toBe(false);
      });

      it('one row tells who holds the date, since when', async () => {
        const gameDate = newDate();
        await claim(gameDate, 'run-a', 1);
        const fence = await claim(gameDate, 'run-b', 3);
        const row = { game_date: gameDate, run_id: 'run-b', pass: 3, state: 'open', changed_at: at };
        expect(await read('date_fence', gameDate)).toEqual([row]);
        const later = '2025-01-16T09:00:00.500Z';
        await closePass(fence, later);
        expect(await read('date_fence', gameDate)).toEqual([{ ...row, state: 'closed', changed_at: later }]);
        await claim(gameDate, 'run-c', 1);
        expect(await read('date_fence', gameDate)).toEqual([{ ...row, run_id: 'run-c', pass: 1 }]);
      });

      it('a claim tells what is on record of the date, and of no other', async () => {
        const [gameDate, other] = threeDays(newDate());
        expect(await warehouse.claimDate({ gameDate, runId: 'run-a', pass: 1 }, at)).toEqual({
          partition_manifest: [],
          run_history: [],
        });
        const fence = { gameDate, runId: 'run-a', pass: 1 };
        const rows = offenseRows(gameDate, 1, 2);
        const request = await stageFor(warehouse, { table: offense, fence, version: 1, rows });
        await warehouse.publish(request);
        await closePass(fence);
        await closePass(await claim(other));
        const record = await warehouse.claimDate({ gameDate, runId: 'run-b', pass: 1 }, at);
        expect(record).toEqual({
          partition_manifest: [request.manifest],
          run_history: [rowOf('run_history', { game_date: gameDate, run_id: 'run-a', pass: 1 })],
        });
      });

      it('a claim gives the rows of the date that were asked for with it, also to a pass that is over', async () => {
        const { gameDate, fence } = await held();
        const rows = offenseRows(gameDate, 1, 2);
        await load('nbac_schedule', [game(gameDate, '1'), game(addDays(gameDate, 1), '2')]);
        await publish(warehouse, { table: offense, fence, version: 1, rows });
        await closePass(fence);
        const tables = [offense, defense, 'nbac_schedule', 'partition_manifest'];
        for (const pass of [2, 1]) {
          const found = await warehouse.claimDate({ ...fence, pass }, at, tables);
          expect(Object.keys(found).sort()).toEqual([...tables, 'run_history'].sort());
          expect(found).toMatchObject({ [defense]: [], nbac_schedule: [game(gameDate, '1')] });
          expect(inKeyOrder<Row>(offense, found[offense] ?? [])).toEqual(rows);
          expect(found.partition_manifest).toHaveLength(1);
          expect(found.run_history).toHaveLength(1);
        }
      });

      it('a pass is recorded once, also when its claim is gone, or is made again', async () => {
        const gameDate = newDate();
        const older = await claim(gameDate, 'run-a', 1);
        await claim(gameDate, 'run-b', 1);
        await closePass(older);
        await closePass(older);
        await claim(gameDate, 'run-a', 1);
        await closePass(older);
        expect(await read('run_history', gameDate)).toEqual([
          rowOf('run_history', { game_date: gameDate, run_id: 'run-a', pass: 1 }),
        ]);
      });

      it('of many claims at once one holds the date', async () => {
        const gameDate = newDate();
        const fences = await Promise.all([1, 2, 3, 4, 5, 6].map((pass) => claim(gameDate, 'run-a', pass)));
        const results = await Promise.all(fences.map(publishAs));
        expect(results.map((result) => result.kind).sort()).toEqual([
          ...Array<string>(5).fill('fenced'),
          'published',
        ]);
      });
    });

    describe('quarantine', () => {
      const refused = (gameDate: string, stageId: string) =>
        rowOf('quarantine', { game_date: gameDate, table_name: offense, stage_id: stageId });

      it('keeps the refused rows and says so, once however often it is told', async () => {
        const gameDate = newDate();
        const [row] = offenseRows(gameDate, 1, 1);
        const rows: Row[] = [{ ...row!, pace: null }, row!];
        await warehouse.stage({ table: offense, gameDate, stageId: `q ${gameDate}`, rows });
        await warehouse.quarantine(refused(gameDate, `q ${gameDate}`));
        await warehouse.quarantine(refused(gameDate, `q ${gameDate}`));
        expect(await opened.keptRows(offense, gameDate)).toEqual({ [`q ${gameDate}`]: 2 });
        expect(await read('quarantine', gameDate)).toEqual([refused(gameDate, `q ${gameDate}`)]);
        expect(await read(offense, gameDate)).toEqual([]);
      });

      it('leaves the good version live, and what is kept of it', async () => {
        const { gameDate, fence } = await held();
        const good = offenseRows(gameDate, 1, 2);
        await publish(warehouse, { table: offense, fence, version: 1, stageId: 'good', rows: good });
        await warehouse.stage({
          table: offense,
          gameDate,
          stageId: 'bad',
          rows: offenseRows(gameDate, 2, 1),
        });
        await warehouse.quarantine(refused(gameDate, 'bad'));
        const { offense: live, manifests, kept } = await everythingOf(gameDate);
        expect(live).toEqual(good);
        expect(manifests.map((manifest) => manifest.version)).toEqual([1]);
        expect(kept.offense).toEqual({ good: 2, bad: 1 });
      });

      it('is refused where nothing was staged under the id', async () => {
        const gameDate = newDate();
        await expect(warehouse.quarantine(refused(gameDate, 'never'))).rejects.toMatchObject({
          name: 'WarehouseError',
          kind: 'contract_broken',
        });
        expect(await read('quarantine', gameDate)).toEqual([]);
      });
    });

    describe('raw rows and prune', () => {
      const raw = (gameDate: string, hash: string, table = 'nbac_team_boxscore') =>
        rowOf('raw_kept', {
          ...{ game_date: gameDate, table_name: table, input_hash: hash, game_id: 'g' },
          ...{ row_count: 2, content: 'H4sIAAAA' },
        });
      const pruned = (fence: FenceToken, table: TableName, number: number, stageId: string) =>
        rowOf('pruned_version', {
          ...{ game_date: fence.gameDate, table_name: table, version: number, stage_id: stageId },
          ...{ run_id: fence.runId, pass: fence.pass, keep_versions: 1, pruned_at: at },
        });
      const hashesOf = async (gameDate: string) =>
        (await warehouse.readDate(gameDate, ['raw_kept'])).raw_kept.map((row) => row.input_hash).sort();

      it('raw rows are kept once, with what is published, and not with what is refused', async () => {
        const { gameDate, fence } = await held();
        const [a, b, c] = ['a', 'b', 'c'].map((hash) => raw(gameDate, hash));
        const other = raw(gameDate, 'a', 'nbac_schedule');
        expect(await warehouse.publish({ ...(await stage(fence, 1, 1)), raw: [a!, b!] })).toEqual({
          kind: 'published',
        });
        const refused = await stage(fence, 1, 1, { stageId: `again ${gameDate}` });
        expect(await warehouse.publish({ ...refused, raw: [c!] })).toMatchObject({ kind: 'version_moved' });
        expect(await hashesOf(gameDate)).toEqual(['a', 'b']);
        const more = await stage(fence, 1, 1, { table: defense, rows: [] });
        expect((await warehouse.publish({ ...more, raw: [b!, other, a!] })).kind).toBe('published');
        expect(await read('raw_kept', gameDate)).toEqual([other, a, b]);
        // Nothing to keep is nothing to write.
        expect((await warehouse.publish({ ...(await stage(fence, 2, 1)), raw: [] })).kind).toBe('published');
        expect(await hashesOf(gameDate)).toEqual(['a', 'a', 'b']);
      });

      it('what another process has kept is not kept again', async () => {
        const { gameDate, fence } = await held();
        const [a, b] = ['a', 'b'].map((hash) => raw(gameDate, hash));
        await warehouse.publish({ ...(await stage(fence, 1, 1)), raw: [a!] });
        warehouse = (await opened.reopen?.()) ?? warehouse;
        await warehouse.publish({ ...(await stage(fence, 2, 1)), raw: [b!, a!] });
        await warehouse.publish({ ...(await stage(fence, 3, 1)), raw: [a!, b!] });
        expect(await hashesOf(gameDate)).toEqual(['a', 'b']);
      });

      it('prune removes the versions that are named and raw rows that are not, and says so, once', async () => {
        const [{ gameDate, fence }, elsewhere] = [await held(), await held()];
        for (const one of [fence, elsewhere.fence]) {
          const own = raw(one.gameDate, 'first');
          await warehouse.publish({ ...(await stage(one, 1, 2, { stageId: 'same' })), raw: [own] });
        }
        await warehouse.publish({ ...(await stage(fence, 2, 3)), raw: [raw(gameDate, 'second')] });
        // An id of another table is another's.
        await put(fence, 1, 1, { table: defense, rows: [], stageId: 'none' });
        await warehouse.stage({
          table: offense,
          gameDate,
          stageId: 'refused',
          rows: offenseRows(gameDate, 9, 1),
        });
        await warehouse.quarantine(
          rowOf('quarantine', { game_date: gameDate, table_name: offense, stage_id: 'refused' }),
        );
        await closePass(fence);
        const before = await everythingOf(gameDate);
        const request = {
          fence,
          versions: [pruned(fence, offense, 1, 'same')],
          raw: [{ table_name: 'nbac_team_boxscore', input_hash: 'second' }],
        };
        expect(await warehouse.prune(request)).toBe('pruned');
        expect(await warehouse.prune(request)).toBe('pruned');
        const after = await everythingOf(gameDate);
        const { same: _, ...left } = before.kept.offense;
        expect(after).toEqual({ ...before, kept: { ...before.kept, offense: left } });
        expect(Object.values(left).sort()).toEqual([1, 3]);
        expect(await hashesOf(gameDate)).toEqual(['second']);
        expect(await read('pruned_version', gameDate)).toEqual(request.versions);
        // What other dates keep stays, under whatever id.
        expect(await opened.keptRows(offense, elsewhere.gameDate)).toEqual({ same: 2 });
        expect(await hashesOf(elsewhere.gameDate)).toEqual(['first']);
      });

      it('what was pruned is kept again with the next version that names it', async () => {
        const { gameDate, fence } = await held();
        const own = raw(gameDate, 'own');
        await warehouse.publish({ ...(await stage(fence, 1, 1)), raw: [own] });
        await closePass(fence);
        expect(await warehouse.prune({ fence, versions: [], raw: [] })).toBe('pruned');
        expect(await hashesOf(gameDate)).toEqual([]);
        const next = await claim(gameDate, 'run-a', 2);
        await warehouse.publish({ ...(await stage(next, 2, 1)), raw: [own] });
        expect(await hashesOf(gameDate)).toEqual(['own']);
      });

      it('prune changes nothing once another pass has claimed the date', async () => {
        const { gameDate, fence } = await held();
        await warehouse.publish({
          ...(await stage(fence, 1, 1, { stageId: 'old' })),
          raw: [raw(gameDate, 'a')],
        });
        await put(fence, 2, 1);
        await closePass(fence);
        await claim(gameDate, 'run-b');
        const before = await everythingOf(gameDate);
        expect(await warehouse.prune({ fence, versions: [pruned(fence, offense, 1, 'old')], raw: [] })).toBe(
          'fenced',
        );
        expect([await everythingOf(gameDate), await hashesOf(gameDate)]).toEqual([before, ['a']]);
        expect(await read('pruned_version', gameDate)).toEqual([]);
      });
    });

    describe('append', () => {
      const pass = (gameDate: string, runId: string, state = 'published') =>
        rowOf('run_history', { game_date: gameDate, run_id: runId, state });

      it('leaves out a row whose key is there and adds the others', async () => {
        const gameDate = newDate();
        await warehouse.append('run_history', [pass(gameDate, 'a')]);
        await warehouse.append('run_history', [pass(gameDate, 'a', 'failed'), pass(gameDate, 'b')]);
        expect(await read('run_history', gameDate)).toEqual([pass(gameDate, 'a'), pass(gameDate, 'b')]);
      });

      it('takes a key that differs in one column for another', async () => {
        const [gameDate, other] = threeDays(newDate());
        await warehouse.append('run_history', [pass(gameDate, 'a')]);
        await warehouse.append('run_history', [{ ...pass(gameDate, 'a'), pass: 2 }, pass(other, 'a')]);
        expect(await read('run_history', gameDate)).toHaveLength(2);
        expect(await read('run_history', other)).toHaveLength(1);
      });

      it('adds a key once when one call brings it twice', async () => {
        const gameDate = newDate();
        await warehouse.append('run_history', []);
        await warehouse.append('run_history', [pass(gameDate, 'a'), pass(gameDate, 'a')]);
        expect(await read('run_history', gameDate)).toEqual([pass(gameDate, 'a')]);
      });

      it('adds every key once however many calls bring it at once', async () => {
        const gameDate = newDate();
        const calls = Array.from({ length: 20 }, (_, call) => [
          pass(gameDate, `shared ${call % 4}`),
          pass(gameDate, `own ${call}`),
        ]);
        await Promise.all(calls.map((rows) => warehouse.append('run_history', rows)));
        const runs = (await read('run_history', gameDate)).map((row) => String(row['run_id']));
        expect(runs).toEqual([...new Set(calls.flat().map((row) => row.run_id))].sort());
      });

      it.each<[OrchestrationTableName, Row]>([
        ['run_history', { journal: null }],
        ['quarantine', { quarantined_at: 'soon' }],
      ])('adds no row of a call to %s that brings a bad one', async (table, fault) => {
        const gameDate = newDate();
        const rows: Row[] = [
          rowOf(table, { game_date: gameDate }),
          { ...rowOf(table, { game_date: gameDate }), pass: 2, stage_id: 'other', ...fault },
        ];
        const appending = warehouse.append(
          table,
          rows.map((row) => pick(row, rowOf(table, {}))),
        );
        await expect(appending).rejects.toMatchObject({ name: 'WarehouseError', kind: 'bad_rows' });
        expect(await read(table, gameDate)).toEqual([]);
      });
    });

    describe('exportRows', () => {
      it('gives the rows of a range in key order, both ends included', async () => {
        const days = threeDays(newDate());
        const [first, second, third] = days;
        const names = ['é', 'a', 'Z', 'b', '0', 'A'];
        const rows = days.flatMap((day) => names.map((id) => game(day, id)));
        await load('nbac_schedule', [...rows].reverse());
        const inOrder = (wanted: readonly string[]) =>
          wanted.flatMap((day) => ['0', 'A', 'Z', 'a', 'b', 'é'].map((id) => game(day, id)));
        expect(await exported('nbac_schedule', first, third)).toEqual(inOrder(days));
        expect(await exported('nbac_schedule', second, third)).toEqual(inOrder([second, third]));
        expect(await exported('nbac_schedule', second, second)).toEqual(inOrder([second]));
      });

      it('orders numbers in a key as numbers', async () => {
        const gameDate = newDate();
        const versions = [10, 2, 1, 11, 9];
        await warehouse.append(
          'partition_manifest',
          versions.map((version) => rowOf('partition_manifest', { game_date: gameDate, version })),
        );
        const rows = await exported('partition_manifest', gameDate, gameDate);
        expect(rows.map((row) => row['version'])).toEqual([1, 2, 9, 10, 11]);
      });

      it('gives nothing for a range without rows, or one that ends before it begins', async () => {
        const [first, , third] = threeDays(newDate());
        expect(await exported('nbac_schedule', first, third)).toEqual([]);
        await load('nbac_schedule', [game(first, '1'), game(third, '2')]);
        expect(await exported('nbac_schedule', third, first)).toEqual([]);
      });

      it('streams in batches, and reads one version though another is published meanwhile', async () => {
        const { gameDate, fence } = await held();
        const rows = offenseRows(gameDate, 1, 3_000);
        await publish(warehouse, { table: offense, fence, version: 1, rows });
        const batches: (readonly Row[])[] = [];
        for await (const batch of warehouse.exportRows(offense, gameDate, gameDate)) {
          if (batches.length === 0) await put(fence, 2, 10);
          batches.push(batch);
        }
        expect(batches.length).toBeGreaterThan(1);
        expect(contentHash(tableOf(offense), batches.flat())).toBe(contentHash(tableOf(offense), rows));
        expect(await exported(offense, gameDate, gameDate)).toEqual(offenseRows(gameDate, 2, 10));
      });

      it('can be left before its end', async () => {
        const gameDate = newDate();
        await load(
          'nbac_schedule',
          Array.from({ length: 3_000 }, (_, index) => game(gameDate, `${index}`)),
        );
        const batches = warehouse.exportRows('nbac_schedule', gameDate, gameDate)[Symbol.asyncIterator]();
        expect(await batches.next()).toMatchObject({ done: false });
        await batches.return?.();
        await load('nbac_schedule', [game(gameDate, 'only')]);
        expect(await exported('nbac_schedule', gameDate, gameDate)).toEqual([game(gameDate, 'only')]);
      });
    });

    describe('many at once', () => {
      it('publishes every one of many dates whose writers come together, beside loads and appends', async () => {
        const dates = Array.from({ length: opened.crowd }, () => newDate());
        await Promise.all(
          dates.map(async (gameDate, index) => {
            const fence = await claim(gameDate, `run-${index}`);
            for (const version of [1, 2])
              expect(await put(fence, version, index + version)).toEqual({ kind: 'published' });
            await Promise.all([
              load('nbac_schedule', [game(gameDate, String(index))]),
              warehouse.append('run_history', [rowOf('run_history', { game_date: gameDate })]),
              closePass(fence),
            ]);
          }),
        );
        for (const [index, gameDate] of dates.entries()) {
          const { offense: live, manifests, fence } = await everythingOf(gameDate);
          expect(live).toEqual(offenseRows(gameDate, 2, index + 2));
          expect(manifests.map((manifest) => manifest.version)).toEqual([1, 2]);
          expect(fence).toMatchObject([{ run_id: `run-${index}`, state: 'closed' }]);
          expect(await read('nbac_schedule', gameDate)).toEqual([game(gameDate, String(index))]);
          expect(await read('run_history', gameDate)).toHaveLength(2);
        }
      });

      it('lets exactly one of several publications of a table and date win', async () => {
        const { gameDate, fence } = await held();
        const requests = await Promise.all(
          Array.from({ length: 8 }, (_, index) =>
            stageFor(warehouse, {
              table: offense,
              fence,
              version: 1,
              stageId: `${gameDate}/${index}`,
              rows: offenseRows(gameDate, index, index + 1),
            }),
          ),
        );
        const results = await Promise.all(requests.map((request) => warehouse.publish(request)));
        const winners = requests.filter((_, index) => results[index]?.kind === 'published');
        expect(winners).toHaveLength(1);
        const [{ manifest } = { manifest: undefined }] = winners;
        expect(results.filter((result) => result.kind !== 'published')).toEqual(
          Array(7).fill({ kind: 'version_moved', live: manifest }),
        );
        const live = await everythingOf(gameDate);
        expect(live.manifests).toEqual([manifest]);
        expect(contentHash(tableOf(offense), live.offense)).toBe(manifest?.content_hash);
        expect(live.offense).toHaveLength(manifest?.row_count ?? -1);
      });

      it('shows readers one version whole, rows and manifest, while others are published', async () => {
        const { gameDate, fence } = await held();
        let done = false;
        const seen = new Set<number>();
        const readers = Array.from({ length: 3 }, async () => {
          while (!done) {
            const rows = await warehouse.readDate(gameDate, [offense, 'partition_manifest']);
            const manifest = newestManifest(rows.partition_manifest, offense);
            expect(rows[offense]).toHaveLength(manifest?.row_count ?? 0);
            if (manifest) expect(contentHash(tableOf(offense), rows[offense])).toBe(manifest.content_hash);
            seen.add(manifest?.version ?? 0);
          }
        });
        const writer = (async () => {
          try {
            for (let version = 1; version <= Math.max(5, opened.crowd * 0.75); version += 1)
              await publish(warehouse, {
                table: offense,
                fence,
                version,
                rows: offenseRows(gameDate, version, 20 + ((version * 7) % 30)),
              });
          } finally {
            done = true;
          }
        })();
        await Promise.all([writer, ...readers]);
        expect(seen.size).toBeGreaterThan(3);
      });
    });
  });
}

async function* inBatches(batches: readonly (readonly Row[])[]): AsyncGenerator<readonly Row[]> {
  yield* batches;
}

function threeDays(first: string): readonly [string, string, string] {
  return [first, addDays(first, 1), addDays(first, 2)];
}

function game(gameDate: string, id: string): ScheduleRow {
  return rowOf('nbac_schedule', { game_date: gameDate, game_id: id }) as ScheduleRow;
}

/** The columns of `row` that `shape` has. */
function pick(row: Row, shape: Row): Row {
  return Object.fromEntries(Object.keys(shape).map((column) => [column, row[column] ?? null]));
}
