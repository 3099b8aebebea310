/** What was unusual about a date, as far as its rows tell: nights on which a changed formula shows first. Pure. */
import { nbacGamebookPlayerStats } from '../sources/nbac-gamebook-player-stats';
import { isActivePlayer } from '../sources/nbac-gamebook-player-stats/whole-game';
import { nbacTeamBoxscore } from '../sources/nbac-team-boxscore';
import { rowsOfTable, type RowsByTable } from './evidence';
import { overtimesOf } from './rules/length';

/** The tables that {@link unusualOn} reads. */
export const tellingTables: readonly string[] = [
  nbacTeamBoxscore.table.name,
  nbacGamebookPlayerStats.table.name,
];

export const unusualKinds = ['overtime', 'trade', 'late box score'] as const;
export type UnusualKind = (typeof unusualKinds)[number];

/** The rows of one date. */
export interface DateRows {
  readonly gameDate: string;
  readonly rows: RowsByTable;
}

/** A kind with a clause that says what was found. */
export type Unusual = ReadonlyMap<UnusualKind, string>;

/** Box scores of one night come within hours: what comes later was late, or came again. */
const lateMs = 6 * 60 * 60 * 1000;

/** What was unusual about each of some dates that follow one another, by date. */
export function unusualOn(dates: readonly DateRows[]): Map<string, Unusual> {
  const teamOf = new Map<string, string>();
  const found = new Map<string, Unusual>();
  for (const date of [...dates].sort((a, b) => (a.gameDate < b.gameDate ? -1 : 1))) {
    const clauses: readonly (readonly [UnusualKind, string | null])[] = [
      ['overtime', overtimeOn(date)],
      ['trade', tradeOn(date, teamOf)],
      ['late box score', lateOn(date)],
    ];
    found.set(
      date.gameDate,
      new Map(clauses.flatMap(([kind, said]) => (said === null ? [] : [[kind, said]]))),
    );
  }
  return found;
}

function overtimeOn({ rows }: DateRows): string | null {
  const long = rowsOfTable(rows, nbacTeamBoxscore.table).find((row) => (overtimesOf(row) ?? 0) > 0);
  return long ? `overtime: ${long.team_abbr} played ${long.minutes ?? ''} minutes` : null;
}

/** A player who plays for another team than the last time. `teamOf`: for whom each has played until now. */
function tradeOn({ rows }: DateRows, teamOf: Map<string, string>): string | null {
  let said: string | null = null;
  for (const row of rowsOfTable(rows, nbacGamebookPlayerStats.table).filter(isActivePlayer)) {
    const before = teamOf.get(row.player_lookup);
    if (before !== undefined && before !== row.team_abbr)
      said ??= `a trade: ${row.player_name ?? row.player_lookup} plays for ${row.team_abbr}, before for ${before}`;
    teamOf.set(row.player_lookup, row.team_abbr);
  }
  return said;
}

function lateOn({ rows }: DateRows): string | null {
  const came = rowsOfTable(rows, nbacTeamBoxscore.table)
    .flatMap(({ processed_at, team_abbr }) =>
      processed_at === null ? [] : [{ team: team_abbr, atMs: Date.parse(processed_at) }],
    )
    .sort((a, b) => a.atMs - b.atMs);
  const [first, last] = [came[0], came.at(-1)];
  if (!first || !last || last.atMs - first.atMs < lateMs) return null;
  const hours = Math.round((last.atMs - first.atMs) / 3_600_000);
  return `a late box score: the row of ${last.team} came ${hours} hours after the first`;
}
