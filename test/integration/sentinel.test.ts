/** The sentinel on a real server and DuckDB: what it finds of live rows that somebody touched, whom it tells, and what it mends. */
import { verifyChain } from '../../src/audit/chain';
import { identityOf } from '../../src/contracts/identity';
import type { Notification } from '../../src/contracts/notifications';
import type { SentinelPolicy, SentinelResult } from '../../src/contracts/sentinel';
import { ScheduleKeeper } from '../../src/schedules/schedule-keeper';
import type { Row } from '../../src/tables/define-table';
import type { AuditRow } from '../../src/tables/orchestration';
import { dump, insertByHand, sql } from '../support/by-hand';
import { defense, offense, player } from '../support/fixtures';
import { demoNight, withoutTeamRows, type Night } from '../support/nights';
import { Rig, type PublishedTable, type WorkerOptions } from '../support/rig';
import { findingsOf, verify } from '../support/verified';

const week = ['15', '16', '17', '18', '19', '20', '21'].map((day) => `2017-04-${day}`);
const [from = '', second = '', third = '', fourth = '', fifth = ''] = week;
const to = week.at(-1) ?? '';
const tables = ['team_offense_game_summary', 'team_defense_game_summary', 'player_game_summary'] as const;
const table = 'player_game_summary';
const schedule = 'phase3-sentinel';
let rig: Rig;
/** Its schedule launches once an hour, so that a test decides when. */
let keeper: ScheduleKeeper;
let told: Notification[] = [];
/** What the week was published as: no test may leave it otherwise. */
let whole: Record<string, Record<PublishedTable, Row[]>>;

async function startWorker(policy: SentinelPolicy = 'report', options: WorkerOptions = {}): Promise<void> {
  const notify = async (notification: Notification): Promise<void> => {
    // What the readers of the tables are told of a repair is another test's.
    if (notification.kind !== 'recalled') told.push(notification);
  };
  await rig.startWorker({ notify, sentinel: { policy }, ...options });
}

/** What the schedule is asked for, now; every notification of it has been sent. */
async function sweep(): Promise<SentinelResult> {
  const { workflowId } = await keeper.trigger(schedule);
  return rig.raw.workflow.getHandle<() => Promise<SentinelResult>>(workflowId!).result();
}

const touch = (statement: string): Promise<unknown> => sql(rig.warehouse, statement);
const deleteWeek = async (): Promise<void> => {
  for (const name of tables)
    await touch(`DELETE FROM nba_analytics.${name} WHERE game_date BETWEEN '${from}' AND '${to}'`);
};
const setPoints = (date: string, points: number): Promise<unknown> =>
  touch(
    `UPDATE nba_analytics.${table} SET points = ${points} WHERE game_date = '${date}'
     AND player_lookup = (SELECT min(player_lookup) FROM nba_analytics.${table} WHERE game_date = '${date}')`,
  );

const live = async (): Promise<typeof whole> =>
  Object.fromEntries(
    await Promise.all(week.map(async (date) => [date, await rig.publishedNight(date)] as const)),
  );
const isWhole = async (): Promise<boolean> =>
  findingsOf(await verify(rig.warehouse, { newest: 14 })).length === 0;

/** What the sentinel put on record of a date, in order. */
const recorded = async (date: string): Promise<AuditRow[]> =>
  (await rig.audit(date)).filter(({ entry_id: id }) => id.startsWith('sentinel/'));
const kindsOf = async (date: string): Promise<string[]> => (await recorded(date)).map(({ kind }) => kind);

/** Kinds of notifications since this was asked last, by date. */
function toldSince(): string[] {
  const kinds = told.map(({ subject, kind }) => `${subject} ${kind}`);
  told = [];
  return kinds;
}

const withOneMoreTurnover = (night: Night): Night => ({
  ...night,
  nbac_team_boxscore: night.nbac_team_boxscore.map((row) => ({
    ...row,
    turnovers: Number(row['turnovers']) + 1,
  })),
});

/** With a final game in the schedule of which no other source has sent anything. */
const withGameToCome = (night: Night): Night => {
  const code = `${third.replaceAll('-', '')}/MIABKN`;
  const teams = { home_team_id: 1610612751, home_team_tricode: 'BKN', home_team_name: 'Nets' };
  const others = { away_team_id: 1610612748, away_team_tricode: 'MIA', away_team_name: 'Heat' };
  const score = { home_team_score: 101, away_team_score: 99, winning_team_tricode: 'BKN' };
  const game = { game_id: '0041600199', game_code: code, ...teams, ...others, ...score };
  return { ...night, nbac_schedule: [...night.nbac_schedule, { ...night.nbac_schedule[0]!, ...game }] };
};

const each = (kind: string): string[] => week.map((date) => `${date} ${kind}`);

/** Waits until the newest repair of the date is on record, and its run has ended. */
async function repaired(date: string): Promise<void> {
  const [newest] = (await recorded(date)).filter(({ kind }) => kind === 'not_as_published').slice(-1);
  const { repair } = JSON.parse(newest?.evidence ?? '{}') as { repair?: string };
  for (;;) {
    const { run_history: passes } = await rig.warehouse.readDate(date, ['run_history']);
    const known = await rig.client.state(date);
    if (passes.some(({ requests }) => requests.includes(`"${repair}"`)) && !known?.isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

beforeAll(async () => {
  rig = await Rig.open();
  keeper = new ScheduleKeeper(rig.raw.schedule, identityOf(null), { everyMs: 3_600_000 });
  await keeper.apply([schedule]);
  await startWorker();
  for (const date of week) await rig.loadNight(demoNight(date));
  const { workflowId } = await rig.client.backfill({ from, to, concurrency: 4 });
  for await (const _ of rig.client.followBackfill(workflowId));
  whole = await live();
});
afterAll(() => rig.close());
beforeEach(() => void toldSince());

test('a clean week: nothing is found, told or written', async () => {
  const before = [await dump(rig.warehouse, 'nba_analytics'), await dump(rig.warehouse, 'nba_orchestration')];
  expect(await sweep()).toMatchObject({
    ...{ verified: 7, altered: [], stale: [], questioned: [], unrecorded: [], unverified: [] },
    ...{ suspected: {}, told: [] },
  });
  expect([
    await dump(rig.warehouse, 'nba_analytics'),
    await dump(rig.warehouse, 'nba_orchestration'),
  ]).toEqual(before);
  expect(toldSince()).toEqual([]);
});

test('report: a deleted week is found and told once, nothing is put back, and its mending is told', async () => {
  await deleteWeek();
  const before = await dump(rig.warehouse, 'nba_analytics');
  expect(await sweep()).toMatchObject({ altered: week, stale: [], told: week });
  expect(findingsOf(await verify(rig.warehouse, { newest: 14 }))).toHaveLength(21);
  expect(told[0]).toMatchObject({
    ...{ kind: 'not_as_published', subject: from, state: 'published' },
    workflowId: expect.stringMatching(/^phase3-sentinel-/),
    summary: expect.stringContaining('0 rows are stored where version 1 published'),
  });
  expect(toldSince()).toEqual(each('not_as_published'));

  expect(await sweep()).toMatchObject({ altered: week, told: [] });
  expect(toldSince()).toEqual([]);
  expect(await dump(rig.warehouse, 'nba_analytics')).toEqual(before);
  const [entry, ...others] = await recorded(from);
  expect(others).toEqual([]);
  expect(entry).toMatchObject({ kind: 'not_as_published', decided_by: 'system', processor: null });
  expect(JSON.parse(entry?.evidence ?? '')).toMatchObject({
    repair: null,
    tables: tables.map((name) => ({
      ...{ table: name, finding: 'altered', version: 1, rows: 0 },
      missing: { count: whole[from]?.[name].length, first: expect.any(Array) },
    })),
  });

  for (const gameDate of week) await rig.run({ gameDate });
  expect(await sweep()).toMatchObject({ altered: [], told: week });
  expect(toldSince()).toEqual(each('as_published_again'));
  expect(await sweep()).toMatchObject({ told: [] });
  expect(toldSince()).toEqual([]);
});

test('repair: what was deleted, changed and added in a week is as it was, the record says by whom, and nothing is told twice', async () => {
  await startWorker('repair');
  await deleteWeek();
  for (const gameDate of [from, second, third, fourth]) await rig.run({ gameDate });
  await setPoints(from, 99);
  await touch(`DELETE FROM nba_analytics.${table} WHERE game_date = '${second}' AND team_abbr = 'ATL'`);
  const [row] = (await rig.warehouse.readDate(third, [table]))[table];
  await insertByHand(rig.warehouse, `nba_analytics.${table}`, table, [
    { ...row!, player_lookup: 'nobody' },
    { ...row! },
    { ...row!, game_id: '20170417_AAA_BBB' },
  ]);
  await touch(`UPDATE nba_analytics.${tables[0]} SET pace = 1 WHERE game_date = '${fourth}'`);
  expect(await sweep()).toMatchObject({ altered: week, told: week });
  expect(toldSince()).toEqual(each('not_as_published'));
  for (const date of week) await repaired(date);
  expect(await live()).toEqual(whole);
  expect(await isWhole()).toBe(true);

  expect(await sweep()).toMatchObject({ altered: [], stale: [], told: week });
  expect(toldSince()).toEqual(each('as_published_again'));
  expect(await sweep()).toMatchObject({ told: [] });
  const chain = await rig.audit(from);
  expect(verifyChain(from, chain, [])).toBeNull();
  expect(chain.slice(-3).map(({ kind, decided_by: by }) => [kind, by])).toEqual([
    ['not_as_published', 'system'],
    ['rerun', 'sentinel'],
    ['as_published_again', 'system'],
  ]);
  expect(chain.at(-2)?.reason).toContain('points is 99, published');
});

test('the same trouble again is told again, and a repair that does not hold is told and not repeated', async () => {
  await startWorker('repair');
  const before = (await recorded(from)).length;
  const repairs = async (): Promise<number> =>
    (await recorded(from)).filter(({ kind }) => kind === 'rerun').length;
  const repairsBefore = await repairs();
  await setPoints(from, 99);
  await sweep();
  expect(toldSince()).toEqual([`${from} not_as_published`]);
  await repaired(from);
  expect(await isWhole()).toBe(true);
  // Before anybody has seen that it was mended, something does it again.
  await setPoints(from, 98);
  await sweep();
  expect(toldSince()).toEqual([`${from} not_as_published`]);
  expect((await recorded(from)).at(-1)?.reason).toContain('it was run again and that did not put it right');
  await sweep();
  await setPoints(from, 97);
  await sweep();
  await sweep();
  expect(toldSince()).toEqual([]);
  expect((await repairs()) - repairsBefore).toBe(1);
  // Found, its rerun, not mended, altered otherwise.
  expect((await recorded(from)).length - before).toBe(4);
  await rig.run({ gameDate: from });
  await sweep();
  expect(toldSince()).toEqual([`${from} as_published_again`]);
});

test('moved inputs are told when two sweeps find them, by game and table, and are built by a repair', async () => {
  await startWorker('repair');
  const night = demoNight(second);
  const moved = night.nbac_team_boxscore.map((row) => ({ ...row, turnovers: Number(row['turnovers']) + 1 }));
  await rig.load('nbac_team_boxscore', moved);
  expect(await sweep()).toMatchObject({
    stale: [second],
    told: [],
    suspected: { [second]: expect.any(String) },
  });
  expect(await sweep()).toMatchObject({ stale: [second], told: [second] });
  expect(told).toMatchObject([{ kind: 'not_as_published', subject: second }]);
  expect(told[0]?.summary).toMatch(
    /\(20170416_[A-Z]{3}_[A-Z]{3} nbac_team_boxscore \S+ [A-Z]{3}: turnovers \d+ → \d+; .+, and 3 more\)/,
  );
  const { evidence } = (await recorded(second)).at(-1)!;
  // Of eight rows that moved five are named, and all are counted.
  expect(JSON.parse(evidence)).toMatchObject({
    tables: [{ moved: { count: 4, first: [{ rows: { changed: { count: 2 } } }, {}, {}, {}] } }, {}],
  });
  await repaired(second);
  expect(await isWhole()).toBe(true);
  await rig.loadNight(night);
  await rig.run({ gameDate: second });
  await sweep();
  expect(toldSince()).toEqual([`${second} not_as_published`, `${second} as_published_again`]);
});

test('a run that is open is left to itself: no alarm, however many sweeps', async () => {
  await startWorker('repair');
  const night = demoNight(third);
  // Games that are contradicted, and one of which nothing has come yet: the live version is stale, and its run waits.
  const { accepted } = await rig.waiting({ gameDate: third }, withGameToCome(withoutTeamRows(night)));
  for (let sweeps = 0; sweeps < 3; sweeps += 1)
    expect(await sweep()).toMatchObject({ stale: [third], told: [] });
  await rig.loadNight(night);
  await rig.client.recheck({ gameDate: third, by: 'ana@example.org' });
  await rig.answerTo(accepted);
  expect(await sweep()).toMatchObject({ stale: [], altered: [], told: [] });
  expect(toldSince()).toEqual([]);
});

test('rows without a manifest are told, and left to a person', async () => {
  await startWorker('repair');
  const date = '2017-05-01';
  const [row] = (await rig.warehouse.readDate(from, [table]))[table];
  await insertByHand(rig.warehouse, `nba_analytics.${table}`, table, [{ ...row!, game_date: date }]);
  expect(await sweep()).toMatchObject({ unrecorded: [date], told: [date] });
  expect(await sweep()).toMatchObject({ unrecorded: [date], told: [] });
  expect(toldSince()).toEqual([`${date} not_as_published`]);
  expect(await kindsOf(date)).toEqual(['not_as_published']);
  await touch(`DELETE FROM nba_analytics.${table} WHERE game_date = '${date}'`);
  expect(await sweep()).toMatchObject({ unrecorded: [], told: [date] });
});

test('a game whose raw rows are gone is put back from what was published, not from what is left of it', async () => {
  await startWorker('repair');
  const night = demoNight(fourth);
  const [gone] = whole[fourth]?.[table].map((row) => row['game_id']) ?? [];
  const [, , away = '', home = ''] = /^(\d+)_([A-Z]+)_([A-Z]+)$/.exec(String(gone)) ?? [];
  const others = (rows: readonly Row[]): Row[] =>
    rows.filter(({ team_abbr: team }) => team !== away && team !== home);
  await rig.load('nbac_team_boxscore', others(night.nbac_team_boxscore));
  await rig.load('nbac_gamebook_player_stats', others(night.nbac_gamebook_player_stats));
  await rig.run({ gameDate: fourth });
  expect(await live()).toEqual(whole);

  const ofGame = `game_date = '${fourth}' AND game_id = '${String(gone)}'`;
  await touch(`DELETE FROM nba_analytics.${table} WHERE ${ofGame} AND team_abbr = '${away}'`);
  await touch(`UPDATE nba_analytics.${tables[0]} SET pace = 1 WHERE ${ofGame} AND team_abbr = '${away}'`);
  await touch(`DELETE FROM nba_analytics.${tables[1]} WHERE ${ofGame}`);
  expect(await sweep()).toMatchObject({ altered: [fourth], told: [fourth] });
  await repaired(fourth);
  expect(await live()).toEqual(whole);
  await rig.loadNight(night);
  await rig.run({ gameDate: fourth });
  await sweep();
  expect(toldSince()).toEqual([`${fourth} not_as_published`, `${fourth} as_published_again`]);
});

test('what a person restored is put back as it was restored, and what questions it is told', async () => {
  await startWorker('repair');
  const night = demoNight(fifth);
  const before = new Date().toISOString();
  await rig.loadNight(withOneMoreTurnover(night));
  await rig.run({ gameDate: fifth });
  const decided = { gameDate: fifth, by: 'ana@example.org', reason: 'the correction was wrong' };
  const accepted = await rig.client.restore({ ...decided, before });
  await rig.answerTo(accepted);
  await rig.end(accepted);
  await sweep();
  expect(await sweep()).toMatchObject({ stale: [], questioned: [], told: [] });
  const restored = (await rig.publishedNight(fifth))[tables[0]];
  await touch(`UPDATE nba_analytics.${tables[0]} SET pace = 1 WHERE game_date = '${fifth}'`);
  toldSince();
  expect(await sweep()).toMatchObject({ altered: [fifth], told: [fifth] });
  await repaired(fifth);
  expect((await rig.publishedNight(fifth))[tables[0]]).toEqual(restored);
  await sweep();
  expect(toldSince()).toEqual([`${fifth} not_as_published`, `${fifth} as_published_again`]);

  // Nobody is told twice that inputs moved since: by the sweeps that agree on it, and by the run that they set off.
  await rig.loadNight(night);
  await sweep();
  expect(await sweep()).toMatchObject({ questioned: [fifth], told: [fifth] });
  expect(await sweep()).toMatchObject({ questioned: [fifth], told: [] });
  expect((await kindsOf(fifth)).slice(-1)).toEqual(['not_as_published']);
  const processors = [offense, defense, player];
  await rig.answerTo(await rig.client.unpin({ ...decided, processors }));
  toldSince();
  await sweep();
  expect(toldSince()).toEqual([`${fifth} as_published_again`]);
});

test('the clock launches it', async () => {
  await startWorker();
  await setPoints(from, 99);
  await new ScheduleKeeper(rig.raw.schedule, identityOf(null), { everyMs: 1_000 }).apply([schedule]);
  while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  await rig.run({ gameDate: from });
  while (told.length === 1) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(toldSince()).toEqual([`${from} not_as_published`, `${from} as_published_again`]);
  await rig.raw.schedule.getHandle(schedule).delete();
});

test('after all of it the week is what was published first', async () => {
  expect(await live()).toEqual(whole);
});
