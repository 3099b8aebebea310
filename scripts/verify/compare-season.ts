/** Compares a season of our rows with the figures that were printed for it. Pure. */

/** A figure as printed or as stored: null where it is undefined. */
export type Figure = number | null;

export interface PrintedPlayer {
  readonly gameDate: string;
  readonly playerLookup: string;
  readonly teamAbbr: string;
  /** Percent. */
  readonly usageRate: Figure;
  /** Fractions. */
  readonly tsPct: Figure;
  readonly efgPct: Figure;
}

/** A row of `player_game_summary`; `isActive` tells those that the print lists. */
export interface PlayerRow extends PrintedPlayer {
  readonly isActive: boolean;
  /** Percent, not capped. */
  readonly usageRateRaw: Figure;
}

/** A row of `team_offense_game_summary`. */
export interface OffenseRow {
  readonly gameDate: string;
  readonly teamAbbr: string;
  readonly opponentAbbr: string;
  readonly pace: Figure;
  readonly offensiveRating: Figure;
  readonly tsPct: Figure;
  readonly efgPct: Figure;
}

/** A row of `team_defense_game_summary`; the team is the one that defends. */
export interface DefenseRow {
  readonly gameDate: string;
  readonly teamAbbr: string;
  readonly opponentAbbr: string;
  readonly defensiveRating: Figure;
}

/** The print has one row for what we keep in two tables. */
export interface PrintedTeam extends OffenseRow, DefenseRow {}

export interface PrintedSeason {
  readonly players: readonly PrintedPlayer[];
  readonly teams: readonly PrintedTeam[];
}

export interface OurSeason {
  readonly players: readonly PlayerRow[];
  readonly offense: readonly OffenseRow[];
  readonly defense: readonly DefenseRow[];
}

/** Keys are written as sentences name them: `2024-10-22 mikalbridges`. */
export interface RowReport {
  readonly table: string;
  /** Rows that are in the print and in the table. */
  readonly compared: number;
  /** Printed, but not in the table. */
  readonly missing: readonly string[];
  /** In the table, but not printed. */
  readonly extra: readonly string[];
  /** Keys that the table has more than once. */
  readonly duplicates: readonly string[];
}

export interface FigureReport {
  readonly figure: string;
  /** Rows with a number on both sides. */
  readonly compared: number;
  /** Rows that are blank on both sides. */
  readonly blank: number;
  /** Rows that are off: further away than the print rounds, or blank on one side only. */
  readonly off: number;
  readonly largestError: number;
  /** The row of the largest error; null when nothing was compared. */
  readonly at: string | null;
}

export interface Comparison {
  readonly rows: readonly RowReport[];
  readonly figures: readonly FigureReport[];
  /** A sentence for every figure or team that is wrong, in the print's order. */
  readonly offenders: readonly string[];
  readonly isRight: boolean;
}

/** Half of the last printed digit: one decimal for percents and ratings, three for fractions. */
const tolerances = { percent: 0.05, fraction: 0.0005 } as const;
/** What the difference of two doubles may add to that. */
const floatNoise = 1e-9;
const mostPercent = 100;

/** Compares row by row, by the keys of our tables. */
export function compareSeason(printed: PrintedSeason, ours: OurSeason): Comparison {
  const offenders: string[] = [];
  const usage = new FigureTally('usage_rate', tolerances.percent, offenders);
  const playerTs = new FigureTally('player ts_pct', tolerances.fraction, offenders);
  const playerEfg = new FigureTally('player efg_pct', tolerances.fraction, offenders);
  const players = compareRows(
    'player_game_summary',
    { printed: printed.players, ours: ours.players, key: playerKey, isPrinted: (row) => row.isActive },
    (key, print, row) => {
      if (print.teamAbbr !== row.teamAbbr)
        offenders.push(`${key}: team_abbr is ${row.teamAbbr}, printed ${print.teamAbbr}`);
      // Where the print is not capped, the figure to hold against it is the one that we do not cap either.
      const isUncapped = print.usageRate !== null && print.usageRate > mostPercent;
      usage.add(key, print.usageRate, isUncapped ? row.usageRateRaw : row.usageRate);
      if (row.usageRate !== null && row.usageRate > mostPercent)
        usage.refuse(`${key}: usage_rate is ${row.usageRate}, above its cap of ${mostPercent}`);
      playerTs.add(key, print.tsPct, row.tsPct);
      playerEfg.add(key, print.efgPct, row.efgPct);
    },
  );

  const sameOpponent = (key: string, print: PrintedTeam, row: { readonly opponentAbbr: string }): void => {
    if (print.opponentAbbr !== row.opponentAbbr)
      offenders.push(`${key}: opponent_team_abbr is ${row.opponentAbbr}, printed ${print.opponentAbbr}`);
  };
  const pace = new FigureTally('pace', tolerances.percent, offenders);
  const offensiveRating = new FigureTally('offensive_rating', tolerances.percent, offenders);
  const teamTs = new FigureTally('team ts_pct', tolerances.fraction, offenders);
  const teamEfg = new FigureTally('team efg_pct', tolerances.fraction, offenders);
  const offense = compareRows(
    'team_offense_game_summary',
    { printed: printed.teams, ours: ours.offense, key: teamKey, isPrinted: () => true },
    (key, print, row) => {
      sameOpponent(key, print, row);
      pace.add(key, print.pace, row.pace);
      offensiveRating.add(key, print.offensiveRating, row.offensiveRating);
      teamTs.add(key, print.tsPct, row.tsPct);
      teamEfg.add(key, print.efgPct, row.efgPct);
    },
  );
  const defensiveRating = new FigureTally('defensive_rating', tolerances.percent, offenders);
  const defense = compareRows(
    'team_defense_game_summary',
    { printed: printed.teams, ours: ours.defense, key: teamKey, isPrinted: () => true },
    (key, print, row) => {
      sameOpponent(key, print, row);
      defensiveRating.add(key, print.defensiveRating, row.defensiveRating);
    },
  );

  const rows = [players, offense, defense];
  const figures = [usage, playerTs, playerEfg, pace, offensiveRating, defensiveRating, teamTs, teamEfg];
  return {
    rows,
    figures: figures.map((figure) => figure.report()),
    offenders,
    isRight:
      offenders.length === 0 &&
      rows.every(
        ({ compared, missing, extra, duplicates }) =>
          compared > 0 && missing.length + extra.length + duplicates.length === 0,
      ),
  };
}

function playerKey({ gameDate, playerLookup }: { gameDate: string; playerLookup: string }): string {
  return `${gameDate} ${playerLookup}`;
}

function teamKey({ gameDate, teamAbbr }: { gameDate: string; teamAbbr: string }): string {
  return `${gameDate} ${teamAbbr}`;
}

function repeated(keys: readonly string[]): string[] {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const key of keys) (seen.has(key) ? again : seen).add(key);
  return [...again];
}

/** Pairs printed rows with ours and has each pair compared. `isPrinted` says which of our rows the print should list. */
function compareRows<P, R>(
  table: string,
  sides: {
    readonly printed: readonly P[];
    readonly ours: readonly R[];
    readonly key: (row: P | R) => string;
    readonly isPrinted: (row: R) => boolean;
  },
  compare: (key: string, printed: P, ours: R) => void,
): RowReport {
  const { printed, ours, key, isPrinted } = sides;
  const byKey = new Map(ours.filter(isPrinted).map((row) => [key(row), row]));
  const missing: string[] = [];
  const seen = new Set<string>();
  let compared = 0;
  for (const print of printed) {
    const name = key(print);
    seen.add(name);
    const row = byKey.get(name);
    if (row) {
      compared += 1;
      compare(name, print, row);
    } else missing.push(name);
  }
  return {
    table,
    compared,
    missing,
    extra: [...byKey.keys()].filter((name) => !seen.has(name)),
    // Of all rows, those that the print does not list too: a key is a key.
    duplicates: repeated(ours.map(key)),
  };
}

/** Collects what the rows say of one figure. */
class FigureTally {
  private compared = 0;
  private blank = 0;
  private off = 0;
  private largestError = 0;
  private at: string | null = null;

  constructor(
    private readonly figure: string,
    private readonly tolerance: number,
    private readonly offenders: string[],
  ) {}

  add(key: string, printed: Figure, ours: Figure): void {
    if (printed === null && ours === null) {
      this.blank += 1;
      return;
    }
    if (printed === null || ours === null) {
      this.refuse(`${key}: ${this.figure} is ${ours ?? 'blank'}, printed ${printed ?? 'blank'}`);
      return;
    }
    this.compared += 1;
    const error = Math.abs(ours - printed);
    if (this.at === null || error > this.largestError) {
      this.largestError = error;
      this.at = key;
    }
    // Asked this way round, so that what is no number is off too.
    if (!(error <= this.tolerance + floatNoise))
      this.refuse(`${key}: ${this.figure} is ${ours}, printed ${printed}, off by ${error.toPrecision(3)}`);
  }

  refuse(sentence: string): void {
    this.off += 1;
    this.offenders.push(sentence);
  }

  report(): FigureReport {
    const { figure, compared, blank, off, largestError, at } = this;
    return { figure, compared, blank, off, largestError, at };
  }
}
