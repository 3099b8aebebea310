/** Every table by name, and how a name that a person typed is resolved. */
import { playerGameSummary, teamDefenseGameSummary, teamOffenseGameSummary } from './analytics';
import type { RowOf, TableDefinition } from './define-table';
import {
  bypassAudit,
  dateFence,
  deadLetter,
  partitionManifest,
  quarantine,
  runHistory,
} from './orchestration';
import { nbacGamebookPlayerStats, nbacSchedule, nbacTeamBoxscore } from './raw';

export const rawTables = {
  nbac_schedule: nbacSchedule,
  nbac_team_boxscore: nbacTeamBoxscore,
  nbac_gamebook_player_stats: nbacGamebookPlayerStats,
} as const;

export const analyticsTables = {
  team_offense_game_summary: teamOffenseGameSummary,
  team_defense_game_summary: teamDefenseGameSummary,
  player_game_summary: playerGameSummary,
} as const;

export const orchestrationTables = {
  partition_manifest: partitionManifest,
  quarantine,
  run_history: runHistory,
  date_fence: dateFence,
  bypass_audit: bypassAudit,
  dead_letter: deadLetter,
} as const;

export const tables = { ...rawTables, ...analyticsTables, ...orchestrationTables } as const;

export type RawTableName = keyof typeof rawTables;
export type AnalyticsTableName = keyof typeof analyticsTables;
export type OrchestrationTableName = keyof typeof orchestrationTables;
export type TableName = keyof typeof tables;
export type TableRow<T extends TableName> = RowOf<(typeof tables)[T]>;

export function isTableName(name: string): name is TableName {
  return Object.hasOwn(tables, name);
}

export function isRawTableName(name: string): name is RawTableName {
  return Object.hasOwn(rawTables, name);
}

export function isAnalyticsTableName(name: string): name is AnalyticsTableName {
  return Object.hasOwn(analyticsTables, name);
}

/** Tables that a gate judges. */
export function isInputTableName(name: string): name is RawTableName | AnalyticsTableName {
  return isRawTableName(name) || isAnalyticsTableName(name);
}

/** The bare name of a table that may have been written with its dataset (`nba_raw.nbac_schedule`). */
export function bareTableName(name: string): string {
  const dot = name.lastIndexOf('.');
  if (dot < 0) return name;
  const bare = name.slice(dot + 1);
  // A dataset that does not hold the table is a different table: leave the name whole, so that it is refused.
  return isTableName(bare) && tables[bare].dataset === name.slice(0, dot) ? bare : name;
}

/** `dataset.name`. */
export function qualifiedName(table: TableDefinition): string {
  return `${table.dataset}.${table.name}`;
}
