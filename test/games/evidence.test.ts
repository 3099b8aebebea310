/** What every source says of a game, side by side: the newest row of each identity, whoever asks. */
import type { GameFault } from '../../src/contracts/phase3';
import { judgeGames } from '../../src/gate/judge-games';
import {
  gamesOf,
  rowsOfTable,
  strayGames,
  type GameEvidence,
  type RowsByTable,
} from '../../src/games/evidence';
import { processorOf } from '../../src/plan/registry';
import { nbacGamebookPlayerStats } from '../../src/sources/nbac-gamebook-player-stats';
import { nbacSchedule } from '../../src/sources/nbac-schedule';
import { nbacTeamBoxscore } from '../../src/sources/nbac-team-boxscore';
import {
  add,
  awayOf,
  change,
  drop,
  gameDate,
  gameIdOf,
  goodNight,
  homeOf,
  offense,
  ofGame,
  ofTeam,
  reversed,
  type Night,
} from '../support/fixtures';

const night = goodNight(2);
const [away, home] = [awayOf(0), homeOf(0)];
const before = '2025-01-16T07:00:00.000Z';
const after = '2025-01-16T09:00:00.000Z';

function firstOf({ rows }: Night): GameEvidence {
  return gamesOf(gameDate, rows)[0]!;
}

describe('the games of a date', () => {
  it('are in the order of their ids, in whatever order the schedule has them', () => {
    const ids = gamesOf(gameDate, reversed(goodNight(5)).rows).map(({ game }) => game.gameId);
    expect(ids).toEqual([0, 1, 2, 3, 4].map(gameIdOf));
  });

  it.each([
    [before, 3],
    [after, 1],
    [null, 3],
  ])('count the newer of two schedule rows of one: one of %s', (processedAt, status) => {
    const other = { ...night.rows.nbac_schedule[0]!, game_status: 1, processed_at: processedAt };
    const both = add(night, 'nbac_schedule', other);
    for (const snapshot of [both, reversed(both)]) {
      expect(gamesOf(gameDate, snapshot.rows)).toHaveLength(2);
      expect(firstOf(snapshot).scheduled.game_status).toBe(status);
    }
  });

  it('are none where the schedule has none, or was not read', () => {
    expect(gamesOf(gameDate, goodNight(0).rows)).toEqual([]);
    expect(gamesOf(gameDate, {})).toEqual([]);
  });
});

describe('what a source says of a game', () => {
  const teamRows = (snapshot: Night) => firstOf(snapshot).rowsOf(nbacTeamBoxscore);

  it('are its rows of that game, ordered by identity', () => {
    for (const snapshot of [night, reversed(night)]) {
      expect(teamRows(snapshot).map((row) => row.team_abbr)).toEqual([away, home]);
      const players = firstOf(snapshot).rowsOf(nbacGamebookPlayerStats);
      expect(players).toHaveLength(20);
      expect(new Set(players.map((row) => row.team_abbr))).toEqual(new Set([away, home]));
      expect(firstOf(snapshot).rowsOf(nbacSchedule)).toEqual([night.rows.nbac_schedule[0]]);
    }
  });

  it('is found though it wrote the id of the game home team first', () => {
    const turned = change(night, 'nbac_team_boxscore', ofTeam(home), { game_id: `20250115_${home}_${away}` });
    expect(teamRows(turned)).toHaveLength(2);
  });

  it.each([
    ['newer', after, 55],
    ['older', before, 98],
    ['one without an instant', null, 98],
  ])('is one row an identity: %s is sent too', (_which, processedAt, points) => {
    const own = night.rows.nbac_team_boxscore.find(ofTeam(home))!;
    const both = add(night, 'nbac_team_boxscore', { ...own, points: 55, processed_at: processedAt });
    for (const snapshot of [both, reversed(both)])
      expect(teamRows(snapshot).map((row) => row.points)).toEqual([96, points]);
  });

  it('has no conflict where the older of two rows says otherwise, whichever is read first', () => {
    const own = night.rows.nbac_team_boxscore.find(ofTeam(home))!;
    const older = { ...own, points: 55, processed_at: before };
    for (const rows of [
      add(night, 'nbac_team_boxscore', older),
      reversed(add(night, 'nbac_team_boxscore', older)),
    ])
      expect(firstOf(rows).rules.find(({ rule }) => rule.id === 'K1')?.status).toBe('passed');
  });

  it('is never the one without an instant, however it would be ordered by content', () => {
    const own = night.rows.nbac_team_boxscore.find(ofTeam(home))!;
    const both = add(night, 'nbac_team_boxscore', { ...own, points: 99, processed_at: null });
    for (const snapshot of [both, reversed(both)])
      expect(teamRows(snapshot).map((row) => row.points)).toEqual([96, 98]);
  });

  it('is the same row of two that came at one instant, whichever is read first', () => {
    const own = night.rows.nbac_team_boxscore.find(ofTeam(home))!;
    const both = add(night, 'nbac_team_boxscore', { ...own, points: 55 });
    expect(teamRows(reversed(both))).toEqual(teamRows(both));
    expect(teamRows(both)).toHaveLength(2);
  });

  it('is one row a team and player: who is listed by both teams has two', () => {
    const own = night.rows.nbac_gamebook_player_stats.find(ofTeam(away))!;
    const listed = add(night, 'nbac_gamebook_player_stats', { ...own, team_abbr: home });
    expect(firstOf(listed).rowsOf(nbacGamebookPlayerStats)).toHaveLength(21);
  });

  it('is without a plus-minus that does not add up, of whoever has one', () => {
    const players = (snapshot: Night) => firstOf(snapshot).rowsOf(nbacGamebookPlayerStats);
    const own = players(night).find((row) => row.plus_minus !== null)!;
    const wrong = change(
      night,
      'nbac_gamebook_player_stats',
      (row) => row.player_lookup === own.player_lookup,
      { plus_minus: own.plus_minus! + 3 },
    );
    expect(players(night).some((row) => row.plus_minus !== null)).toBe(true);
    expect(players(wrong).every((row) => row.plus_minus === null)).toBe(true);
    expect(players(wrong).map((row) => row.points)).toEqual(players(night).map((row) => row.points));
  });

  it('is nothing where its table was not read', () => {
    const rows: RowsByTable = { nbac_schedule: night.rows.nbac_schedule };
    expect(gamesOf(gameDate, rows)[0]?.rowsOf(nbacTeamBoxscore)).toEqual([]);
    expect(rowsOfTable(rows, nbacTeamBoxscore.table)).toEqual([]);
  });
});

it('a processor that reads one source is judged with what all sources say of the game at hand', () => {
  const judge = (snapshot: Night) =>
    judgeGames(
      {
        ...processorOf(offense),
        judge: (game, inputs, evidence): GameFault | null => {
          expect(Object.keys(inputs)).toEqual(['schedule', 'teams']);
          const players = evidence.rowsOf(nbacGamebookPlayerStats);
          const points = players.reduce((sum, row) => sum + (row.points ?? 0), 0);
          const detail = `the players scored ${points}`;
          return points === (game.homeScore ?? 0) + (game.awayScore ?? 0)
            ? null
            : { status: 'partial', table: nbacGamebookPlayerStats.name, detail };
        },
      },
      snapshot,
    ).map(({ verdict }) => [verdict.status, verdict.detail]);
  expect(judge(night)).toEqual([
    ['ready', ''],
    ['ready', ''],
  ]);
  expect(judge(drop(night, 'nbac_gamebook_player_stats', ofTeam(home)))).toEqual([
    ['partial', 'the players scored 96'],
    ['ready', ''],
  ]);
});

describe('a game that a source sent rows of, but the schedule does not list,', () => {
  const late = drop(night, 'nbac_schedule', ofGame(1));

  it('is named once, by the id that its rows give', () => {
    expect(strayGames(gameDate, late.rows, nbacTeamBoxscore)).toEqual([gameIdOf(1)]);
    expect(strayGames(gameDate, late.rows, nbacGamebookPlayerStats)).toEqual([gameIdOf(1)]);
  });

  it('is none where the schedule lists all, or the source has sent nothing', () => {
    expect(strayGames(gameDate, night.rows, nbacTeamBoxscore)).toEqual([]);
    expect(strayGames(gameDate, drop(late, 'nbac_team_boxscore').rows, nbacTeamBoxscore)).toEqual([]);
    expect(strayGames(gameDate, late.rows, nbacSchedule)).toEqual([]);
  });

  it('are all where there is no schedule, in the order of their ids', () => {
    const none = reversed(drop(night, 'nbac_schedule'));
    expect(strayGames(gameDate, none.rows, nbacTeamBoxscore)).toEqual([gameIdOf(0), gameIdOf(1)]);
  });
});
