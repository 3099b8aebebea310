/** Adoption of what was in the tables before this system, on DuckDB. */
import { adoptDate, type AdoptedPartition } from '../../src/adoption/adopt-date';
import { adoptedVersion } from '../../src/contracts/phase3';
import { processorNames, processorOf } from '../../src/plan/registry';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import { checkDependencies } from '../../src/gate/check-dependencies';
import { judgeProcessor } from '../../src/gate/judge-processor';
import { readSnapshot } from '../../src/gate/read-snapshot';
import { contentHash } from '../../src/publishing/fingerprint';
import { tableOf } from '../../src/tables/catalogue';
import type { PlayerSummaryRow } from '../../src/processors/player-game-summary/table';
import type { Row } from '../../src/tables/define-table';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import { WarehouseError } from '../../src/warehouse/errors';
import type { FenceToken } from '../../src/warehouse/warehouse';
import { dump, insertByHand, keptUnder, sql, tableByHand } from '../support/by-hand';
import {
  defense,
  gameDate,
  goodNight,
  offense,
  player,
  policyAfter,
  published,
  add,
  change,
  drop,
  withRows,
  type Night,
} from '../support/fixtures';
import { replacing } from '../support/wrap-warehouse';
import { inKeyOrder, publish, rowOf } from '../warehouse/rows';

const by = { by: 'maria', reason: 'they were there before us' };
const at = '2025-02-01T09:00:00.000Z';
const clock = () => new Date(at);
const analytics = ['team_offense_game_summary', 'team_defense_game_summary', 'player_game_summary'] as const;
const raw = ['nbac_schedule', 'nbac_team_boxscore', 'nbac_gamebook_player_stats'] as const;
const night = published(goodNight(), offense, defense, player);

let warehouse: DuckDbWarehouse;

beforeEach(async () => {
  warehouse = await DuckDbWarehouse.open(':memory:');
  await warehouse.ensureTables();
});
afterEach(() => warehouse.close());

/** Puts a night's raw rows there, and the rows of these tables without a manifest. */
async function find(
  snapshot: Night = night,
  tables: readonly (typeof analytics)[number][] = analytics,
): Promise<void> {
  for (const name of raw) await insertByHand(warehouse, `nba_raw.${name}`, name, snapshot.rows[name]);
  for (const name of tables)
    await insertByHand(warehouse, `nba_analytics.${name}`, name, snapshot.rows[name]);
}

const adopt = (behind = warehouse as Parameters<typeof adoptDate>[0], adopter = by) =>
  adoptDate(behind, gameDate, adopter, clock);
const read = async () =>
  warehouse.readDate(gameDate, ['partition_manifest', 'run_history', 'date_fence', ...analytics]);
const outcomes = (partitions: readonly AdoptedPartition[]) =>
  partitions.map(({ table, outcome }) => [table, outcome]);
const all = (outcome: string) => analytics.map((table) => [table, outcome]);
/** What is answered where every table of the night comes to the same. */
const partitions = (outcome: AdoptedPartition['outcome'], detail = ''): AdoptedPartition[] =>
  analytics.map((table) => ({
    ...{ gameDate, table, outcome, rows: night.rows[table].length, failedChecks: [], detail },
  }));
/** The warehouse, where \`before\` is done before the adoption number \`call\`. */
const beforeCall = (call: number, before: () => Promise<unknown>) => {
  let calls = 0;
  return replacing(warehouse, {
    adopt: async (request) => {
      calls += 1;
      if (calls === call) await before();
      return warehouse.adopt(request);
    },
  });
};
const away = () => Promise.reject(new WarehouseError('unavailable', 'the warehouse is away'));
const heldBy = (runId: string, pass = 1): FenceToken => ({ gameDate, runId, pass });

describe('a date that was there before us', () => {
  it('is put on record, partition by partition', async () => {
    await find();
    expect(await adopt()).toEqual(partitions('adopted'));
  });

  it('keeps its rows byte for byte: not one is written again', async () => {
    await find();
    const before = await dump(warehouse, 'nba_analytics');
    await adopt();
    expect(await dump(warehouse, 'nba_analytics')).toEqual(before);
  });

  it('has manifests that hold: their hashes are of what is stored, and of what is kept under their stage id', async () => {
    await find();
    await adopt();
    const stored = await read();
    expect(stored.partition_manifest).toHaveLength(3);
    for (const table of analytics) {
      const [manifest] = stored.partition_manifest.filter(({ table_name }) => table_name === table);
      expect(manifest).toMatchObject({
        version: 1,
        processor: processorNames[analytics.indexOf(table)],
        processor_version: adoptedVersion,
        fingerprint: adoptedVersion,
        content_hash: contentHash(tableOf(table), night.rows[table]),
        row_count: night.rows[table].length,
        upstream_versions: '[]',
        missing_games: '[]',
        bypass: null,
        reason: 'adopted as found, by maria: they were there before us',
        run_id: expect.stringMatching(/^adopt\/[0-9a-f-]{36}$/) as string,
        pass: 1,
        published_at: at,
      });
      expect(contentHash(tableOf(table), stored[table])).toBe(manifest?.content_hash);
      const kept = await keptUnder(warehouse, table, manifest?.stage_id ?? '');
      expect(inKeyOrder(table, kept)).toHaveLength(night.rows[table].length);
      expect((JSON.parse(manifest?.checks ?? '[]') as { passed: boolean }[]).length).toBeGreaterThan(3);
    }
  });

  it('has one row in the history, which says who decided it and why, and its claim is over', async () => {
    await find();
    await adopt();
    const { run_history: history, date_fence: fences } = await read();
    expect(history).toHaveLength(1);
    const [{ requests, journal, ...row }] = history as [(typeof history)[number]];
    expect(row).toMatchObject({
      state: 'adopted',
      processors: '{}',
      missing: '[]',
      started_at: at,
      ended_at: at,
    });
    expect(JSON.parse(requests)).toEqual([{ request_id: row.run_id, kind: 'adopt', ...by }]);
    expect(JSON.parse(journal)).toEqual(
      analytics.map((table) => ({
        at,
        level: 'INFO',
        message: `${table}: ${night.rows[table].length} rows adopted`,
      })),
    );
    expect(fences).toMatchObject([{ run_id: row.run_id, pass: 1, state: 'closed' }]);
  });

  it('is adopted once: the second time nothing is written', async () => {
    await find();
    await adopt();
    const before = [await dump(warehouse, 'nba_analytics'), await dump(warehouse, 'nba_orchestration')];
    expect(await adopt()).toEqual(partitions('already_published'));
    expect([await dump(warehouse, 'nba_analytics'), await dump(warehouse, 'nba_orchestration')]).toEqual(
      before,
    );
  });

  it('leaves no trace where no table has rows', async () => {
    await find(night, []);
    const before = await dump(warehouse, 'nba_orchestration');
    expect(await adopt()).toEqual([]);
    expect(await dump(warehouse, 'nba_orchestration')).toEqual(before);
  });

  it('is of that date only', async () => {
    await find();
    const other = night.rows.team_offense_game_summary.map((row) => ({ ...row, game_date: '2025-01-16' }));
    await insertByHand(
      warehouse,
      'nba_analytics.team_offense_game_summary',
      'team_offense_game_summary',
      other,
    );
    await adopt();
    const { partition_manifest: manifests } = await warehouse.readDate('2025-01-16', ['partition_manifest']);
    expect(manifests).toEqual([]);
    expect((await read()).partition_manifest[0]?.row_count).toBe(night.rows.team_offense_game_summary.length);
  });

  it('that is half published: what has a manifest is left as it is, and its version too', async () => {
    await find(night, ['team_defense_game_summary', 'player_game_summary']);
    const fence = heldBy('run-a');
    const rows = night.rows.team_offense_game_summary;
    await warehouse.claimDate(fence, at);
    await publish(warehouse, { table: 'team_offense_game_summary', fence, version: 1, rows });
    await publish(warehouse, { table: 'team_offense_game_summary', fence, version: 2, rows });
    await warehouse.closePass(fence, at, rowOf('run_history', { game_date: gameDate, run_id: 'run-a' }));
    const before = (await read()).partition_manifest;
    expect(outcomes(await adopt())).toEqual([
      ['team_offense_game_summary', 'already_published'],
      ['team_defense_game_summary', 'adopted'],
      ['player_game_summary', 'adopted'],
    ]);
    const after = (await read()).partition_manifest;
    expect(after).toHaveLength(4);
    expect(after.filter(({ table_name }) => table_name === 'team_offense_game_summary')).toEqual(before);
  });
});

describe('checks', () => {
  const failing = (snapshot: Night, changes: Partial<PlayerSummaryRow>): Night =>
    change(snapshot, 'player_game_summary', (row) => row === snapshot.rows.player_game_summary[0], changes);

  // What the old system published in February: team rows that were placeholders, and usage rates far above 100 %.
  it('that fail are recorded, in the answer, the manifest and the history; the rows stay as they are', async () => {
    const february = failing(night, { usage_rate: 1275, usage_rate_raw: 1275 });
    await find(february);
    const name = february.rows.player_game_summary[0]?.player_lookup;
    const [, , adopted] = await adopt();
    const detail = `${name} has a usage rate of 1275.0 %`;
    expect(adopted).toMatchObject({ table: 'player_game_summary', outcome: 'adopted', detail: '' });
    expect(adopted?.failedChecks).toContainEqual({ check: 'usage_is_a_percentage', detail });
    const { partition_manifest: manifests, run_history: history, player_game_summary: rows } = await read();
    const manifest = manifests.find(({ table_name }) => table_name === 'player_game_summary');
    expect(JSON.parse(manifest?.checks ?? '')).toContainEqual({
      check: 'usage_is_a_percentage',
      blocking: true,
      passed: false,
      detail,
    });
    const lines = JSON.parse(history[0]?.journal ?? '') as { level: string; message: string }[];
    expect(lines.map(({ level }) => level)).toEqual(['INFO', 'INFO', 'WARNING']);
    expect(lines[2]?.message).toContain(`would have failed the check usage_is_a_percentage: ${detail}`);
    expect(rows.find(({ player_lookup: lookup }) => lookup === name)?.usage_rate).toBe(1275);
  });

  it('see the offence that is there: players that do not add up to it are told', async () => {
    const half = night.rows.team_offense_game_summary.map((row) => ({
      ...row,
      fg_attempts: 2 * row.fg_attempts,
    }));
    await find(withRows(night, 'team_offense_game_summary', half));
    const [, , players] = await adopt();
    expect(players?.failedChecks.map(({ check }) => check)).toContain('players_add_up_to_their_team');
  });

  it('see a key that two rows have', async () => {
    const [first] = night.rows.player_game_summary;
    await find(add(night, 'player_game_summary', first!));
    const [, , players] = await adopt();
    expect(players).toMatchObject({ outcome: 'adopted', rows: night.rows.player_game_summary.length + 1 });
    expect(players?.failedChecks).toContainEqual({
      check: 'keys_are_unique',
      detail: `${gameDate}/${first?.player_lookup} occurs more than once`,
    });
  });

  it('see a final game without rows', async () => {
    const lost = night.rows.team_offense_game_summary[0]?.team_abbr;
    await find(drop(night, 'team_offense_game_summary', (row) => row.team_abbr === lost));
    const [team] = await adopt();
    expect(team?.failedChecks).toContainEqual({ check: 'two_rows_a_game', detail: `${lost} has no row` });
  });

  it('ask for no rows of a game that was not played', async () => {
    const [game] = goodNight(6).rows.nbac_schedule.slice(-1);
    const postponed = {
      ...game!,
      game_status: 1,
      game_status_text: 'PPD',
      home_team_score: null,
      away_team_score: null,
    };
    await find(add(night, 'nbac_schedule', postponed));
    expect((await adopt()).flatMap(({ failedChecks }) => failedChecks)).toEqual([]);
  });
});

describe('a date that somebody works on', () => {
  it('is refused while a pass holds it, with a sentence, and the pass can publish', async () => {
    await find();
    const fence = heldBy('run-a', 3);
    await warehouse.claimDate(fence, at);
    const before = await dump(warehouse, 'nba_orchestration');
    expect(await adopt()).toEqual(
      partitions(
        'refused',
        `run run-a, pass 3 works on ${gameDate}; adopt the date when that run has ended (a terminated run never does: then \`phase3 run ${gameDate}\` takes the date over)`,
      ),
    );
    expect(await dump(warehouse, 'nba_orchestration')).toEqual(before);
    const rows = night.rows.team_offense_game_summary;
    const result = await publish(warehouse, { table: 'team_offense_game_summary', fence, version: 1, rows });
    expect(result).toEqual({ kind: 'published' });
    await warehouse.closePass(
      fence,
      at,
      rowOf('run_history', { game_date: gameDate, run_id: 'run-a', pass: 3 }),
    );
    expect(outcomes(await adopt()).map(([, outcome]) => outcome)).toEqual([
      'already_published',
      'adopted',
      'adopted',
    ]);
  });

  it('is left to a pass that takes it over on the way; what was adopted by then stays', async () => {
    await find();
    const partial = await adopt(beforeCall(2, () => warehouse.claimDate(heldBy('run-b', 2), at)));
    const detail = 'the date was taken over by run run-b, pass 2 (open)';
    expect(partial.map(({ outcome, detail }) => [outcome, detail])).toEqual([
      ['adopted', ''],
      ['refused', detail],
      ['refused', detail],
    ]);
    const { date_fence: fences, partition_manifest: manifests, run_history: history } = await read();
    expect(fences).toMatchObject([{ run_id: 'run-b', pass: 2, state: 'open' }]);
    expect(manifests.map(({ table_name }) => table_name)).toEqual(['team_offense_game_summary']);
    const lines = JSON.parse(history[0]?.journal ?? '') as { level: string; message: string }[];
    expect(lines[1]).toMatchObject({
      level: 'WARNING',
      message: `team_defense_game_summary: ${night.rows.team_defense_game_summary.length} rows refused (${detail})`,
    });
  });

  it('and of which nothing was adopted does not stand as adopted in the history', async () => {
    await find();
    await adopt(beforeCall(1, () => warehouse.claimDate(heldBy('run-b', 2), at)));
    const { run_history: history, partition_manifest: manifests } = await read();
    expect(manifests).toEqual([]);
    expect(history.map(({ state }) => state)).toEqual(['refused']);
  });

  it('is not adopted beside a version that came meanwhile', async () => {
    await find();
    const manifest = rowOf('partition_manifest', {
      game_date: gameDate,
      table_name: 'team_offense_game_summary',
      version: 1,
    });
    const [first] = await adopt(beforeCall(1, () => warehouse.append('partition_manifest', [manifest])));
    expect(first).toMatchObject({ outcome: 'refused', detail: 'version 1 was published meanwhile' });
  });

  it('by two adoptions at once ends with one manifest a table', async () => {
    await find();
    const both = (await Promise.all([adopt(), adopt()])).flat();
    const { partition_manifest: manifests } = await read();
    expect(manifests).toHaveLength(3);
    for (const table of analytics)
      expect(both.filter((one) => one.table === table && one.outcome === 'adopted')).toHaveLength(1);
  });
});

describe('rows from before us that lack what ours must have', () => {
  const bare: Row = {
    game_date: gameDate,
    team_abbr: 'NYK',
    game_id: night.rows.nbac_schedule[0]?.game_id ?? '',
  };

  beforeEach(async () => {
    // Tables of another system, which requires nothing; ours keep them as they are.
    await warehouse.close();
    warehouse = await DuckDbWarehouse.open(':memory:');
    for (const name of analytics) await tableByHand(warehouse, `nba_analytics.${name}`, tableOf(name));
    await warehouse.ensureTables();
    for (const name of raw) await insertByHand(warehouse, `nba_raw.${name}`, name, night.rows[name]);
    await insertByHand(warehouse, 'nba_analytics.team_offense_game_summary', 'team_offense_game_summary', [
      bare,
    ]);
  });

  it('are adopted as they are, with what they lack on record, and no claim is left open', async () => {
    const [partition] = await adopt();
    expect(partition).toMatchObject({ table: 'team_offense_game_summary', outcome: 'adopted', rows: 1 });
    expect(partition?.failedChecks.map(({ check }) => check)).toContain('required_columns_are_filled');
    expect((await read()).date_fence).toMatchObject([{ state: 'closed' }]);
  });

  it('can be exported and judged by the gate, and are never current', async () => {
    await adopt();
    const exported: Row[] = [];
    for await (const rows of warehouse.exportRows('team_offense_game_summary', gameDate, gameDate))
      exported.push(...rows);
    expect(exported).toMatchObject([{ team_abbr: 'NYK', opponent_team_abbr: null }]);
    const policy = policyNow(defaultPolicySettings, {}, clock);
    const [offenseVerdict, playerVerdict] = await checkDependencies(
      warehouse,
      gameDate,
      [offense, player].map(processorOf),
      policy,
    );
    expect(offenseVerdict?.canRun).toBe(true);
    expect(playerVerdict?.canRun).toBe(false);
  });
});

describe('an adoption that breaks off', () => {
  // The claim of an adoption that is over for whatever reason protects nothing: it would lock the date for ever.
  it('can be done again: its own claim does not stand in its way', async () => {
    await find();
    await expect(adopt(beforeCall(2, away))).rejects.toThrow('the warehouse is away');
    expect(outcomes(await adopt())).toEqual([
      ['team_offense_game_summary', 'already_published'],
      ['team_defense_game_summary', 'adopted'],
      ['player_game_summary', 'adopted'],
    ]);
  });

  it('before it could record itself can be done again', async () => {
    await find();
    await expect(adopt(replacing(warehouse, { closePass: away }))).rejects.toThrow('the warehouse is away');
    expect(outcomes(await adopt())).toEqual(all('already_published'));
  });

  it('because rows went between looking and adopting: no entries in the audit log', async () => {
    await find();
    const thinned = beforeCall(1, () =>
      sql(warehouse, `DELETE FROM nba_analytics.team_offense_game_summary WHERE game_date = '${gameDate}'`),
    );
    await expect(adopt(thinned)).rejects.toMatchObject({
      kind: 'contract_broken',
      message: `nba_analytics.team_offense_game_summary holds 0 rows of ${gameDate} where 10 were checked`,
    });
    expect((await read()).partition_manifest).toEqual([]);
  });
});

describe('an adopted partition', () => {
  it('satisfies nobody: the gate names it as not current, and the players do not run on it', async () => {
    await find();
    const policy = policyAfter(1);
    await adopt();
    const [verdict] = await checkDependencies(warehouse, gameDate, [processorOf(player)], policy);
    expect(verdict).toMatchObject({
      canRun: false,
      missing: ['team_offense_game_summary'],
      staleUpstreams: [{ processor: offense, reason: expect.stringContaining('adopted') as string }],
    });
    // Also when it is old, and so when less would do.
    const [old] = await checkDependencies(warehouse, gameDate, [processorOf(player)], policyAfter(300));
    expect(old?.canRun).toBe(false);
  });

  it('is not taken for current though its rows are the very ones that would be built', async () => {
    await find();
    await adopt();
    const versions = Object.fromEntries(processorNames.map((name) => [name, adoptedVersion]));
    const snapshot = await readSnapshot(warehouse, gameDate, [processorOf(player)]);
    const verdict = judgeProcessor(processorOf(player), snapshot, policyAfter(1), { versions });
    expect(verdict.staleUpstreams.map(({ processor }) => processor)).toEqual([offense]);
  });
});
