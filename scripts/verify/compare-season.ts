/** Compares a season of our rows with the figures that were published for it. Pure. */
import type { TableName } from '../../src/tables/catalogue';

/** A figure as published or as stored: null where it is undefined. */
export type Figure = number | null;
/** The columns of a row that are compared, by name. */
export type ComparedRow = Readonly<Record<string, string | boolean | Figure>>;

/** One of our tables beside the file that has its figures. */
export interface ComparedTable {
  readonly table: TableName;
  readonly file: 'player_advanced' | 'team_advanced';
  /** Our columns of text, and the file's. The first two are the key, the third must agree. */
  readonly texts: readonly (readonly [ours: string, printed: string])[];
  /** The column that is true for rows that the file lists; without one it lists all. */
  readonly listed?: string;
}

/** A figure that both sides have. */
export interface ComparedFigure {
  readonly name: string;
  readonly table: TableName;
  readonly column: string;
  readonly printed: string;
  /** Half of the last published digit. */
  readonly tolerance: number;
  /** The column of the figure without its cap of 100. */
  readonly uncapped?: string;
}

const players = { table: 'player_game_summary', file: 'player_advanced' } as const;
const offense = { table: 'team_offense_game_summary', file: 'team_advanced' } as const;
const defense = { table: 'team_defense_game_summary', file: 'team_advanced' } as const;
const date = ['game_date', 'game_date'] as const;
const team = ['team_abbr', 'team_abbr'] as const;
const opponent = ['opponent_team_abbr', 'opponent_team_abbr'] as const;

export const comparedTables: readonly ComparedTable[] = [
  { ...players, texts: [date, ['player_lookup', 'player_lookup'], team], listed: 'is_active' },
  { ...offense, texts: [date, team, opponent] },
  { ...defense, texts: [date, ['defending_team_abbr', 'team_abbr'], opponent] },
];

const percent = 0.05;
const fraction = 0.0005;
/** What the difference of two doubles may add to a tolerance. */
const floatNoise = 1e-9;
const mostPercent = 100;

export const comparedFigures: readonly ComparedFigure[] = [
  {
    ...figure('usage_rate', players, 'usage_rate', 'usg_pct', percent),
    uncapped: 'usage_rate_raw',
  },
  figure('player ts_pct', players, 'ts_pct', 'ts_pct', fraction),
  figure('player efg_pct', players, 'efg_pct', 'efg_pct', fraction),
  figure('pace', offense, 'pace', 'pace', percent),
  figure('offensive_rating', offense, 'offensive_rating', 'off_rtg', percent),
  figure('defensive_rating', defense, 'defensive_rating', 'def_rtg', percent),
  figure('team ts_pct', offense, 'ts_pct', 'ts_pct', fraction),
  figure('team efg_pct', offense, 'efg_pct', 'efg_pct', fraction),
];

function figure(
  name: string,
  { table }: Pick<ComparedTable, 'table'>,
  column: string,
  printed: string,
  tolerance: number,
): ComparedFigure {
  return { name, table, column, printed, tolerance };
}

/** Published rows by file. */
export type PrintedSeason = Readonly<Record<ComparedTable['file'], readonly ComparedRow[]>>;
/** Our rows by table. */
export type OurSeason = ReadonlyMap<TableName, readonly ComparedRow[]>;

/** Keys are written as sentences name them: `2024-10-22 mikalbridges`. */
export interface RowReport {
  readonly table: TableName;
  /** Rows that are in the file and in the table. */
  readonly compared: number;
  /** Published, but not in the table. */
  readonly missing: readonly string[];
  /** In the table, but not published. */
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
  /** Rows that are off: further away than the rounding, or blank on one side only. */
  readonly off: number;
  readonly largestError: number;
  /** The row of the largest error; null when nothing was compared. */
  readonly at: string | null;
}

export interface Comparison {
  readonly rows: readonly RowReport[];
  readonly figures: readonly FigureReport[];
  /** A sentence for every figure or team that is wrong. */
  readonly offenders: readonly string[];
  readonly isRight: boolean;
}

/** Compares row by row, by the keys of our tables. */
export function compareSeason(printed: PrintedSeason, ours: OurSeason): Comparison {
  const offenders: string[] = [];
  const pairsOf = new Map<TableName, readonly Pair[]>();
  const rows = comparedTables.map((compared) => {
    const { pairs, report } = pairRows(compared, printed[compared.file], ours.get(compared.table) ?? []);
    pairsOf.set(compared.table, pairs);
    for (const [own, other] of compared.texts.slice(2))
      for (const { key, print, row } of pairs)
        if (print[other] !== row[own])
          offenders.push(`${key}: ${own} is ${String(row[own])}, printed ${String(print[other])}`);
    return report;
  });
  const figures = comparedFigures.map((figure) =>
    compareFigure(figure, pairsOf.get(figure.table) ?? [], offenders),
  );
  const isComplete = rows.every(
    ({ compared, missing, extra, duplicates }) =>
      compared > 0 && missing.length + extra.length + duplicates.length === 0,
  );
  return { rows, figures, offenders, isRight: offenders.length === 0 && isComplete };
}

interface Pair {
  readonly key: string;
  readonly print: ComparedRow;
  readonly row: ComparedRow;
}

/** Pairs published rows with ours. */
function pairRows(
  { table, texts, listed }: ComparedTable,
  printed: readonly ComparedRow[],
  ours: readonly ComparedRow[],
): { pairs: Pair[]; report: RowReport } {
  const keyOf = (row: ComparedRow, side: 0 | 1): string =>
    texts
      .slice(0, 2)
      .map((names) => String(row[names[side]]))
      .join(' ');
  const listedRows = new Map(
    ours.filter((row) => !listed || row[listed] === true).map((row) => [keyOf(row, 0), row]),
  );
  const prints = printed.map((print) => ({ key: keyOf(print, 1), print }));
  const printedKeys = new Set(prints.map(({ key }) => key));
  const pairs = prints.flatMap(({ key, print }) => {
    const row = listedRows.get(key);
    return row ? [{ key, print, row }] : [];
  });
  const report = {
    table,
    compared: pairs.length,
    missing: [...printedKeys].filter((key) => !listedRows.has(key)),
    extra: [...listedRows.keys()].filter((key) => !printedKeys.has(key)),
    // Of all rows, those that the file does not list too: a key is a key.
    duplicates: repeated(ours.map((row) => keyOf(row, 0))),
  };
  return { pairs, report };
}

function repeated(keys: readonly string[]): string[] {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const key of keys) (seen.has(key) ? again : seen).add(key);
  return [...again];
}

function compareFigure(figure: ComparedFigure, pairs: readonly Pair[], offenders: string[]): FigureReport {
  const report = {
    figure: figure.name,
    compared: 0,
    blank: 0,
    off: 0,
    largestError: 0,
    at: null as string | null,
  };
  const refuse = (sentence: string): void => {
    report.off += 1;
    offenders.push(sentence);
  };
  for (const { key, print, row } of pairs) {
    const printed = print[figure.printed] as Figure;
    const stored = row[figure.column] as Figure;
    // Where the published figure is not capped, the one to hold against it is the one that we do not cap either.
    const isUncapped = figure.uncapped !== undefined && printed !== null && printed > mostPercent;
    const own = isUncapped ? (row[figure.uncapped] as Figure) : stored;
    if (printed === null && own === null) report.blank += 1;
    else if (printed === null || own === null)
      refuse(`${key}: ${figure.name} is ${own ?? 'blank'}, printed ${printed ?? 'blank'}`);
    else {
      report.compared += 1;
      const error = Math.abs(own - printed);
      if (report.at === null || error > report.largestError) {
        report.largestError = error;
        report.at = key;
      }
      // Asked this way round, so that what is no number is off too.
      if (!(error <= figure.tolerance + floatNoise))
        refuse(`${key}: ${figure.name} is ${own}, printed ${printed}, off by ${error.toPrecision(3)}`);
    }
    if (figure.uncapped !== undefined && stored !== null && stored > mostPercent)
      refuse(`${key}: ${figure.name} is ${stored}, above its cap of ${mostPercent}`);
  }
  return report;
}
