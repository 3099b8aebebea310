/** A gate that a person passes on the record: what is waived, what stands on it, and how the mark goes again. */
import { NotOpenError, RefusedError } from '../../src/client';
import { verifyChain } from '../../src/audit/chain';
import type { Row } from '../../src/tables/define-table';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';

const night = demoNight('2017-04-15');
const player = 'PlayerGameSummaryProcessor';
const offense = 'TeamOffenseGameSummaryProcessor';
const by = 'ana@example.org';
const reason = 'the league has not sent team rows, and the site needs players';
let rig: Rig;

async function live(
  table: 'player_game_summary' | 'team_offense_game_summary',
  gameDate: string,
): Promise<Row[]> {
  const { [table]: rows } = await rig.warehouse.readDate(gameDate, [table]);
  return [...rows];
}

async function markOf(table: string, gameDate: string): Promise<unknown> {
  const { partition_manifest: manifests } = await rig.warehouse.readDate(gameDate, ['partition_manifest']);
  const own = manifests.filter((manifest) => manifest.table_name === table);
  const newest = own.reduce((a, b) => (a.version > b.version ? a : b));
  return newest.bypass === null ? null : JSON.parse(newest.bypass);
}

beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());

test('players without their teams: the gate opens at once, usage is null, the mark stays until the teams come', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.startWorker();
  const { accepted } = await rig.waiting({ gameDate }, { ...whole, nbac_team_boxscore: [] });

  const decided = await rig.client.bypass({ gameDate, processor: player, reason, by, bypassId: 'b-1' });
  expect(decided.entry.seq).toBe(1);
  const standing = await rig.until(gameDate, (state) => state.bypasses[0]?.status === 'standing');
  expect(standing.results[player]).toMatchObject({ outcome: 'published', version: 1, bypassIds: ['b-1'] });
  // The teams go on waiting, under the deadline of before.
  await rig.until(gameDate, (state) => state.runState === 'waiting');

  const rows = await live('player_game_summary', gameDate);
  expect(rows.length).toBeGreaterThan(80);
  for (const row of rows) {
    expect(row['bypass_id']).toBe('b-1');
    expect(row['usage_rate']).toBeNull();
    if (row['is_active'] === true && Number(row['minutes_played']) > 0)
      expect(row['usage_rate_anomaly_reason']).toBe('no_team_row');
  }
  expect(await markOf('player_game_summary', gameDate)).toMatchObject({
    ...{ kind: 'person', bypass_id: 'b-1', by, reason, tables: ['team_offense_game_summary'] },
  });

  // The teams arrive: they are built, and the players with them, without anybody asking for players.
  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  await rig.client.recheck({ gameDate, by });
  const { answer, state } = await rig.answerTo(accepted);
  expect(answer.state).toBe('published');
  expect(state.bypasses).toEqual([]);
  expect(await rig.versions(gameDate)).toMatchObject({ player_game_summary: 2 });
  for (const row of await live('player_game_summary', gameDate)) expect(row['bypass_id']).toBeNull();
  expect(await markOf('player_game_summary', gameDate)).toBeNull();

  const entries = await rig.audit(gameDate);
  expect(entries.map(({ kind, decided_by }) => [kind, decided_by])).toEqual([
    ['bypass', by],
    ['bypass_used', 'system'],
    ['bypass_cleared', 'system'],
  ]);
  expect(verifyChain(gameDate, entries, [])).toBeNull();
  await rig.end(accepted);
  await rig.keepHistory('bypassed', accepted.workflowId, accepted.runId);
});

test('offence with one game of four: the mark goes downstream, and goes from both', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.startWorker();
  const [first] = whole.nbac_schedule;
  const teams = [first?.['home_team_tricode'], first?.['away_team_tricode']];
  const part = whole.nbac_team_boxscore.filter((row) => teams.includes(row['team_abbr'] as string));
  expect(part).toHaveLength(2);
  await rig.loadNight({ ...whole, nbac_team_boxscore: part });
  // Two days later it would run with what there is, by policy.
  const overrides = { now: `${gameDate}T23:00:00.000Z` };
  await rig.client.run({ gameDate, overrides });
  await rig.until(gameDate, (state) => state.runState === 'waiting');
  await rig.client.bypass({ gameDate, processor: offense, reason, by, bypassId: 'b-2' });
  await rig.until(gameDate, (state) => state.bypasses[0]?.status === 'standing');
  expect(await live('team_offense_game_summary', gameDate)).toHaveLength(2);
  // The defence waits, and the players behind it would need three games of four: theirs is another decision.
  await rig.until(gameDate, (state) => state.runState === 'waiting');
  await expect(rig.client.bypass({ gameDate, processor: player, reason, by })).rejects.toThrow(RefusedError);
  await rig.client.bypass({ gameDate, processor: 'TeamDefenseGameSummaryProcessor', reason, by });
  await rig.until(gameDate, (state) => state.runState === 'waiting' && state.gate?.level === 2);
  await rig.client.bypass({ gameDate, processor: player, reason, by, bypassId: 'b-3' });
  await rig.until(gameDate, (state) => state.results[player]?.outcome === 'published');
  expect(await markOf('player_game_summary', gameDate)).toMatchObject({ kind: 'person', inherited: ['b-2'] });

  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  const { answer } = await rig.run({ gameDate, overrides });
  expect(answer.state).toBe('published');
  expect(await markOf('team_offense_game_summary', gameDate)).toBeNull();
  expect(await markOf('player_game_summary', gameDate)).toBeNull();
  expect(verifyChain(gameDate, await rig.audit(gameDate), [])).toBeNull();
});

test('what is refused leaves no trace: neither in the audit nor in the history', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.startWorker();
  await rig.loadNight({ ...whole, nbac_team_boxscore: [] });
  await expect(rig.client.bypass({ gameDate, processor: player, reason, by })).rejects.toThrow(NotOpenError);
  const accepted = await rig.client.run({ gameDate });
  await rig.until(gameDate, (state) => state.runState === 'waiting');
  const handle = rig.raw.workflow.getHandle(accepted.workflowId, accepted.runId);
  const before = (await handle.fetchHistory()).events?.length;
  await expect(
    rig.client.bypass({ gameDate, processor: player, reason, by, missing: ['nbac_gamebook_player_stats'] }),
  ).rejects.toThrow(/is not missing for PlayerGameSummaryProcessor; missing: team_offense_game_summary/);
  await expect(rig.client.bypass({ gameDate, processor: offense, reason, by })).rejects.toThrow(RefusedError);
  expect((await handle.fetchHistory()).events?.length).toBe(before);
  expect(await rig.audit(gameDate)).toEqual([]);
});
