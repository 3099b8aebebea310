/** A night in which nothing is wrong, for tests to break one thing at a time; and builders of verdicts and results. */
import { buildRows } from '../../src/activities/build-rows';
import {
  uncheckedVerdict,
  type GateVerdict,
  type GameVerdict,
  type InputTableName,
  type Policy,
  type ProcessorName,
  type ProcessorResult,
} from '../../src/contracts/phase3';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import { readyGames, selectInputs, upstreamVersions } from '../../src/gate/select-inputs';
import { currentManifest, type DateSnapshot } from '../../src/gate/snapshot';
import { processors } from '../../src/plan/processors';
import { contentHash, fingerprint } from '../../src/publishing/fingerprint';
import type { ManifestRow } from '../../src/tables/orchestration';
import type { GamebookPlayerRow, ScheduleRow, TeamBoxscoreRow } from '../../src/tables/raw';

export const offense = 'TeamOffenseGameSummaryProcessor';
export const defense = 'TeamDefenseGameSummaryProcessor';
export const player = 'PlayerGameSummaryProcessor';

/** The date of {@link goodNight}. */
export const gameDate = '2025-01-15';
export const processedAt = '2025-01-16T08:00:00.000Z';

const teamCodes = (
  'ATL BOS BKN CHA CHI CLE DAL DEN DET GSW HOU IND LAC LAL MEM MIA ' +
  'MIL MIN NOP NYK OKC ORL PHI PHX POR SAC SAS TOR UTA WAS'
).split(' ');

/** Away team of the n-th game of a good night, counted from 0. */
export function awayOf(game: number): string {
  return teamCodes[2 * game]!;
}

/** Home team of the n-th game. */
export function homeOf(game: number): string {
  return teamCodes[2 * game + 1]!;
}

/** `YYYYMMDD_AWAY_HOME` of the n-th game. */
export function gameIdOf(game: number): string {
  return `20250115_${awayOf(game)}_${homeOf(game)}`;
}

/** The league's ten digits for the n-th game. */
export function nbaGameIdOf(game: number): string {
  return `00224${String(500 + game).padStart(5, '0')}`;
}

/** Whether a row is of the n-th game. */
export function ofGame(game: number): (row: { readonly game_id: string }) => boolean {
  return (row) => row.game_id === gameIdOf(game) || row.game_id === nbaGameIdOf(game);
}

/** Whether a row is of that team. */
export function ofTeam(team: string): (row: { readonly team_abbr: string }) => boolean {
  return (row) => row.team_abbr === team;
}

/**
 * A night of `games` final games, none of which has anything wrong: eight players a side with 30 minutes each, whose
 * lines add up to their team's row and to the score. Home teams win 98 to 96. Nothing is published.
 */
export function goodNight(games = 5): DateSnapshot {
  const numbers = Array.from({ length: games }, (_, game) => game);
  return {
    gameDate,
    scheduleKnown: true,
    nbac_schedule: numbers.map(scheduleRow),
    nbac_team_boxscore: numbers.flatMap((game) => [teamRow(game, false), teamRow(game, true)]),
    nbac_gamebook_player_stats: numbers.flatMap((game) => [
      ...gamebookRows(game, false),
      ...gamebookRows(game, true),
    ]),
    team_offense_game_summary: [],
    team_defense_game_summary: [],
    player_game_summary: [],
    partition_manifest: [],
  };
}

function scheduleRow(game: number): ScheduleRow {
  return {
    game_id: nbaGameIdOf(game),
    game_code: `20250115/${awayOf(game)}${homeOf(game)}`,
    season: '2024-25',
    season_nba_format: '2024-25',
    season_year: 2024,
    game_date: gameDate,
    game_status: 3,
    game_status_text: 'Final',
    home_team_id: 100 + game,
    home_team_tricode: homeOf(game),
    home_team_name: null,
    away_team_id: 200 + game,
    away_team_tricode: awayOf(game),
    away_team_name: null,
    is_regular_season: true,
    is_playoffs: false,
    neutral_site_flag: false,
    home_team_score: 98,
    away_team_score: 96,
    winning_team_tricode: homeOf(game),
    processed_at: processedAt,
  };
}

/** What the eight lines of {@link activeRow} add up to. */
function teamRow(game: number, isHome: boolean): TeamBoxscoreRow {
  return {
    game_id: gameIdOf(game),
    nba_game_id: nbaGameIdOf(game),
    game_date: gameDate,
    season_year: 2024,
    team_id: (isHome ? 100 : 200) + game,
    team_abbr: isHome ? homeOf(game) : awayOf(game),
    team_name: null,
    team_city: null,
    is_home: isHome,
    minutes: '240:00',
    fg_made: 36,
    fg_attempted: 84,
    fg_percentage: 0.429,
    three_pt_made: 8,
    three_pt_attempted: 32,
    three_pt_percentage: 0.25,
    ft_made: isHome ? 18 : 16,
    ft_attempted: isHome ? 18 : 16,
    ft_percentage: 1,
    offensive_rebounds: 8,
    defensive_rebounds: 32,
    total_rebounds: 40,
    assists: 24,
    steals: 8,
    blocks: 8,
    turnovers: 11,
    personal_fouls: 16,
    points: isHome ? 98 : 96,
    plus_minus: isHome ? 2 : -2,
    data_source: null,
    data_hash: null,
    processed_at: processedAt,
  };
}

function gamebookRows(game: number, isHome: boolean): GamebookPlayerRow[] {
  return [
    ...Array.from({ length: 8 }, (_, index) => activeRow(game, isHome, index)),
    idleRow(game, isHome, 'dnp', "DNP - Coach's Decision"),
    idleRow(game, isHome, 'inactive', 'Injury/Illness - Left Knee; Sprain'),
  ];
}

function activeRow(game: number, isHome: boolean, index: number): GamebookPlayerRow {
  const made = 3 + Math.floor(index / 2);
  const freeThrows = isHome && index === 0 ? 4 : 2;
  return {
    ...gamebookFrame(game, isHome, `player${index}`),
    player_status: 'active',
    dnp_reason: null,
    minutes: '30:00',
    minutes_decimal: 30,
    points: 2 * made + 1 + freeThrows,
    field_goals_made: made,
    field_goals_attempted: 7 + index,
    three_pointers_made: 1,
    three_pointers_attempted: 4,
    free_throws_made: freeThrows,
    free_throws_attempted: freeThrows,
    offensive_rebounds: 1,
    defensive_rebounds: 4,
    total_rebounds: 5,
    assists: 3,
    steals: 1,
    blocks: 1,
    turnovers: index % 3 === 0 ? 2 : 1,
    personal_fouls: 2,
    plus_minus: isHome ? 2 : -2,
  };
}

function idleRow(
  game: number,
  isHome: boolean,
  status: 'dnp' | 'inactive',
  reason: string,
): GamebookPlayerRow {
  return {
    ...gamebookFrame(game, isHome, status),
    player_status: status,
    dnp_reason: reason,
    minutes: null,
    minutes_decimal: null,
    points: null,
    field_goals_made: null,
    field_goals_attempted: null,
    three_pointers_made: null,
    three_pointers_attempted: null,
    free_throws_made: null,
    free_throws_attempted: null,
    offensive_rebounds: null,
    defensive_rebounds: null,
    total_rebounds: null,
    assists: null,
    steals: null,
    blocks: null,
    turnovers: null,
    personal_fouls: null,
    plus_minus: null,
  };
}

function gamebookFrame(game: number, isHome: boolean, name: string) {
  const team = isHome ? homeOf(game) : awayOf(game);
  return {
    game_id: gameIdOf(game),
    game_code: `20250115/${awayOf(game)}${homeOf(game)}`,
    game_date: gameDate,
    season_year: 2024,
    home_team_abbr: homeOf(game),
    away_team_abbr: awayOf(game),
    player_name: `${team} ${name}`,
    player_name_original: `${team} ${name}`,
    player_lookup: `${team.toLowerCase()}${name}`,
    team_abbr: team,
    data_hash: null,
    processed_at: processedAt,
  };
}

type RowIn<T extends InputTableName> = DateSnapshot[T][number];

/** The snapshot with `changes` made to every row of `table` that `where` picks. Fails if it picks none. */
export function change<T extends InputTableName>(
  snapshot: DateSnapshot,
  table: T,
  where: (row: RowIn<T>) => boolean,
  changes: Partial<RowIn<T>>,
): DateSnapshot {
  const rows: readonly RowIn<T>[] = snapshot[table];
  if (!rows.some(where)) throw new Error(`no row of ${table} is as the test wants it`);
  return { ...snapshot, [table]: rows.map((row) => (where(row) ? { ...row, ...changes } : row)) };
}

/** The snapshot without the rows of `table` that `where` picks. Fails if it picks none. */
export function drop<T extends InputTableName>(
  snapshot: DateSnapshot,
  table: T,
  where: (row: RowIn<T>) => boolean = () => true,
): DateSnapshot {
  const rows: readonly RowIn<T>[] = snapshot[table];
  if (!rows.some(where)) throw new Error(`no row of ${table} is as the test wants it`);
  return { ...snapshot, [table]: rows.filter((row) => !where(row)) };
}

/** The snapshot with more rows in `table`. */
export function add<T extends InputTableName>(
  snapshot: DateSnapshot,
  table: T,
  ...rows: readonly RowIn<T>[]
): DateSnapshot {
  const before: readonly RowIn<T>[] = snapshot[table];
  return { ...snapshot, [table]: [...before, ...rows] };
}

/** The snapshot with every table's rows in the opposite order. */
export function reversed(snapshot: DateSnapshot): DateSnapshot {
  return {
    ...snapshot,
    nbac_schedule: [...snapshot.nbac_schedule].reverse(),
    nbac_team_boxscore: [...snapshot.nbac_team_boxscore].reverse(),
    nbac_gamebook_player_stats: [...snapshot.nbac_gamebook_player_stats].reverse(),
    team_offense_game_summary: [...snapshot.team_offense_game_summary].reverse(),
    team_defense_game_summary: [...snapshot.team_defense_game_summary].reverse(),
    player_game_summary: [...snapshot.player_game_summary].reverse(),
    partition_manifest: [...snapshot.partition_manifest].reverse(),
  };
}

/** The snapshot after the processors were published from what it holds, one after another. */
export function published(snapshot: DateSnapshot, ...names: readonly ProcessorName[]): DateSnapshot {
  return names.reduce(publish, snapshot);
}

function publish(snapshot: DateSnapshot, name: ProcessorName): DateSnapshot {
  const { table, version: processorVersion } = processors[name];
  const { rows } = buildRows(name, readyGames(name, snapshot), { processedAt, bypassId: null });
  const manifest: ManifestRow = {
    game_date: snapshot.gameDate,
    table_name: table,
    version: (currentManifest(snapshot, table)?.version ?? 0) + 1,
    processor: name,
    processor_version: processorVersion,
    fingerprint: fingerprint(name, processorVersion, selectInputs(name, snapshot)),
    content_hash: contentHash(table, rows),
    row_count: rows.length,
    upstream_versions: JSON.stringify(upstreamVersions(name, snapshot)),
    missing_games: '[]',
    checks: '[]',
    reason: 'a test',
    bypass: null,
    audit_head: null,
    stage_id: 'stage',
    run_id: 'run',
    pass: 1,
    published_at: processedAt,
  };
  return { ...snapshot, [table]: rows, partition_manifest: [...snapshot.partition_manifest, manifest] };
}

/** The shipped policy `days` days after {@link gameDate}, at noon in New York. */
export function policyAfter(days: number): Policy {
  const noon = new Date(Date.parse(`${gameDate}T17:00:00Z`) + days * 86_400_000);
  return policyNow(defaultPolicySettings, {}, () => noon);
}

/** A verdict that holds `processor` up on a game without team rows; `changes` say otherwise. */
export function heldVerdict(processor: ProcessorName, changes: Partial<GateVerdict> = {}): GateVerdict {
  return {
    ...uncheckedVerdict(processor, ''),
    checkFailed: null,
    missing: ['nbac_team_boxscore'],
    details: { nbac_team_boxscore: { found: 8, expectedMin: 10, status: 'insufficient_data' } },
    missingGames: [missingGame(0)],
    readyGames: 3,
    finalGames: 5,
    ...changes,
  };
}

/** The n-th game without team rows. */
export function missingGame(game: number, changes: Partial<GameVerdict> = {}): GameVerdict {
  return {
    gameId: gameIdOf(game),
    status: 'missing',
    table: 'nbac_team_boxscore',
    detail: 'no team row',
    ...changes,
  };
}

/** A processor's result as published in version 1; `changes` say otherwise. */
export function resultOf(
  processor: ProcessorName,
  changes: Partial<Omit<ProcessorResult, 'processor'>> = {},
): ProcessorResult {
  return {
    processor,
    outcome: 'published',
    reason: 'it was never published for this date',
    version: 1,
    rowCount: 10,
    missing: [],
    missingGames: [],
    warnings: [],
    policyBypass: null,
    ...changes,
  };
}
