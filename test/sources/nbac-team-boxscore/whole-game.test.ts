import { gameFromSchedule } from '../../../src/games/game';
import type { TeamBoxscoreRow } from '../../../src/sources/nbac-team-boxscore/table';
import { faultOfTeamRows, isPlayedTeamRow } from '../../../src/sources/nbac-team-boxscore/whole-game';
import { awayOf, goodNight, homeOf } from '../../support/fixtures';

const night = goodNight(1);
const game = gameFromSchedule(night.rows.nbac_schedule[0]!, 2024);
const rows = night.rows.nbac_team_boxscore;
const [away, home] = [awayOf(0), homeOf(0)];

/** What is wrong with the game when the home team's row has these figures. */
function faultWith(changes: Partial<TeamBoxscoreRow>) {
  return faultOfTeamRows(
    game,
    rows.map((row) => (row.team_abbr === home ? { ...row, ...changes } : row)),
  );
}

function fault(status: string, detail: string) {
  return { status, table: 'nbac_team_boxscore', detail };
}

it('the rows of a played game are whole', () => {
  expect(faultOfTeamRows(game, rows)).toBeNull();
});

it('a game without a row is missing', () => {
  expect(faultOfTeamRows(game, [])).toEqual(fault('missing', 'no team row'));
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
])('a row with %s is a placeholder (%j), and is not counted', (detail, changes) => {
  expect(faultWith(changes)).toEqual(fault('placeholder', `${home} has ${detail}`));
  expect(isPlayedTeamRow({ ...rows[0]!, ...changes })).toBe(false);
  expect(isPlayedTeamRow(rows[0]!)).toBe(true);
});

it('a game is a placeholder as of 3 February 2026, both rows at zero', () => {
  const zeros = rows.map((row) => ({ ...row, points: 0, fg_attempted: 0, turnovers: 0, minutes: null }));
  expect(faultOfTeamRows(game, zeros)?.status).toBe('placeholder');
});

it.each([
  [away, home],
  [home, away],
])('a game with the row of %s alone is partial', (_there, absent) => {
  const alone = rows.filter((row) => row.team_abbr !== absent);
  expect(faultOfTeamRows(game, alone)).toEqual(fault('partial', `no row for ${absent}`));
});

it.each(['fg_made', 'ft_attempted', 'offensive_rebounds', 'defensive_rebounds', 'turnovers'] as const)(
  'a game is partial while %s is empty of one team: a box score has it',
  (column) => {
    expect(faultWith({ [column]: null })).toEqual(fault('partial', `${home} has no ${column}`));
  },
);

it.each(['offensive_rebounds', 'defensive_rebounds', 'turnovers'] as const)(
  'a game of which neither row has %s is of an era, or of a feed, without them: what needs them is unknown',
  (column) => {
    expect(
      faultOfTeamRows(
        game,
        rows.map((row) => ({ ...row, [column]: null })),
      ),
    ).toBeNull();
  },
);

it('minutes that are there and cannot be read are no placeholder: a rule names the value', () => {
  expect(faultWith({ minutes: '4:00:00' })).toBeNull();
});

it('zero turnovers and free throws are figures', () => {
  expect(faultWith({ turnovers: 0, ft_attempted: 0 })).toBeNull();
});
