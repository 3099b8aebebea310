/** What comes of one date, delivery by delivery: early, partial, wrong and corrected rows, and at last the true ones. Pure. */
import { movedRow, type Row, type Season } from '../bench/season';
import type { Chance } from './chance';

export const rawNames = ['nbac_schedule', 'nbac_team_boxscore', 'nbac_gamebook_player_stats'] as const;
export type RawName = (typeof rawNames)[number];
export type Night = Readonly<Record<RawName, readonly Row[]>>;

/** Rows of a table that are loaded together, in place of what is there of the date. */
export interface Delivery {
  readonly table: RawName;
  readonly rows: readonly Row[];
  readonly what: string;
}

/** A corruption that was the last to come: what would be live of it if no rule held it. */
export interface Corruption {
  readonly what: string;
  readonly gameId: string;
  readonly delivery: Delivery;
  readonly table: string;
  /** Whether a live row has it. */
  readonly isLive: (row: Row) => boolean;
}

export interface Feed {
  readonly gameDate: string;
  readonly deliveries: readonly Delivery[];
  /** What stays wrong until all else is over; null where nothing does. */
  readonly corruption: Corruption | null;
  /** All tables as they are in the end. */
  readonly truth: Night;
}

const [schedule, team, player] = rawNames;

/** The season's night moved to a date. */
export function nightOn(season: Season, from: string, to: string): Night {
  const rows = (table: RawName): Row[] =>
    (season.tables.get(table) ?? [])
      .filter((row) => row['game_date'] === from)
      .map((row) => movedRow(row, to));
  return { [schedule]: rows(schedule), [team]: rows(team), [player]: rows(player) };
}

/** Draws what comes of a date, and in which order. */
export function drawFeed(chance: Chance, gameDate: string, first: Night): Feed {
  const truth = chance.is(0.5) ? correctedNight(chance, first) : first;
  const beginnings = rawNames.map((table) => earlyOf(chance, first, table));
  const corruptions = chance.is(0.5) ? [drawCorruption(chance, truth)] : [];
  const corrections = rawNames
    .filter((table) => truth[table] !== first[table])
    .map((table) => ({ table, rows: truth[table], what: 'corrected' }));
  const [last = null] = corruptions;
  return {
    gameDate,
    deliveries: [
      ...interleaved(chance, beginnings),
      ...corrections,
      ...corruptions.map(({ delivery }) => delivery),
      // What was corrupted is mended while things happen, or when all else is over.
      ...(last && chance.is(0.5)
        ? [{ ...last.delivery, rows: truth[last.delivery.table], what: 'mended' }]
        : []),
    ].map((delivery, index) => stamped(delivery, index)),
    corruption: last,
    truth,
  };
}

/** Of a table, what comes before its true rows, and these. */
function earlyOf(chance: Chance, night: Night, table: RawName): Delivery[] {
  const rows = night[table];
  const whole = { table, rows, what: 'whole' };
  if (table === schedule) {
    const early = rows.map((row, index) =>
      index === 0
        ? {
            ...row,
            game_status: 2,
            game_status_text: 'Q4 2:10',
            home_team_score: null,
            away_team_score: null,
          }
        : row,
    );
    return chance.is(0.4) ? [{ table, rows: early, what: 'a game still played' }, whole] : [whole];
  }
  const [gameId] = [...new Set(rows.map((row) => row['game_id']))];
  const part = rows.filter((row) => row['game_id'] !== gameId);
  const early: Readonly<Record<'none' | 'part' | 'empty' | 'twice', Delivery[]>> = {
    none: [],
    part: part.length > 0 ? [{ table, rows: part, what: 'without a game' }] : [],
    empty: [{ table, rows: rows.map((row) => emptied(row, table)), what: 'placeholders' }],
    twice: [whole],
  };
  return [...early[chance.weighted({ none: 3, part: 3, empty: 3, twice: 1 })], whole];
}

function emptied(row: Row, table: RawName): Row {
  return table === team
    ? { ...row, points: 0, fg_attempted: 0, minutes: null }
    : { ...row, minutes: null, minutes_decimal: null, points: null };
}

/** Keeps the order of each list. */
function interleaved(chance: Chance, lists: readonly (readonly Delivery[])[]): Delivery[] {
  const left = lists.map((list) => [...list]);
  const order: Delivery[] = [];
  for (
    let open = left.filter(({ length }) => length > 0);
    open.length > 0;
    open = left.filter(({ length }) => length > 0)
  )
    order.push(...chance.pick(open).splice(0, 1));
  return order;
}

/** A later delivery has newer rows. */
function stamped({ table, rows, what }: Delivery, index: number): Delivery {
  const later = (row: Row): Row => ({
    ...row,
    processed_at: new Date(Date.parse(String(row['processed_at'])) + (index + 1) * 60_000).toISOString(),
  });
  return { table, rows: rows.map(later), what };
}

/** A correction that agrees with itself: an assist more for a player and his team. */
function correctedNight(chance: Chance, night: Night): Night {
  const active = night[player].filter((row) => Number(row['minutes_decimal'] ?? 0) > 20);
  if (active.length === 0) return night;
  const chosen = chance.pick(active);
  const more = (row: Row): Row => ({ ...row, assists: Number(row['assists']) + 1 });
  const isHis = (row: Row): boolean =>
    row['game_id'] === chosen['game_id'] && row['team_abbr'] === chosen['team_abbr'];
  return {
    ...night,
    [team]: night[team].map((row) => (isHis(row) ? more(row) : row)),
    [player]: night[player].map((row) => (row === chosen ? more(row) : row)),
  };
}

interface Kind {
  readonly table: RawName;
  readonly columns: (row: Row) => Row;
  readonly live: (bad: Row) => readonly [table: string, isLive: (row: Row) => boolean];
}

const offense = 'team_offense_game_summary';
const players = 'player_game_summary';
const n = (row: Row, column: string): number => Number(row[column] ?? 0);
const isTeams = (bad: Row, row: Row): boolean => row['team_abbr'] === bad['team_abbr'];
const isPlayers = (bad: Row, row: Row): boolean => row['player_lookup'] === bad['player_lookup'];

/** Each breaks a rule of `phase3 rules`: by itself, or against the other table. */
const kinds = {
  'team points far more': {
    table: team,
    columns: (row) => ({ points: n(row, 'points') + 57 }),
    live: (bad) => [offense, (row) => isTeams(bad, row) && row['points_scored'] === bad['points']],
  },
  'team makes above attempts': {
    table: team,
    columns: (row) => ({ fg_made: n(row, 'fg_attempted') + 9 }),
    live: (bad) => [offense, (row) => isTeams(bad, row) && row['fg_makes'] === bad['fg_made']],
  },
  'team rebounds negative': {
    table: team,
    columns: () => ({ offensive_rebounds: -7 }),
    live: (bad) => [offense, (row) => isTeams(bad, row) && n(row, 'offensive_rebounds') < 0],
  },
  'player points far more': {
    table: player,
    columns: (row) => ({ points: n(row, 'points') + 61 }),
    live: (bad) => [players, (row) => isPlayers(bad, row) && row['points'] === bad['points']],
  },
  'player makes above attempts': {
    table: player,
    columns: (row) => ({ field_goals_made: n(row, 'field_goals_attempted') + 13 }),
    live: (bad) => [players, (row) => isPlayers(bad, row) && row['fg_makes'] === bad['field_goals_made']],
  },
  'player minutes of two games': {
    table: player,
    columns: () => ({ minutes: '99:59', minutes_decimal: 99.98 }),
    live: (bad) => [players, (row) => isPlayers(bad, row) && n(row, 'minutes_played') > 90],
  },
} satisfies Readonly<Record<string, Kind>>;

function drawCorruption(chance: Chance, night: Night): Corruption {
  const [what, { table, columns, live }] = chance.pick(Object.entries<Kind>(kinds));
  const chosen = chance.pick(night[table].filter((row) => table === team || n(row, 'minutes_decimal') > 10));
  const bad = { ...chosen, ...columns(chosen) };
  const [liveTable, isLive] = live(bad);
  return {
    ...{ what, gameId: String(chosen['game_id']), table: liveTable, isLive },
    delivery: { table, rows: night[table].map((row) => (row === chosen ? bad : row)), what },
  };
}
