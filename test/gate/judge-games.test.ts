import type { GameVerdict, ProcessorName } from '../../src/contracts/phase3';
import { judgeGames } from '../../src/gate/judge-games';
import type { DateSnapshot } from '../../src/gate/snapshot';
import type { GamebookPlayerRow } from '../../src/sources/nbac-gamebook-player-stats/table';
import type { ScheduleRow } from '../../src/sources/nbac-schedule/table';
import type { TeamBoxscoreRow } from '../../src/sources/nbac-team-boxscore/table';
import {
  add,
  awayOf,
  change,
  defense,
  drop,
  gameIdOf,
  goodNight,
  homeOf,
  offense,
  ofGame,
  ofTeam,
  player,
  published,
  reversed,
} from '../support/fixtures';

const raw = goodNight(2);
const night = published(raw, offense);
const [away, home] = [awayOf(0), homeOf(0)];

/** What the first game is judged as, its neighbour having to stay ready. */
function judge(name: ProcessorName, snapshot: DateSnapshot): GameVerdict {
  const [first, second] = judgeGames(name, snapshot).map(({ verdict }) => verdict);
  expect(second).toEqual(ready(1));
  return first!;
}

function ready(game: number): GameVerdict {
  return { gameId: gameIdOf(game), status: 'ready', table: null, detail: '' };
}

const homeTeam = (row: { team_abbr: string }): boolean => row.team_abbr === home;
const homeActive = (row: GamebookPlayerRow): boolean => homeTeam(row) && row.player_status === 'active';

describe.each([offense, defense, player] as const)('%s: a game', (name) => {
  it('is ready on a good night', () => {
    expect(judge(name, night)).toEqual(ready(0));
  });

  it.each(['Final/OT', 'Final/OT2', 'FINAL', null])(
    'with status 3 is final, though the text is %j',
    (text) => {
      expect(judge(name, change(night, 'nbac_schedule', ofGame(0), { game_status_text: text }))).toEqual(
        ready(0),
      );
    },
  );

  it.each<Partial<ScheduleRow>>([
    { game_status: 1, game_status_text: '7:30 pm ET' },
    { game_status: 2, game_status_text: 'Q4 0:12' },
    { game_status: 2, game_status_text: 'Final' },
  ])('with the schedule at %j is not final, and the schedule is named', (changes) => {
    expect(judge(name, change(night, 'nbac_schedule', ofGame(0), changes))).toEqual({
      gameId: gameIdOf(0),
      status: 'not_final',
      table: 'nbac_schedule',
      detail: 'the schedule does not say final (status 3) yet',
    });
  });

  it('is found though the source wrote its id home team first', () => {
    const turned = `20250115_${home}_${away}`;
    const mixed = change(
      change(night, 'nbac_team_boxscore', homeTeam, { game_id: turned }),
      'nbac_gamebook_player_stats',
      homeTeam,
      { game_id: turned },
    );
    expect(judge(name, mixed)).toEqual(ready(0));
  });

  it('is judged alike in whatever order the rows come', () => {
    const broken = drop(drop(night, 'nbac_team_boxscore', homeTeam), 'nbac_gamebook_player_stats', homeTeam);
    expect(judgeGames(name, reversed(broken))).toEqual(judgeGames(name, broken));
  });
});

describe.each([offense, defense] as const)('%s: a game', (name) => {
  function faulty(status: GameVerdict['status'], detail: string): GameVerdict {
    return { gameId: gameIdOf(0), status, table: 'nbac_team_boxscore', detail };
  }

  it('is missing without a team row', () => {
    expect(judge(name, drop(night, 'nbac_team_boxscore', ofGame(0)))).toEqual(
      faulty('missing', 'no team row'),
    );
  });

  it.each<[detail: string, changes: Partial<TeamBoxscoreRow>]>([
    ['0 points', { points: 0 }],
    ['0 points', { points: null }],
    ['0 field goal attempts', { fg_attempted: 0 }],
    ['0 field goal attempts', { fg_attempted: null }],
    ['no minutes', { minutes: null }],
    ['no minutes', { minutes: '0:00' }],
    ['no minutes', { minutes: '' }],
    ['no minutes', { minutes: '-' }],
    ['0 points, 0 field goal attempts, no minutes', { points: 0, fg_attempted: 0, minutes: null }],
  ])('is a placeholder with %s (%j)', (detail, changes) => {
    expect(judge(name, change(night, 'nbac_team_boxscore', homeTeam, changes))).toEqual(
      faulty('placeholder', `${home} has ${detail}`),
    );
  });

  it('is a placeholder as of 3 February 2026, both rows at zero', () => {
    const zeros = { points: 0, fg_attempted: 0, turnovers: 0, minutes: null };
    expect(judge(name, change(night, 'nbac_team_boxscore', ofGame(0), zeros)).status).toBe('placeholder');
  });

  it.each([
    [away, home],
    [home, away],
  ])('is partial with the row of %s alone', (_there, absent) => {
    expect(judge(name, drop(night, 'nbac_team_boxscore', ofTeam(absent)))).toEqual(
      faulty('partial', `no row for ${absent}`),
    );
  });

  it.each(['fg_made', 'ft_attempted', 'offensive_rebounds', 'defensive_rebounds', 'turnovers'] as const)(
    'is partial while %s is empty, for possessions need it',
    (column) => {
      expect(judge(name, change(night, 'nbac_team_boxscore', homeTeam, { [column]: null }))).toEqual(
        faulty('partial', `${home} has no ${column}`),
      );
    },
  );

  it('is ready with zero turnovers or free throws: those are figures', () => {
    const odd = change(night, 'nbac_team_boxscore', homeTeam, { turnovers: 0, ft_attempted: 0 });
    expect(judge(name, odd)).toEqual(ready(0));
  });

  it('does not ask for the gamebook', () => {
    expect(judge(name, drop(night, 'nbac_gamebook_player_stats', ofGame(0)))).toEqual(ready(0));
  });

  describe('of two rows for one team', () => {
    const late: TeamBoxscoreRow = {
      ...night.nbac_team_boxscore.find(homeTeam)!,
      points: 0,
      processed_at: '2025-01-16T09:00:00.000Z',
    };

    it('counts the newer, whichever comes first', () => {
      const both = add(night, 'nbac_team_boxscore', late);
      expect(judge(name, both).status).toBe('placeholder');
      expect(judge(name, reversed(both)).status).toBe('placeholder');
    });

    it('leaves out the older, whichever comes first', () => {
      const both = add(night, 'nbac_team_boxscore', { ...late, processed_at: '2025-01-16T07:00:00.000Z' });
      expect(judge(name, both)).toEqual(ready(0));
      expect(judge(name, reversed(both))).toEqual(ready(0));
    });

    it('takes one without an instant for the older', () => {
      const both = add(night, 'nbac_team_boxscore', { ...late, processed_at: null });
      expect(judge(name, both)).toEqual(ready(0));
      expect(judge(name, reversed(both))).toEqual(ready(0));
    });

    it('decides equal instants alike, whichever comes first', () => {
      const both = add(night, 'nbac_team_boxscore', { ...late, processed_at: '2025-01-16T08:00:00.000Z' });
      expect(judge(name, reversed(both))).toEqual(judge(name, both));
    });
  });
});

describe('PlayerGameSummaryProcessor: a game', () => {
  function faulty(status: GameVerdict['status'], detail: string): GameVerdict {
    return { gameId: gameIdOf(0), status, table: 'nbac_gamebook_player_stats', detail };
  }

  it('is missing without a player row', () => {
    expect(judge(player, drop(night, 'nbac_gamebook_player_stats', ofGame(0)))).toEqual(
      faulty('missing', 'no player row'),
    );
  });

  it('is a placeholder while no active player has minutes', () => {
    const idle = change(night, 'nbac_gamebook_player_stats', ofGame(0), { minutes: '0:00' });
    expect(judge(player, idle)).toEqual(faulty('placeholder', 'no active player has minutes'));
  });

  it('is partial with one team alone', () => {
    expect(judge(player, drop(night, 'nbac_gamebook_player_stats', homeTeam))).toEqual(
      faulty('partial', `${home} has 0 active players, at least 5 play`),
    );
  });

  it('is partial with four active players on a side', () => {
    const four = drop(
      night,
      'nbac_gamebook_player_stats',
      (row) => homeActive(row) && /[0-3]$/.test(row.player_lookup),
    );
    expect(judge(player, four)).toEqual(faulty('partial', `${home} has 4 active players, at least 5 play`));
  });

  it('is ready with five who made all the points', () => {
    const gone = (row: GamebookPlayerRow): boolean => homeActive(row) && /[0-2]$/.test(row.player_lookup);
    const lost = night.nbac_gamebook_player_stats.filter(gone).reduce((sum, row) => sum + row.points!, 0);
    const scorer = night.nbac_gamebook_player_stats.find(
      (row) => row.player_lookup === `${home.toLowerCase()}player7`,
    )!;
    const five = change(
      drop(night, 'nbac_gamebook_player_stats', gone),
      'nbac_gamebook_player_stats',
      (row) => row.player_lookup === scorer.player_lookup,
      { points: scorer.points! + lost },
    );
    expect(judge(player, five)).toEqual(ready(0));
  });

  it.each([[1], [-1]])("is partial while a side's points are %d off the score", (off) => {
    const wrong = change(
      night,
      'nbac_gamebook_player_stats',
      (row) => homeActive(row) && row.player_lookup.endsWith('7'),
      { points: 15 + off },
    );
    expect(judge(player, wrong)).toEqual(
      faulty('partial', `${home}'s players scored ${98 + off}, the score is 98`),
    );
  });

  it('does not compare points where the schedule has no score', () => {
    const unscored = change(night, 'nbac_schedule', ofGame(0), {
      home_team_score: null,
      away_team_score: null,
    });
    const wrong = change(unscored, 'nbac_gamebook_player_stats', (row) => homeActive(row), { points: 1 });
    expect(judge(player, wrong)).toEqual(ready(0));
  });

  it('is ready with a player at 0:00 among those who played', () => {
    const one = change(
      night,
      'nbac_gamebook_player_stats',
      (row) => homeActive(row) && row.player_lookup.endsWith('0'),
      { minutes: '0:00' },
    );
    expect(judge(player, one)).toEqual(ready(0));
  });

  it('counts the newer of two rows for one player, not both', () => {
    const old = {
      ...night.nbac_gamebook_player_stats.find(homeActive)!,
      points: 50,
      processed_at: '2025-01-16T05:00:00.000Z',
    };
    expect(judge(player, add(night, 'nbac_gamebook_player_stats', old))).toEqual(ready(0));
  });

  it('is missing in the offence while that has no row of it, and the teams are named', () => {
    expect(judge(player, drop(night, 'team_offense_game_summary', ofGame(0)))).toEqual({
      gameId: gameIdOf(0),
      status: 'missing',
      table: 'team_offense_game_summary',
      detail: `no published offence for ${away}, ${home}`,
    });
    expect(judge(player, drop(night, 'team_offense_game_summary', ofTeam(home)))).toMatchObject({
      detail: `no published offence for ${home}`,
    });
  });

  it('is faulty in the gamebook before it is missing in the offence', () => {
    const neither = drop(
      drop(night, 'team_offense_game_summary', ofGame(0)),
      'nbac_gamebook_player_stats',
      ofGame(0),
    );
    expect(judge(player, neither).table).toBe('nbac_gamebook_player_stats');
  });

  it('does not ask for the team box score itself', () => {
    expect(judge(player, drop(night, 'nbac_team_boxscore', ofGame(0)))).toEqual(ready(0));
  });
});

describe('the games of a date', () => {
  it('are in the order of their ids, in whatever order the schedule has them', () => {
    const five = goodNight(5);
    const ids = [0, 1, 2, 3, 4].map(gameIdOf);
    expect(judgeGames(offense, reversed(five)).map(({ game }) => game.gameId)).toEqual(ids);
  });

  it('count the newer of two schedule rows for one game', () => {
    const first = { ...raw.nbac_schedule[0]!, game_status: 1, processed_at: '2025-01-15T08:00:00.000Z' };
    const both = add(raw, 'nbac_schedule', first);
    expect(judgeGames(offense, both).map(({ verdict }) => verdict)).toEqual([ready(0), ready(1)]);
    const correction = { ...first, processed_at: '2025-01-17T08:00:00.000Z' };
    expect(judge(offense, add(raw, 'nbac_schedule', correction)).status).toBe('not_final');
  });
});

// The gate compares the players' points with the score, but not the team's own: a row taken at half-time passes.
// Every one of the 2,462 team rows of 2024-25 has the points of the schedule, so an unequal row is never whole.
it("does not take a team row for ready whose points are not the schedule's", () => {
  const halfTime = { points: 55, fg_made: 20, fg_attempted: 42, minutes: '120:00' };
  expect(judge(offense, change(night, 'nbac_team_boxscore', homeTeam, halfTime)).status).toBe('partial');
});
