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
  'REST - LOAD MANAGEMENT',
  'Personal Reasons',
  'NWT - Suspension',
  'Did Not Play',
  null,
];

/** Dates beside the night's own on which its edges are built too: the first and the last month of a season. */
export const edgeDates: readonly string[] = ['2017-06-12', '2017-09-30', '2017-10-01'];

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
  'three overtimes, seconds short': (night) =>
    change(night, teams, (row, index) => ({ ...row, minutes: index % 2 === 0 ? '314:57' : '315:00' })),
  'seconds short of regulation': (night) => change(night, teams, (row) => ({ ...row, minutes: '239:55' })),
  'minutes as sources also write them': (night) =>
    change(night, players, (row, index) => ({
      ...row,
      minutes: [' 12:30 ', '12.5', '12', '12:61', '-'][index % 5] ?? '',
    })),
  'exactly all of a team': (night) => {
    const [team] = night[teams] ?? [];
    const code = team?.['team_abbr'] ?? null;
    const own = (night[players] ?? []).find((row) => row['team_abbr'] === code) ?? {};
    return add(night, players, () => [
      person(own, 'edgewhole', {
        minutes: '48:00',
        field_goals_attempted: team?.['fg_attempted'] ?? 0,
        free_throws_attempted: team?.['ft_attempted'] ?? 0,
        turnovers: team?.['turnovers'] ?? 0,
      }),
    ]);
  },
  'a team without plays': (night) =>
    change(night, teams, (row) => ({ ...row, fg_made: 0, fg_attempted: 1, ft_attempted: 0, turnovers: -1 })),
  'a tie': (night) => {
    const tied = change(night, schedule, (row) => ({ ...row, home_team_score: 100, away_team_score: 100 }));
    const points = change(tied, teams, (row) => ({ ...row, points: 100 }));
    return change(points, players, (row) => ({ ...row, points: row['points'] === null ? null : 0 }));
  },
  'a status beyond final': (night) => change(night, schedule, (row) => ({ ...row, game_status: 4 })),
  'an active player with a reason': (night) =>
    change(night, players, (row) => ({ ...row, dnp_reason: 'LEFT KNEE SORENESS' })),
  'no points, no shots': (night) =>
    change(
      change(night, schedule, (row) => ({ ...row, home_team_score: null, away_team_score: null })),
      players,
      (row, index) =>
        index % 3 === 0 ? { ...row, points: null, field_goals_made: null, field_goals_attempted: null } : row,
    ),
  'no makes': (night) =>
    change(night, players, (row, index) =>
      index % 2 === 0 ? { ...row, field_goals_made: null } : { ...row, free_throws_attempted: null },
    ),
  'sent again, with other figures': (night) => {
    const again = (rows: readonly Row[], changes: Row): Row[] =>
      rows.slice(0, 4).flatMap((row) => [
        { ...row, ...changes, processed_at: '2017-04-16T09:00:00.000Z' },
        { ...row, processed_at: '2017-04-16T07:00:00.000Z' },
      ]);
    const twice = add(night, players, () => again(night[players] ?? [], { assists: 9 }));
    return add(twice, teams, () => again(night[teams] ?? [], { assists: 40 }));
  },
  'listed to play by two teams': (night) => {
    const codes = [...new Set((night[teams] ?? []).map((row) => row['team_abbr'] ?? null))].slice(0, 2);
    return add(night, players, (first) =>
      codes.map((team, index) =>
        person(first, 'edgetwice', {
          team_abbr: team,
          minutes: index === 0 ? '0:00' : '3:00',
          processed_at: index === 0 ? '2017-04-16T09:00:00.000Z' : null,
        }),
      ),
    );
  },
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
  'who did not play, each for a reason': (night) =>
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
