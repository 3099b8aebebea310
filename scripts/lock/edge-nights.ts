/**
 * Nights made for the edges of the arithmetic, each from one night of the demo data: what a season brings now and then and a
 * playoff month may not. A lock that knew only ordinary nights would let a formula change where it matters.
 */
import type { Row } from '../../src/tables/define-table';

/** Raw rows of one date by table. */
export type RawNight = Readonly<Record<string, readonly Row[]>>;

const schedule = 'nbac_schedule';
const teams = 'nbac_team_boxscore';
const players = 'nbac_gamebook_player_stats';

type Change = (row: Row, index: number) => Row;

function change(night: RawNight, table: string, to: Change): RawNight {
  return { ...night, [table]: (night[table] ?? []).map(to) };
}

function add(night: RawNight, table: string, made: (first: Row) => Row[]): RawNight {
  const [first] = night[table] ?? [];
  if (!first) throw new Error(`the night of the edges has no row of ${table}`);
  return { ...night, [table]: [...(night[table] ?? []), ...made(first)] };
}

/** Every count of a player as nothing. */
const noLine = Object.fromEntries(
  [
    ...['points', 'field_goals_made', 'field_goals_attempted', 'three_pointers_made'],
    ...['three_pointers_attempted', 'free_throws_made', 'free_throws_attempted', 'offensive_rebounds'],
    ...['defensive_rebounds', 'total_rebounds', 'assists', 'steals', 'blocks', 'turnovers', 'personal_fouls'],
  ].map((column) => [column, 0]),
);

function person(first: Row, name: string, changes: Row): Row {
  return {
    ...first,
    ...noLine,
    player_lookup: name,
    player_name: name,
    ...{ minutes: '5:00', minutes_decimal: 5, plus_minus: 0 },
    ...changes,
  };
}

/** Reasons of every category, and one of none. */
const reasons = [
  "DNP - Coach's Decision",
  'Injury/Illness - Left Knee; Sprain',
  'Injury Recovery',
  'Rest',
  'Personal Reasons',
  'NWT - Suspension',
  'Did Not Play',
  null,
];

/** The edges by name, as changes of a night of whole games. */
export const edges: Readonly<Record<string, (night: RawNight) => RawNight>> = {
  overtime: (night) =>
    change(
      change(night, teams, (row) => ({ ...row, minutes: '265:00' })),
      schedule,
      (row) => ({
        ...row,
        game_status_text: 'Final/OT',
      }),
    ),
  'two overtimes, in plain minutes': (night) => change(night, teams, (row) => ({ ...row, minutes: '290' })),
  'played for no second': (night) =>
    add(night, players, (first) => [person(first, 'edgezero', { minutes: '0:00', minutes_decimal: 0 })]),
  'more than a team in seconds': (night) =>
    add(night, players, (first) => [
      person(first, 'edgeseconds', { minutes: '0:07', field_goals_attempted: 2, turnovers: 1 }),
      person(first, 'edgeminutes', { minutes: '', turnovers: 1 }),
    ]),
  'nulls of teams': (night) =>
    change(night, teams, (row) => ({
      ...row,
      ...{ three_pt_made: null, three_pt_attempted: null, ft_made: null, total_rebounds: null },
      ...{ assists: null, steals: null, blocks: null, personal_fouls: null, processed_at: null },
    })),
  'nulls of players': (night) =>
    change(night, players, (row) => ({
      ...row,
      ...{ plus_minus: null, turnovers: null, three_pointers_made: null, free_throws_attempted: null },
      ...{ assists: null, player_name: null, processed_at: null, data_hash: null },
    })),
  'no rebound at either end': (night) =>
    change(night, teams, (row) => ({ ...row, offensive_rebounds: 0, defensive_rebounds: 0 })),
  'a schedule without scores and seasons': (night) =>
    change(night, schedule, (row) => ({
      ...row,
      ...{ home_team_score: null, away_team_score: null, season_year: null },
    })),
  'who did not play, and why': (night) =>
    add(night, players, (first) =>
      reasons.flatMap((reason, index) => [
        person(first, `edgednp${index}`, { player_status: 'dnp', dnp_reason: reason, minutes: null }),
        person(first, `edgeinactive${index}`, {
          player_status: 'inactive',
          dnp_reason: reason,
          minutes: null,
        }),
      ]),
    ),
  'a trade: listed by two teams': (night) => {
    const codes = [...new Set((night[teams] ?? []).map((row) => row['team_abbr'] ?? null))].slice(0, 2);
    return add(night, players, (first) =>
      codes.flatMap((team, index) => {
        const later = `2017-04-16T0${index + 1}:00:00.000Z`;
        const idle = { team_abbr: team, player_status: 'inactive', dnp_reason: 'Trade', minutes: null };
        return [
          person(first, 'edgetraded', index === 0 ? idle : { team_abbr: team }),
          person(first, 'edgenewest', { ...idle, processed_at: later }),
          person(first, 'edgetied', { ...idle, processed_at: null }),
        ];
      }),
    );
  },
  'a game that is not over, and one without rows': (night) =>
    change(
      { ...night, [teams]: (night[teams] ?? []).slice(2), [players]: night[players] ?? [] },
      schedule,
      (row, index) => (index === 1 ? { ...row, game_status: 2 } : row),
    ),
};
