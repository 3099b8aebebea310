/** Single corruptions of real nights: what feeds have done to box scores. Seeded, so that a finding can be made again. */
import type { Row } from '../../../src/tables/define-table';
import type { Night, RawTable } from '../../support/nights';

export type Random = () => number;

/** Mulberry32: small, and the same on every machine. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(random: Random, from: readonly T[]): T {
  const found = from[Math.floor(random() * from.length)];
  if (found === undefined) throw new Error('there is nothing to pick from');
  return found;
}

/** What a corruption did: the night as it is then, and what was done, for whoever reads the finding. */
export interface Corrupted {
  readonly night: Night;
  /** What was there and live before, where the corruption came later. */
  readonly first?: Night;
  /** A file as its bytes, in place of the rows of its table. */
  readonly file?: { readonly table: RawTable; readonly bytes: Buffer; readonly isZipped?: true };
  readonly what: string;
}

/** A kind of corruption; null where the night has nothing of the sort to corrupt. */
export interface Kind {
  readonly name: string;
  /** How many games it touches; one where it says nothing. */
  readonly games?: 2 | 'all';
  readonly corrupt: (night: Night, random: Random) => Corrupted | null;
}

const [schedule, team, player] = [
  'nbac_schedule',
  'nbac_team_boxscore',
  'nbac_gamebook_player_stats',
] as const;

type Changes = Readonly<Record<string, unknown>> | ((row: Row) => Readonly<Record<string, unknown>>);

function changed(night: Night, table: RawTable, where: (row: Row) => boolean, changes: Changes): Night {
  const rows = night[table].map((row) =>
    where(row) ? ({ ...row, ...(typeof changes === 'function' ? changes(row) : changes) } as Row) : row,
  );
  return { ...night, [table]: rows };
}

function labelOf(row: Row): string {
  return [row['game_id'], row['team_abbr'], row['player_lookup']].filter(Boolean).join(' ');
}

/** Changes one row that `isMeant`. */
function one(
  name: string,
  table: RawTable,
  isMeant: (row: Row) => boolean,
  changes: (row: Row, random: Random, night: Night) => Readonly<Record<string, unknown>>,
): Kind {
  return {
    name,
    corrupt: (night, random) => {
      const rows = night[table].filter(isMeant);
      if (rows.length === 0) return null;
      const row = pick(random, rows);
      const made = changes(row, random, night);
      return {
        night: changed(night, table, (own) => own === row, made),
        what: `${labelOf(row)}: ${JSON.stringify(made)}`,
      };
    },
  };
}

/** Changes all rows of a table that are of one game, or of one team of it. */
function all(
  name: string,
  table: RawTable,
  changes: Changes,
  { of = 'game', where = () => true }: { of?: 'game' | 'team'; where?: (row: Row) => boolean } = {},
): Kind {
  return {
    name,
    corrupt: (night, random) => {
      const rows = night[table].filter(where);
      if (rows.length === 0) return null;
      const row = pick(random, rows);
      const isMeant = (own: Row): boolean =>
        where(own) &&
        own['game_id'] === row['game_id'] &&
        (of === 'game' || own['team_abbr'] === row['team_abbr']);
      return { night: changed(night, table, isMeant, changes), what: labelOf(row) };
    },
  };
}

const any = (): boolean => true;
const isActive = (row: Row): boolean => row['player_status'] === 'active';
const isIdle = (row: Row): boolean => !isActive(row);
const n = (row: Row, field: string): number => Number(row[field] ?? 0);
const hasPlayed = (row: Row): boolean => isActive(row) && n(row, 'minutes_decimal') > 5;

const teamCounts = [
  ...['fg_made', 'fg_attempted', 'three_pt_made', 'three_pt_attempted', 'ft_made', 'ft_attempted'],
  ...['offensive_rebounds', 'defensive_rebounds', 'total_rebounds', 'assists', 'steals', 'blocks'],
  ...['personal_fouls', 'points'],
];
const playerCounts = [
  ...['points', 'field_goals_made', 'field_goals_attempted', 'three_pointers_made'],
  ...['three_pointers_attempted', 'free_throws_made', 'free_throws_attempted', 'offensive_rebounds'],
  ...['defensive_rebounds', 'total_rebounds', 'assists', 'steals', 'blocks', 'personal_fouls'],
];
/** Columns that some era lacks: null everywhere they are unknown, and what needs them is null. */
const eraCounts = ['three_pointers_made', 'turnovers', 'steals', 'blocks', 'offensive_rebounds'];

const ofCounts: readonly Kind[] = [
  ...teamCounts.flatMap((field) => [
    one(`team ${field} one more`, team, any, (row) => ({ [field]: n(row, field) + 1 })),
    one(`team ${field} far more`, team, any, (row) => ({ [field]: n(row, field) * 2 + 3 })),
    one(`team ${field} negative`, team, any, (row) => ({ [field]: -1 - n(row, field) })),
    one(
      `team ${field} zero`,
      team,
      (row) => n(row, field) > 0,
      () => ({ [field]: 0 }),
    ),
    one(`team ${field} null`, team, any, () => ({ [field]: null })),
  ]),
  one('team turnovers far more', team, any, (row) => ({ turnovers: n(row, 'turnovers') + 12 })),
  one('team turnovers too few', team, any, () => ({ turnovers: 1 })),
  one('team turnovers negative', team, any, () => ({ turnovers: -3 })),
  one('team turnovers null', team, any, () => ({ turnovers: null })),
  one('team turnovers within its own', team, any, (row) => ({ turnovers: n(row, 'turnovers') + 1 })),
  ...playerCounts.flatMap((field) => [
    one(`player ${field} one more`, player, hasPlayed, (row) => ({ [field]: n(row, field) + 1 })),
    one(`player ${field} far more`, player, hasPlayed, (row) => ({ [field]: n(row, field) * 3 + 7 })),
    one(`player ${field} negative`, player, hasPlayed, (row) => ({ [field]: -1 - n(row, field) })),
    one(
      `player ${field} null`,
      player,
      (row) => hasPlayed(row) && n(row, field) > 0,
      () => ({ [field]: null }),
    ),
  ]),
  one('player turnovers far more', player, hasPlayed, (row) => ({ turnovers: n(row, 'turnovers') + 30 })),
  one('player turnovers negative', player, hasPlayed, () => ({ turnovers: -1 })),
  one(
    'player turnovers null',
    player,
    (row) => hasPlayed(row) && n(row, 'turnovers') > 0,
    () => ({
      turnovers: null,
    }),
  ),
  ...eraCounts.map((field) => all(`every player's ${field} null`, player, { [field]: null })),
  ...['three_pt_made', 'turnovers', 'steals'].map((field) =>
    all(`both team rows' ${field} null`, team, { [field]: null }),
  ),
  all("every player's plus_minus null", player, { plus_minus: null }),
  all(
    "a team's plus_minus turned",
    player,
    (row) => ({
      plus_minus: row['plus_minus'] === null ? null : 7 - n(row, 'plus_minus'),
    }),
    { of: 'team' },
  ),
  one('player plus_minus far off', player, hasPlayed, (row) => ({ plus_minus: n(row, 'plus_minus') + 40 })),
];

function exchanged(
  name: string,
  table: RawTable,
  a: string,
  b: string,
  of: (row: Row) => boolean = any,
): Kind {
  return one(
    name,
    table,
    (row) => of(row) && row[a] !== row[b],
    (row) => ({ [a]: row[b], [b]: row[a] }),
  );
}

const ofColumns: readonly Kind[] = [
  exchanged('team steals and blocks exchanged', team, 'steals', 'blocks'),
  exchanged('team rebounds by kind exchanged', team, 'offensive_rebounds', 'defensive_rebounds'),
  exchanged('team threes and free throws exchanged', team, 'three_pt_made', 'ft_made'),
  exchanged('team makes and attempts exchanged', team, 'fg_made', 'fg_attempted'),
  exchanged('team assists and turnovers exchanged', team, 'assists', 'turnovers'),
  exchanged('player steals and blocks exchanged', player, 'steals', 'blocks', hasPlayed),
  exchanged(
    'player rebounds by kind exchanged',
    player,
    'offensive_rebounds',
    'defensive_rebounds',
    hasPlayed,
  ),
  exchanged('player points and makes exchanged', player, 'points', 'field_goals_made', hasPlayed),
  exchanged('player assists and rebounds exchanged', player, 'assists', 'total_rebounds', hasPlayed),
  all('all players: steals and blocks exchanged', player, (row) => ({
    steals: row['blocks'],
    blocks: row['steals'],
  })),
  all('all players: makes and attempts exchanged', player, (row) => ({
    field_goals_made: row['field_goals_attempted'],
    field_goals_attempted: row['field_goals_made'],
  })),
  all("a team's figures scaled", team, (row) => scaled(row, teamCounts, 1.3), { of: 'team' }),
  all("a team's players scaled", player, (row) => scaled(row, playerCounts, 2), { of: 'team' }),
  ...['fg_percentage', 'three_pt_percentage', 'ft_percentage'].flatMap((field) => [
    one(`team ${field} wrong`, team, any, (row) => ({ [field]: n(row, field) + 0.05 })),
    one(
      `team ${field} in percent`,
      team,
      (row) => n(row, field) > 0,
      (row) => ({
        [field]: n(row, field) * 100,
      }),
    ),
  ]),
];

function scaled(row: Row, fields: readonly string[], by: number): Record<string, number | null> {
  return Object.fromEntries(
    fields.map((field) => [field, row[field] === null ? null : Math.round(n(row, field) * by)]),
  );
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.round(seconds) % 60).padStart(2, '0')}`;
}

const ofTime: readonly Kind[] = [
  ...[
    '48:00',
    '24:00',
    '240',
    '241:30',
    '0:00',
    '265:00',
    '14400',
    '4:00:00',
    'PT240M',
    '240:75',
    '-',
    '٢٤٠:٠٠',
  ].map((minutes) => one(`team minutes ${minutes}`, team, any, () => ({ minutes }))),
  ...['240:07', '239:54', '265:09'].map((minutes) =>
    one(`team minutes ${minutes}`, team, any, () => ({ minutes })),
  ),
  ...['48:00', '120:00', '265:00', '290:00', '200:00'].map((minutes) =>
    all(`both teams' minutes ${minutes}`, team, { minutes }),
  ),
  one('player minutes as a decimal', player, hasPlayed, (row) => ({
    minutes: String(row['minutes']).replace(':', '.'),
  })),
  one('player minutes_decimal as a clock', player, hasPlayed, (row) => ({
    minutes_decimal: Number(String(row['minutes']).replace(':', '.')) + 0.02,
  })),
  one('player minutes alone changed', player, hasPlayed, (row) => ({
    minutes: clock(n(row, 'minutes_decimal') * 60 + 61),
  })),
  one('player minutes changed with their decimal', player, hasPlayed, (row) => ({
    minutes: clock(n(row, 'minutes_decimal') * 60 + 95),
    minutes_decimal: n(row, 'minutes_decimal') + 95 / 60,
  })),
  ...[null, '', '34m12s', '34:61', 'DNP', '99:99', '12:3'].map((minutes) =>
    one(`player minutes ${String(minutes)}`, player, hasPlayed, () => ({ minutes })),
  ),
  all(
    "all players' minutes in whole minutes, cut",
    player,
    (row) => ({
      minutes: row['minutes'] === null ? null : String(row['minutes']).split(':')[0],
    }),
    { where: isActive },
  ),
  all(
    "all players' minutes in seconds",
    player,
    (row) => ({
      minutes: String(Math.round(n(row, 'minutes_decimal') * 60)),
    }),
    { where: isActive },
  ),
  all("all players' minutes empty", player, { minutes: null, minutes_decimal: null }, { where: isActive }),
  one(
    'overtime that nobody played',
    schedule,
    (row) => row['game_status_text'] === 'Final',
    () => ({
      game_status_text: 'Final/OT',
    }),
  ),
];

const ofPeople: readonly Kind[] = [
  one('lookup in capitals', player, hasPlayed, (row) => ({
    player_lookup: String(row['player_lookup']).toUpperCase(),
  })),
  one('lookup empty', player, hasPlayed, () => ({ player_lookup: '' })),
  one('lookup with a blank', player, hasPlayed, (row) => ({
    player_lookup: `${String(row['player_lookup'])} `,
  })),
  one('lookup with an accent', player, hasPlayed, (row) => ({
    player_lookup: String(row['player_lookup']).replace(/[aeio]/, 'é'),
  })),
  one('lookup of nobody', player, hasPlayed, () => ({ player_lookup: 'unknownplayer' })),
  {
    name: 'lookup of a team mate',
    corrupt: (night, random) => {
      const row = pick(random, night[player].filter(hasPlayed));
      const mates = night[player].filter(
        (own) => hasPlayed(own) && own['team_abbr'] === row['team_abbr'] && own !== row,
      );
      const { player_lookup: lookup } = pick(random, mates);
      return {
        night: changed(night, player, (own) => own === row, { player_lookup: lookup }),
        what: `${labelOf(row)} as ${String(lookup)}`,
      };
    },
  },
  {
    name: 'lookup of a player of another game',
    games: 2,
    corrupt: (night, random) => {
      const row = pick(random, night[player].filter(hasPlayed));
      const others = night[player].filter((own) => isActive(own) && own['game_id'] !== row['game_id']);
      if (others.length === 0) return null;
      const { player_lookup: lookup } = pick(random, others);
      return {
        night: changed(night, player, (own) => own === row, { player_lookup: lookup }),
        what: `${labelOf(row)} as ${String(lookup)}`,
      };
    },
  },
  {
    name: 'one line under two spellings',
    corrupt: (night, random) => {
      const row = pick(random, night[player].filter(hasPlayed));
      const again = { ...row, player_lookup: `${String(row['player_lookup'])}jr`, data_hash: 'x' };
      return { night: { ...night, [player]: [...night[player], again] }, what: labelOf(row) };
    },
  },
  {
    name: 'listed by both teams',
    corrupt: (night, random) => {
      const row = pick(random, night[player].filter(isActive));
      const other = otherTeam(night, row);
      const again = { ...row, team_abbr: other };
      return { night: { ...night, [player]: [...night[player], again] }, what: labelOf(row) };
    },
  },
  {
    name: 'player in the other team',
    corrupt: (night, random) => {
      const row = pick(random, night[player].filter(hasPlayed));
      const other = otherTeam(night, row);
      return {
        night: changed(night, player, (own) => own === row, { team_abbr: other }),
        what: labelOf(row),
      };
    },
  },
  ...['ACTIVE', 'Active', 'played', '', 'actve', 'starter', 'DNP'].map((status) =>
    one(`active player's status ${status}`, player, hasPlayed, () => ({ player_status: status })),
  ),
  ...['DNP', 'Inactive', 'out', ''].map((status) =>
    one(`idle player's status ${status}`, player, isIdle, () => ({ player_status: status })),
  ),
  one('active player as dnp', player, hasPlayed, () => ({ player_status: 'dnp' })),
  one('active player as inactive without figures', player, hasPlayed, (row) => ({
    player_status: 'inactive',
    ...Object.fromEntries(playerCounts.map((field) => [field, null])),
    ...{ minutes: null, minutes_decimal: null, plus_minus: null, turnovers: null },
    team_abbr: row['team_abbr'],
  })),
  {
    name: 'an active row dropped',
    corrupt: (night, random) => {
      const row = pick(random, night[player].filter(hasPlayed));
      return {
        night: { ...night, [player]: night[player].filter((own) => own !== row) },
        what: labelOf(row),
      };
    },
  },
  {
    name: 'an idle row dropped',
    corrupt: (night, random) => {
      const rows = night[player].filter(isIdle);
      if (rows.length === 0) return null;
      const row = pick(random, rows);
      return {
        night: { ...night, [player]: night[player].filter((own) => own !== row) },
        what: labelOf(row),
      };
    },
  },
  one(
    'a reason changed',
    player,
    (row) => row['dnp_reason'] !== null,
    () => ({ dnp_reason: 'Rest' }),
  ),
  one('the spelling of a name', player, hasPlayed, (row) => ({
    player_name: `${String(row['player_name'])}.`,
  })),
  one(
    'a did-not-play as active with zeros',
    player,
    (row) => row['player_status'] === 'dnp',
    () => ({
      ...Object.fromEntries(playerCounts.map((field) => [field, 0])),
      ...{ player_status: 'active', minutes: '0:00', minutes_decimal: 0, plus_minus: 0, turnovers: 0 },
      dnp_reason: null,
    }),
  ),
  {
    name: 'lines exchanged between team mates',
    corrupt: (night, random) => exchangedLines(night, random, true),
  },
  {
    name: 'lines exchanged between opponents',
    corrupt: (night, random) => exchangedLines(night, random, false),
  },
];

function exchangedLines(night: Night, random: Random, isMate: boolean): Corrupted {
  const row = pick(random, night[player].filter(hasPlayed));
  const other = pick(
    random,
    night[player].filter(
      (own) =>
        hasPlayed(own) &&
        own['game_id'] === row['game_id'] &&
        own !== row &&
        (own['team_abbr'] === row['team_abbr']) === isMate &&
        own['points'] !== row['points'],
    ),
  );
  const fields = [...playerCounts, 'turnovers', 'minutes', 'minutes_decimal', 'plus_minus'];
  const line = (from: Row): Record<string, unknown> =>
    Object.fromEntries(fields.map((field) => [field, from[field]]));
  const half = changed(night, player, (own) => own === row, line(other));
  return {
    night: changed(half, player, (own) => own === other, line(row)),
    what: `${labelOf(row)} and ${labelOf(other)}`,
  };
}

function otherTeam(night: Night, row: Row): string {
  const other = night[player].find(
    (own) => own['game_id'] === row['game_id'] && own['team_abbr'] !== row['team_abbr'],
  );
  return String(other?.['team_abbr']);
}

const ofSides: readonly Kind[] = [
  one('is_home turned in one team row', team, any, (row) => ({ is_home: !row['is_home'] })),
  all('is_home turned in both team rows', team, (row) => ({ is_home: !row['is_home'] })),
  one('team_id of another', team, any, () => ({ team_id: 1610612999 })),
  one('nba_game_id of another', team, any, () => ({ nba_game_id: '0022400001' })),
  all('codes of the two team rows exchanged', team, (row) => {
    const [, away, home] = String(row['game_id']).split('_');
    return { team_abbr: row['team_abbr'] === away ? home : away };
  }),
  all('sides of player rows exchanged', player, (row) => ({
    home_team_abbr: row['away_team_abbr'],
    away_team_abbr: row['home_team_abbr'],
  })),
  one('sides of the schedule exchanged', schedule, any, (row) => ({
    home_team_tricode: row['away_team_tricode'],
    away_team_tricode: row['home_team_tricode'],
    home_team_score: row['away_team_score'],
    away_team_score: row['home_team_score'],
    home_team_id: row['away_team_id'],
    away_team_id: row['home_team_id'],
  })),
  one('codes of the schedule exchanged alone', schedule, any, (row) => ({
    home_team_tricode: row['away_team_tricode'],
    away_team_tricode: row['home_team_tricode'],
  })),
  one('scores of the schedule exchanged', schedule, any, (row) => ({
    home_team_score: row['away_team_score'],
    away_team_score: row['home_team_score'],
  })),
  all(
    'a team row of a date before',
    team,
    (row) => ({
      game_id: `20200101_${String(row['game_id']).slice(9)}`,
    }),
    { of: 'team' },
  ),
  ...['season_year', 'season_year_text'].map((_, index) =>
    index === 0
      ? one('schedule season_year of the next', schedule, any, (row) => ({
          season_year: n(row, 'season_year') + 1,
        }))
      : one('schedule season of the next', schedule, any, (row) => ({
          season: `${n(row, 'season_year') + 1}-${String(n(row, 'season_year') + 2).slice(2)}`,
        })),
  ),
  one('team season_year of the next', team, any, (row) => ({ season_year: n(row, 'season_year') + 1 })),
  all('player season_year of the next', player, (row) => ({ season_year: n(row, 'season_year') + 1 })),
];

const ofSchedule: readonly Kind[] = [
  one('score one more', schedule, any, (row) => ({ home_team_score: n(row, 'home_team_score') + 1 })),
  one('score of before the end', schedule, any, (row) => ({
    home_team_score: n(row, 'home_team_score') - 20,
    away_team_score: n(row, 'away_team_score') - 25,
  })),
  one('score empty', schedule, any, () => ({ home_team_score: null, away_team_score: null })),
  one('one score empty', schedule, any, () => ({ home_team_score: null })),
  one('score zero', schedule, any, () => ({ home_team_score: 0, away_team_score: 0 })),
  one('a tie', schedule, any, (row) => ({ home_team_score: row['away_team_score'] })),
  one('the other winner', schedule, any, (row) => ({
    winning_team_tricode:
      row['winning_team_tricode'] === row['home_team_tricode']
        ? row['away_team_tricode']
        : row['home_team_tricode'],
  })),
  one('status back to 1', schedule, any, () => ({ game_status: 1 })),
  one('status 2 and final', schedule, any, () => ({ game_status: 2 })),
  one('id of the season after', schedule, any, (row) => ({
    game_id: `${String(row['game_id']).slice(0, 3)}30${String(row['game_id']).slice(5)}`,
  })),
  one('id of another game', schedule, any, (row) => ({
    game_id: `${String(row['game_id']).slice(0, 5)}09999`,
  })),
  one('a preseason id', schedule, any, (row) => ({ game_id: `001${String(row['game_id']).slice(3)}` })),
  {
    name: 'twice in the schedule, under another id',
    corrupt: (night, random) => {
      const row = pick(random, night[schedule]);
      const again = { ...row, game_id: `${String(row['game_id']).slice(0, 5)}09998` };
      return { night: { ...night, [schedule]: [...night[schedule], again] }, what: labelOf(row) };
    },
  },
  {
    name: 'twice in the schedule, with another score',
    corrupt: (night, random) => {
      const row = pick(random, night[schedule]);
      const again = { ...row, home_team_score: n(row, 'home_team_score') + 2 };
      return { night: { ...night, [schedule]: [...night[schedule], again] }, what: labelOf(row) };
    },
  },
  {
    name: 'a game missing from the schedule',
    corrupt: (night, random) => {
      const row = pick(random, night[schedule]);
      return {
        night: { ...night, [schedule]: night[schedule].filter((own) => own !== row) },
        what: labelOf(row),
      };
    },
  },
  one('a team that there is not', schedule, any, () => ({ home_team_tricode: 'XXX' })),
];

const ofRows: readonly Kind[] = [
  {
    name: 'a team row dropped',
    corrupt: (night, random) => {
      const row = pick(random, night[team]);
      return { night: { ...night, [team]: night[team].filter((own) => own !== row) }, what: labelOf(row) };
    },
  },
  {
    name: 'a team row twice at one instant',
    corrupt: (night, random) => {
      const row = pick(random, night[team]);
      const again = { ...row, assists: n(row, 'assists') + 4, points: n(row, 'points') };
      return { night: { ...night, [team]: [...night[team], again] }, what: labelOf(row) };
    },
  },
  {
    name: 'a newer team row with other figures',
    corrupt: (night, random) => {
      const row = pick(random, night[team]);
      const again = {
        ...row,
        fg_attempted: n(row, 'fg_attempted') + 4,
        processed_at: '2030-01-01T00:00:00.000Z',
      };
      return { night: { ...night, [team]: [...night[team], again] }, what: labelOf(row) };
    },
  },
  {
    name: 'a player row twice at one instant',
    corrupt: (night, random) => {
      const row = pick(random, night[player].filter(hasPlayed));
      const again = { ...row, assists: n(row, 'assists') + 1 };
      return { night: { ...night, [player]: [...night[player], again] }, what: labelOf(row) };
    },
  },
  {
    name: 'the file of players cut off',
    games: 'all',
    corrupt: (night, random) => {
      const rows = night[player];
      const keep = Math.floor(rows.length * (0.3 + random() * 0.6));
      const lost = rows.slice(keep);
      // Within rows of players who did not play nobody can tell.
      return lost.some(hasPlayed)
        ? { night: { ...night, [player]: rows.slice(0, keep) }, what: `${lost.length} rows` }
        : null;
    },
  },
  {
    name: 'the team row of its opponent',
    corrupt: (night, random) => {
      const row = pick(random, night[team]);
      const other = night[team].find(
        (own) => own['game_id'] === row['game_id'] && own['team_abbr'] !== row['team_abbr'],
      );
      if (!other) return null;
      const { team_abbr, is_home, team_id } = row;
      return {
        night: changed(night, team, (own) => own === row, { ...other, team_abbr, is_home, team_id }),
        what: labelOf(row),
      };
    },
  },
  {
    name: 'the team row of another game',
    corrupt: (night, random) => {
      const row = pick(random, night[team]);
      const others = night[team].filter((own) => own['game_id'] !== row['game_id']);
      if (others.length === 0) return null;
      const other = pick(random, others);
      const { team_abbr, is_home, team_id, game_id, nba_game_id } = row;
      return {
        night: changed(night, team, (own) => own === row, {
          ...other,
          ...{ team_abbr, is_home, team_id, game_id, nba_game_id },
        }),
        what: `${labelOf(row)} has the figures of ${labelOf(other)}`,
      };
    },
  },
  all('figures of the first half', team, (row) => ({
    ...scaled(row, [...teamCounts, 'turnovers'], 0.5),
    minutes: '120:00',
  })),
  all(
    'a team row of zeros',
    team,
    () => ({
      ...Object.fromEntries([...teamCounts, 'turnovers'].map((field) => [field, 0])),
      minutes: null,
    }),
    { of: 'team' },
  ),
];

/** Both sources and the score wrong alike, and consistent in themselves: one team did 1.3 times what it did. */
const ofBothSources: readonly Kind[] = [
  {
    name: 'a team scaled by 1.3 in every source',
    corrupt: (night, random) => {
      const row = pick(random, night[team]);
      const isOwn = (own: Row): boolean =>
        own['game_id'] === row['game_id'] && own['team_abbr'] === row['team_abbr'];
      const players = changed(
        night,
        player,
        (own) => isOwn(own) && isActive(own),
        (own) => {
          const line = scaled(own, [...playerCounts, 'turnovers'], 1.3);
          const points =
            2 * Number(line['field_goals_made']) +
            Number(line['three_pointers_made']) +
            Number(line['free_throws_made']);
          const total = Number(line['offensive_rebounds']) + Number(line['defensive_rebounds']);
          return { ...line, points, total_rebounds: total };
        },
      );
      const sum = (field: string): number =>
        players[player]
          .filter((own) => isOwn(own) && isActive(own))
          .reduce((all, own) => all + n(own, field), 0);
      const made = ['field_goals', 'three_pointers', 'free_throws'].map((kind) => [
        sum(`${kind}_made`),
        sum(`${kind}_attempted`),
      ]);
      const [fg = [0, 0], three = [0, 0], ft = [0, 0]] = made;
      const share = ([makes = 0, attempts = 0]: number[]): number => makes / attempts;
      const teams = changed(players, team, isOwn, {
        ...{ fg_made: fg[0], fg_attempted: fg[1], three_pt_made: three[0], three_pt_attempted: three[1] },
        ...{ ft_made: ft[0], ft_attempted: ft[1], points: sum('points'), turnovers: sum('turnovers') },
        ...Object.fromEntries(
          ['offensive_rebounds', 'defensive_rebounds', 'total_rebounds', 'assists', 'steals', 'blocks'].map(
            (field) => [field, sum(field)],
          ),
        ),
        personal_fouls: sum('personal_fouls'),
        ...{ fg_percentage: share(fg), three_pt_percentage: share(three), ft_percentage: share(ft) },
      });
      const isGame = (own: Row): boolean => own['game_id'] === row['nba_game_id'];
      return {
        night: changed(teams, schedule, isGame, (own) => {
          const side = own['home_team_tricode'] === row['team_abbr'] ? 'home' : 'away';
          const score = { ...own, [`${side}_team_score`]: sum('points') };
          const isHome = n(score, 'home_team_score') > n(score, 'away_team_score');
          return {
            ...score,
            winning_team_tricode: own[isHome ? 'home_team_tricode' : 'away_team_tricode'],
          };
        }),
        what: labelOf(row),
      };
    },
  },
];

/** The kinds that are told one by one; `every-kind.ts` has all of them. */
export const kinds: readonly Kind[] = [
  ...ofCounts,
  ...ofColumns,
  ...ofTime,
  ...ofPeople,
  ...ofSides,
  ...ofSchedule,
  ...ofRows,
  ...ofBothSources,
];
