/** Decodes the lines that `phase3 export` writes, as far as the comparison needs them. */
import type { TableName } from '../../src/tables/catalogue';
import type { DefenseRow, Figure, OffenseRow, PlayerRow } from './compare-season';

/** A line of `player_game_summary`. */
export function playerRow(line: string): PlayerRow {
  const row = new ExportedLine('player_game_summary', line);
  return {
    gameDate: row.text('game_date'),
    playerLookup: row.text('player_lookup'),
    teamAbbr: row.text('team_abbr'),
    isActive: row.flag('is_active'),
    usageRate: row.figure('usage_rate'),
    usageRateRaw: row.figure('usage_rate_raw'),
    tsPct: row.figure('ts_pct'),
    efgPct: row.figure('efg_pct'),
  };
}

/** A line of `team_offense_game_summary`. */
export function offenseRow(line: string): OffenseRow {
  const row = new ExportedLine('team_offense_game_summary', line);
  return {
    gameDate: row.text('game_date'),
    teamAbbr: row.text('team_abbr'),
    opponentAbbr: row.text('opponent_team_abbr'),
    pace: row.figure('pace'),
    offensiveRating: row.figure('offensive_rating'),
    tsPct: row.figure('ts_pct'),
    efgPct: row.figure('efg_pct'),
  };
}

/** A line of `team_defense_game_summary`. */
export function defenseRow(line: string): DefenseRow {
  const row = new ExportedLine('team_defense_game_summary', line);
  return {
    gameDate: row.text('game_date'),
    teamAbbr: row.text('defending_team_abbr'),
    opponentAbbr: row.text('opponent_team_abbr'),
    defensiveRating: row.figure('defensive_rating'),
  };
}

/** A field that is not there, or of another type than is promised, is an error: null must be written as null. */
class ExportedLine {
  private readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    private readonly table: TableName,
    private readonly line: string,
  ) {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== 'object' || parsed === null) throw this.fault('is no row');
    this.fields = parsed as Readonly<Record<string, unknown>>;
  }

  text(column: string): string {
    const value = this.fields[column];
    if (typeof value === 'string') return value;
    throw this.fault(`has no text in ${column}`);
  }

  flag(column: string): boolean {
    const value = this.fields[column];
    if (typeof value === 'boolean') return value;
    throw this.fault(`has no flag in ${column}`);
  }

  figure(column: string): Figure {
    const value = this.fields[column];
    if (value === null || typeof value === 'number') return value;
    throw this.fault(`has neither a number nor null in ${column}`);
  }

  private fault(what: string): Error {
    return new Error(`The export of ${this.table} ${what}: ${this.line.slice(0, 200)}`);
  }
}
