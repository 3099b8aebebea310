/** New York at Philadelphia, 15 January 2025, after one overtime: a real box score with its usage, TS% and eFG%. */
import { decodeRow } from '../../src/warehouse/decode-row';
import type { RowOf, TableDefinition } from '../../src/tables/define-table';
import { nbacGamebookPlayerStats } from '../../src/sources/nbac-gamebook-player-stats';
import { nbacSchedule } from '../../src/sources/nbac-schedule';
import { nbacTeamBoxscore } from '../../src/sources/nbac-team-boxscore';

const frame = { game_id: '20250115_NYK_PHI', game_date: '2025-01-15', season_year: 2024 };

export const schedule = row(nbacSchedule.table, {
  ...frame,
  game_id: '0022400561',
  game_code: '20250115/NYKPHI',
  game_status: 3,
  game_status_text: 'Final/OT',
  home_team_tricode: 'PHI',
  away_team_tricode: 'NYK',
  home_team_score: 119,
  away_team_score: 125,
});

export const teamRows = [
  row(nbacTeamBoxscore.table, {
    ...frame,
    nba_game_id: '0022400561',
    team_abbr: 'PHI',
    is_home: true,
    minutes: '265:00',
    fg_made: 46,
    fg_attempted: 92,
    three_pt_made: 13,
    three_pt_attempted: 35,
    ft_made: 14,
    ft_attempted: 14,
    offensive_rebounds: 11,
    defensive_rebounds: 24,
    total_rebounds: 35,
    assists: 27,
    steals: 8,
    blocks: 2,
    turnovers: 12,
    personal_fouls: 19,
    points: 119,
    plus_minus: -6,
  }),
  row(nbacTeamBoxscore.table, {
    ...frame,
    nba_game_id: '0022400561',
    team_abbr: 'NYK',
    is_home: false,
    minutes: '265:00',
    fg_made: 46,
    fg_attempted: 86,
    three_pt_made: 16,
    three_pt_attempted: 37,
    ft_made: 17,
    ft_attempted: 24,
    offensive_rebounds: 15,
    defensive_rebounds: 30,
    total_rebounds: 45,
    assists: 28,
    steals: 10,
    blocks: 3,
    turnovers: 13,
    personal_fouls: 14,
    points: 125,
    plus_minus: 6,
  }),
];

/** Team, player, minutes, FG, 3P, FT, rebounds (own end last), turnovers, points; then usage, TS% and eFG%. */
const lines = [
  ['NYK', 'Josh Hart', '49:25', '4-9', '0-3', '2-3', '5-12', 3, 10, 13.0, 0.484, 0.444],
  ['NYK', 'OG Anunoby', '44:30', '6-16', '3-10', '2-2', '0-4', 2, 17, 20.5, 0.504, 0.469],
  ['NYK', 'Jericho Sims', '22:46', '3-5', '0-0', '2-4', '6-1', 1, 8, 16.5, 0.592, 0.6],
  ['NYK', 'Mikal Bridges', '43:28', '9-19', '5-10', '0-0', '0-2', 1, 23, 22.3, 0.605, 0.605],
  ['NYK', 'Jalen Brunson', '45:28', '14-22', '3-6', '7-9', '1-4', 5, 38, 32.9, 0.732, 0.705],
  ['NYK', 'Precious Achiuwa', '30:07', '4-6', '0-0', '2-4', '2-4', 1, 10, 14.1, 0.644, 0.667],
  ['NYK', 'Miles McBride', '21:48', '4-5', '3-4', '2-2', '1-2', 0, 13, 13.0, 1.105, 1.1],
  ['NYK', 'Cameron Payne', '7:28', '2-4', '2-4', '0-0', '0-1', 0, 6, 25.9, 0.75, 0.75],
  ['PHI', 'Paul George', '43:27', '9-20', '3-8', '5-5', '0-3', 3, 26, 27.9, 0.586, 0.525],
  ['PHI', 'Kelly Oubre Jr.', '45:24', '7-11', '1-3', '1-1', '1-9', 2, 16, 14.2, 0.699, 0.682],
  ['PHI', 'Guerschon Yabusele', '38:15', '4-8', '1-4', '0-0', '4-1', 2, 9, 12.6, 0.562, 0.562],
  ['PHI', 'Eric Gordon', '21:11', '4-6', '3-5', '3-3', '0-1', 0, 14, 16.6, 0.956, 0.917],
  ['PHI', 'Tyrese Maxey', '45:36', '13-32', '2-9', '5-5', '2-4', 4, 33, 40.3, 0.482, 0.438],
  ['PHI', 'Justin Edwards', '35:18', '4-6', '2-4', '0-0', '1-1', 0, 10, 8.2, 0.833, 0.833],
  ['PHI', 'Jeff Dowtin Jr.', '14:21', '3-6', '1-2', '0-0', '0-1', 0, 7, 20.1, 0.583, 0.583],
  ['PHI', 'Ricky Council IV', '6:43', '1-2', '0-0', '0-0', '0-1', 0, 2, 14.3, 0.5, 0.5],
  ['PHI', 'Adem Bona', '14:45', '1-1', '0-0', '0-0', '3-3', 1, 2, 6.5, 1.0, 1.0],
] as const;

export const playerRows = lines.map(([team, name, minutes, fg, threes, ft, rebounds, turnovers, points]) =>
  row(nbacGamebookPlayerStats.table, {
    ...frame,
    home_team_abbr: 'PHI',
    away_team_abbr: 'NYK',
    player_name: name,
    player_lookup: name.toLowerCase().replace(/[^a-z]/g, ''),
    team_abbr: team,
    player_status: 'active',
    minutes,
    points,
    field_goals_made: made(fg),
    field_goals_attempted: attempted(fg),
    three_pointers_made: made(threes),
    three_pointers_attempted: attempted(threes),
    free_throws_made: made(ft),
    free_throws_attempted: attempted(ft),
    offensive_rebounds: made(rebounds),
    defensive_rebounds: attempted(rebounds),
    turnovers,
  }),
);

/** Figures to the precision of the source: usage in percent to 0.1, the fractions to 0.001. */
export const expected = lines.map((line) => ({
  name: line[1],
  usage: line[9],
  trueShooting: line[10],
  effectiveFieldGoals: line[11],
}));

function made(pair: string): number {
  return Number(pair.split('-')[0]);
}

function attempted(pair: string): number {
  return Number(pair.split('-')[1]);
}

/** The row with every column that is not given null. */
function row<T extends TableDefinition>(table: T, fields: Partial<RowOf<T>>): RowOf<T> {
  const decoded = decodeRow(table, fields);
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.faults));
  return decoded.row as RowOf<T>;
}
