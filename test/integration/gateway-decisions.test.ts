/** What people decide about games, restores and pins over HTTP: each has a dry run first, which decides nothing. */
import { recordedStandings } from '../../src/control/standings';
import { addDays } from '../../src/contracts/game-date';
import type { Row } from '../../src/tables/define-table';
import { policyAfter } from '../support/fixtures';
import { startGateway, type Answered, type TestGateway } from '../support/gateway';
import { demoNight, movedTo, type Night } from '../support/nights';
import { Rig } from '../support/rig';

const night = demoNight('2017-04-15');
const reason = 'the league has confirmed the box score as it is';
const tables = ['team_offense_game_summary', 'team_defense_game_summary', 'player_game_summary'] as const;
const once = { team_offense_game_summary: 1, team_defense_game_summary: 1, player_game_summary: 1 };
let rig: Rig;
let gateway: TestGateway;

beforeAll(async () => {
  rig = await Rig.open();
  gateway = await startGateway(rig);
});
afterAll(async () => {
  await gateway.close();
  await rig.close();
});

const gameOf = (gameDate: string): string => `${gameDate.replaceAll('-', '')}_IND_CLE`;

function contradicted(whole: Night, fields: Row): Row[] {
  return whole.nbac_team_boxscore.map((row) => (row['team_abbr'] === 'CLE' ? { ...row, ...fields } : row));
}

const decide = (gameDate: string, name: string, body: object): Promise<Answered> =>
  gateway.post(`/dates/${gameDate}/${name}`, { reason, ...body });

/** Decides without a dry run, and returns the date's state when it has been answered. */
async function done(gameDate: string, name: string, body: object): Promise<string> {
  const answer = await decide(gameDate, name, body);
  expect(answer).toMatchObject({ status: 202, body: { status: 'accepted', game_date: gameDate } });
  const [requestId, workflowId, runId] = ['request_id', 'workflow_id', 'run_id'].map((key) =>
    String(answer.body[key]),
  ) as [string, string, string];
  return (await rig.answerTo({ gameDate, requestId, workflowId, runId })).answer.state;
}

/** The dry run of a decision: what would come of each table. It leaves no trace. */
async function dry(gameDate: string, name: string, body: object): Promise<Row[]> {
  const before = [await rig.audit(gameDate), await rig.versions(gameDate)];
  const answer = await decide(gameDate, name, { ...body, dry_run: true });
  expect(answer).toMatchObject({ status: 200, body: { status: 'foreseen', dry_run: true } });
  expect([await rig.audit(gameDate), await rig.versions(gameDate)]).toEqual(before);
  return answer.body['tables'] as Row[];
}

const outcomes = (found: readonly Row[]): unknown => found.map(({ table, outcome }) => [table, outcome]);

async function heldNight(): Promise<{ gameDate: string; whole: Night }> {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.loadNight({ ...whole, nbac_team_boxscore: contradicted(whole, { assists: 3, turnovers: 25 }) });
  await rig.startWorker();
  expect((await rig.run({ gameDate })).answer.state).toBe('partial');
  const [listed] = await recordedStandings(rig.warehouse, gameDate, gameDate, policyAfter(0));
  const game = gameOf(gameDate);
  expect(listed).toMatchObject({ lacking: [game], without: [game], held: [game] });
  return { gameDate, whole };
}

test('a release: of fewer rules than are broken it foresees that the game stays out; of all it publishes', async () => {
  const { gameDate } = await heldNight();
  const game = gameOf(gameDate);
  const some = await dry(gameDate, 'release', { game, rules: ['S4'], for: '7d' });
  expect(some.map(({ missing_games: games }) => games)).toEqual(
    tables.map(() => [
      expect.objectContaining({
        ...{ game_id: game, status: 'held' },
        detail: expect.stringContaining('is not about') as unknown,
      }),
    ]),
  );
  const all = await dry(gameDate, 'release', { game, rules: ['all'], for: '7d' });
  expect(outcomes(all)).toEqual(tables.map((table) => [table, 'published']));
  // As somebody has seen it, by the page of the date.
  const page = await gateway.get(`/dates/${gameDate}`);
  const [level] = page.body['levels'] as { processors: { missing_games: { broken: Row[] }[] }[] }[];
  const broken = level!.processors[0]!.missing_games[0]!.broken;
  const seen = broken.map(({ rule, evidence }) => ({ rule, evidence }));
  expect(seen.length).toBeGreaterThan(1);
  const other = [{ ...seen[0], evidence: '0000' }];
  expect(await decide(gameDate, 'release', { game, seen: other, for: '7d' })).toMatchObject({ status: 400 });
  expect(await decide(gameDate, 'discard', { game, seen: seen.slice(1) })).toMatchObject({ status: 400 });
  expect(await done(gameDate, 'release', { game, seen, for: '7d' })).toBe('published');
  expect(await rig.audit(gameDate)).toMatchObject([{ kind: 'release', decided_by: 'tester', reason }]);
});

test('a discard, which publishes nothing', async () => {
  const { gameDate } = await heldNight();
  const game = gameOf(gameDate);
  const found = await dry(gameDate, 'discard', { game });
  expect(outcomes(found)).toEqual(tables.map((table) => [table, 'unchanged']));
  expect(await done(gameDate, 'discard', { game })).toBe('unchanged');
  expect(await rig.audit(gameDate)).toMatchObject([{ kind: 'discard' }]);
});

test('an estimate for a game whose team row never came', async () => {
  const gameDate = rig.nextDate();
  const [whole, game] = [movedTo(night, gameDate), gameOf(gameDate)];
  await rig.loadNight(movedTo(night, addDays(gameDate, -1)));
  const rows = whole.nbac_team_boxscore.filter((row) => row['team_abbr'] !== 'CLE');
  await rig.loadNight({ ...whole, nbac_team_boxscore: rows });
  await rig.startWorker({ policy: { firstWaitMs: 300, deadlineMs: 900 } });
  expect((await rig.run({ gameDate })).answer.state).toBe('partial');
  const found = await dry(gameDate, 'estimate', { game, for: '30d' });
  expect(outcomes(found)).toEqual(tables.map((table) => [table, 'published']));
  expect(await done(gameDate, 'estimate', { game, for: '30d' })).toBe('partial');
  expect(await rig.audit(gameDate)).toMatchObject([{ kind: 'estimate', decided_by: 'tester' }]);
  const { team_offense_game_summary: offense } = await rig.warehouse.readDate(gameDate, [tables[0]]);
  expect(offense.every((row) => row['possessions'] !== null)).toBe(true);
});

test('a restore, and an unpin of what it pinned; what is pinned takes no release', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.loadNight(whole);
  await rig.startWorker();
  await rig.run({ gameDate });
  await rig.load('nbac_team_boxscore', contradicted(whole, { personal_fouls: 99 }));
  await rig.load('nbac_gamebook_player_stats', whole.nbac_gamebook_player_stats);
  const before = new Date().toISOString();
  const corrected = whole.nbac_team_boxscore.map((row) => ({
    ...row,
    turnovers: Number(row['turnovers']) + 1,
  }));
  await rig.load('nbac_team_boxscore', corrected);
  await rig.run({ gameDate, source: 'nbac_team_boxscore' });
  const moved = {
    ...once,
    team_offense_game_summary: 2,
    team_defense_game_summary: 2,
    player_game_summary: 2,
  };
  expect(await rig.versions(gameDate)).toEqual(moved);

  const preview = await dry(gameDate, 'restore', { before });
  expect(preview).toMatchObject(tables.map((table) => ({ table, live: 2, restores: 1, becomes: 3 })));
  await done(gameDate, 'restore', { before });
  const pinned = await rig.versions(gameDate);
  expect(pinned).toEqual(Object.fromEntries(tables.map((table) => [table, 3])));
  // Nothing is different from what is pinned.
  const again = await decide(gameDate, 'restore', { before, dry_run: true });
  expect(again).toMatchObject({ status: 200, body: { status: 'foreseen', kind: 'nothing' } });

  await rig.load('nbac_team_boxscore', contradicted(whole, { assists: 3 }));
  await rig.run({ gameDate, source: 'nbac_team_boxscore' });
  const release = await decide(gameDate, 'release', { game: gameOf(gameDate), rules: ['all'], for: '7d' });
  expect(release).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('is pinned') as unknown },
  });

  await rig.load('nbac_team_boxscore', corrected);
  const some = await dry(gameDate, 'unpin', { processor: 'TeamDefenseGameSummaryProcessor' });
  expect(outcomes(some)).toEqual([
    [tables[0], 'unchanged'],
    [tables[1], 'published'],
    [tables[2], 'unchanged'],
  ]);
  const all = await dry(gameDate, 'unpin', {});
  expect(all).toMatchObject(tables.map((table) => ({ table, outcome: 'published', version: 4 })));
  expect(await done(gameDate, 'unpin', {})).toBe('published');
  expect(await rig.versions(gameDate)).toEqual(Object.fromEntries(tables.map((table) => [table, 4])));
});

test('a bypass of an open date', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.startWorker();
  // Two days later it would run with what there is, by policy.
  const overrides = { now: `${gameDate}T23:00:00.000Z` };
  await rig.waiting(
    { gameDate, overrides },
    { ...whole, nbac_team_boxscore: whole.nbac_team_boxscore.slice(4) },
  );
  const body = { missing: ['nbac_team_boxscore'] };
  const found = await dry(gameDate, 'bypass', body);
  expect(outcomes(found)).toEqual(tables.map((table) => [table, 'published']));
  const foreign = await decide(gameDate, 'bypass', { missing: ['nbac_schedule'], dry_run: true });
  expect(foreign).toMatchObject({ status: 409, body: { status: 'refused' } });
  expect(await decide(gameDate, 'bypass', body)).toMatchObject({ status: 200, body: { status: 'accepted' } });
});
