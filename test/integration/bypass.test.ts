/** A gate that a person passes on the record: what is waived, what stands on it, and how the mark goes again. */
import { NotOpenError, RefusedError } from '../../src/client';
import { verifyChain } from '../../src/audit/chain';
import type { Notification } from '../../src/contracts/notifications';
import { defaultPolicySettings } from '../../src/contracts/policy';
import { foreseeDate } from '../../src/control/foresee';
import { passedBy } from '../../src/explain/decision-rules';
import { explainState } from '../../src/explain/explain-date';
import type { Row } from '../../src/tables/define-table';
import type { DateRecord, Warehouse } from '../../src/warehouse/warehouse';
import { demoNight, movedTo, type Night } from '../support/nights';
import { Rig } from '../support/rig';
import { replacing } from '../support/wrap-warehouse';

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
  const notOpen = (rest: string): object => ({
    name: NotOpenError.name,
    message: `No run of ${gameDate} is open, so ${rest}`,
  });
  await expect(rig.client.bypass({ gameDate, processor: player, reason, by })).rejects.toMatchObject(
    notOpen(`the decision has no effect. \`phase3 rerun ${gameDate} --reason "WHY"\` starts one.`),
  );
  await expect(rig.client.cancel({ gameDate, reason, by })).rejects.toMatchObject(
    notOpen('there is nothing to cancel. `phase3 backfill cancel NAME` ends a backfill that is at it.'),
  );
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

/** The night without the team rows of one of its four games: fewer than 80 % of them are whole. */
function withoutTeamRows(whole: Night, gameDate: string): { missing: string; part: Row[] } {
  const missing = `${gameDate.replaceAll('-', '')}_IND_CLE`;
  const part = whole.nbac_team_boxscore.filter((row) => row['game_id'] !== missing);
  expect(part).toHaveLength(whole.nbac_team_boxscore.length - 2);
  return { missing, part };
}

/** By the clock of before the date is old. */
const early = (gameDate: string): { now: string } => ({ now: `${gameDate}T23:00:00.000Z` });

test('one decision for a missing team row: every table is published, and only the players of that game lack usage', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  const { missing, part } = withoutTeamRows(whole, gameDate);
  const told: Notification[] = [];
  await rig.startWorker({
    notify: (notification) => {
      told.push(notification);
      return Promise.resolve();
    },
  });
  await rig.loadNight({ ...whole, nbac_team_boxscore: part });
  const overrides = early(gameDate);
  await rig.client.run({ gameDate, overrides });
  const waiting = await rig.until(gameDate, (state) => state.runState === 'waiting');
  const acts = explainState(waiting, true).acts.filter((act) => act.includes('phase3 bypass'));
  expect(acts).toHaveLength(1);
  expect(acts[0]).toContain(`phase3 bypass ${gameDate} --missing nbac_team_boxscore --reason`);

  // What is foreseen is what is then published.
  const request = { missing: ['nbac_team_boxscore'], by, reason };
  const waivers = passedBy(waiting, request);
  expect(waivers.map(({ processor }) => processor)).toHaveLength(3);
  const foreseen = await foreseeDate(
    rig.warehouse,
    {
      game_date: gameDate,
      bypass: waivers.map((one) => ({ ...one, by, reason })),
      ...{ overrides, past_deadline: false },
    },
    defaultPolicySettings,
  );
  const decided = await rig.client.bypass({ gameDate, ...request, bypassId: 'b-one', forMs: 3_600_000 });
  expect(decided.summary).toMatch(/until \d{4}-/);
  const state = await rig.until(gameDate, (now) => now.bypasses.every((one) => one.status === 'standing'));
  expect(state.bypasses.map(({ bypassId, version }) => [bypassId, version])).toEqual(
    Array(3).fill(['b-one', 1]),
  );
  for (const { processor, version, rows } of foreseen)
    expect(state.results[processor]).toMatchObject({ outcome: 'published', version, rowCount: rows });
  const published = await rig.publishedNight(gameDate);
  for (const { table, difference } of foreseen)
    expect(difference?.added).toHaveLength(published[table as keyof typeof published].length);

  const players = await live('player_game_summary', gameDate);
  const played = players.filter((row) => row['is_active'] === true && Number(row['minutes_played']) > 0);
  const isOfGame = (row: Row): boolean => row['game_id'] === missing;
  expect(played.filter(isOfGame).length).toBeGreaterThan(10);
  for (const row of played)
    expect([row['player_lookup'], row['usage_rate'] === null]).toEqual([row['player_lookup'], isOfGame(row)]);
  expect((await live('team_offense_game_summary', gameDate)).some(isOfGame)).toBe(false);

  // One decision, an entry for each processor, before anything stood on it; people are told once.
  const entries = await rig.audit(gameDate);
  const own = entries.filter(({ kind }) => kind === 'bypass');
  expect(own.map(({ entry_id: entryId }) => entryId.split('/')[0])).toEqual(['b-one', 'b-one', 'b-one']);
  expect(entries.slice(0, 3)).toEqual(own);
  expect(entries.filter(({ kind }) => kind === 'bypass_used')).toHaveLength(3);
  const decisions = told.filter(({ kind }) => kind === 'decided');
  expect(decisions).toMatchObject([{ summary: expect.stringContaining(`by ${by}: ${reason}`) }]);

  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  const { answer } = await rig.run({ gameDate, overrides });
  expect(answer.state).toBe('published');
  expect(await markOf('player_game_summary', gameDate)).toBeNull();
  expect((await rig.audit(gameDate)).filter(({ kind }) => kind === 'bypass_cleared')).toHaveLength(3);
  expect(verifyChain(gameDate, await rig.audit(gameDate), [])).toBeNull();
});

/** The warehouse as it is once the time of every bypass has passed. */
function afterTheirTime(warehouse: Warehouse): Warehouse {
  const over = <R extends Pick<DateRecord, 'partition_manifest'>>(record: R): R => ({
    ...record,
    partition_manifest: record.partition_manifest.map((row) => ({
      ...row,
      bypass: row.bypass?.replace(/"until":"[^"]+"/, '"until":"2017-01-01T00:00:00.000Z"') ?? null,
    })),
  });
  return replacing(warehouse, {
    claimDate: async (...given) => over(await warehouse.claimDate(...given)),
  });
}

test('a bypass expires: what stands on it stays, and people are told once that it needs them again', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  const { part } = withoutTeamRows(whole, gameDate);
  const told: Notification[] = [];
  const notify = (notification: Notification): Promise<void> => {
    if (notification.kind !== 'decided') told.push(notification);
    return Promise.resolve();
  };
  await rig.startWorker({ notify });
  await rig.loadNight({ ...whole, nbac_team_boxscore: part });
  const first = await rig.client.run({ gameDate, overrides: early(gameDate) });
  await rig.until(gameDate, (state) => state.runState === 'waiting');
  const missing = ['nbac_team_boxscore'];
  await rig.client.bypass({ gameDate, missing, by, reason, bypassId: 'b-short', forMs: 60_000 });
  await rig.until(gameDate, (state) => state.bypasses.every((one) => one.status === 'standing'));
  const before = await rig.publishedNight(gameDate);
  await rig.client.cancel({ gameDate, by, reason });
  await rig.end(first);
  told.splice(0);

  // The next run knows of it from the manifests, and that its time is over.
  await rig.startWorker({ notify, wrapWarehouse: afterTheirTime });
  await rig.client.run({ gameDate, overrides: early(gameDate) });
  const state = await rig.until(
    gameDate,
    ({ bypasses, auditDue }) => bypasses.some((one) => one.isExpired) && auditDue.length === 0,
  );
  expect(state.bypasses.map(({ status, isExpired }) => [status, isExpired])).toEqual(
    Array(3).fill(['standing', true]),
  );
  expect((await rig.audit(gameDate)).filter(({ kind }) => kind === 'bypass_expired')).toHaveLength(3);
  expect(await rig.publishedNight(gameDate)).toEqual(before);
  expect(told).toMatchObject([
    { kind: 'trouble', summary: expect.stringMatching(/by bypass b-short .* which expired at 2017-01-01/) },
  ]);

  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  const mended = await rig.run({ gameDate });
  expect(mended.answer.state).toBe('published');
  expect(mended.state.bypasses).toEqual([]);
  await rig.end(mended.accepted);
  expect(told.map(({ kind }) => kind)).toEqual(['trouble', 'recovered']);
});
