/** A night in which nothing is wrong, for tests to break one thing at a time; and builders of verdicts and results. */
import {
  uncheckedVerdict,
  type GateVerdict,
  type GameVerdict,
  type Policy,
  type ProcessorName,
  type ProcessorResult,
} from '../../src/contracts/phase3';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import { inputsByGame } from '../../src/gate/inputs-by-game';
import { selectInputs, selectNight, upstreamVersions } from '../../src/gate/select-inputs';
import { currentManifest, type DateSnapshot } from '../../src/gate/snapshot';
import { processorOf } from '../../src/plan/registry';
import type { PlayerSummaryRow } from '../../src/processors/player-game-summary/table';
import type { TeamDefenseRow } from '../../src/processors/team-defense-game-summary/table';
import type { TeamOffenseRow } from '../../src/processors/team-offense-game-summary/table';
import { buildRows } from '../../src/publishing/build-rows';
import { codeOf } from '../../src/contracts/code-identity';
import { contentHash, fingerprint } from '../../src/publishing/fingerprint';
import { manifestOf } from '../../src/publishing/manifest';
import type { ManifestRow } from '../../src/tables/orchestration';
import type { GamebookPlayerRow } from '../../src/sources/nbac-gamebook-player-stats/table';
import type { ScheduleRow } from '../../src/sources/nbac-schedule/table';
import type { TeamBoxscoreRow } from '../../src/sources/nbac-team-boxscore/table';

export const offense = 'TeamOffenseGameSummaryProcessor';
export const defense = 'TeamDefenseGameSummaryProcessor';
export const player = 'PlayerGameSummaryProcessor';

/** The rows of a night, each with its type. */
interface NightRows {
  readonly nbac_schedule: readonly ScheduleRow[];
  readonly nbac_team_boxscore: readonly TeamBoxscoreRow[];
  readonly nbac_gamebook_player_stats: readonly GamebookPlayerRow[];
  readonly team_offense_game_summary: readonly TeamOffenseRow[];
  readonly team_defense_game_summary: readonly TeamDefenseRow[];
  readonly player_game_summary: readonly PlayerSummaryRow[];
}

/** A snapshot of the tables that tests know. */
export type Night = Omit<DateSnapshot, 'rows'> & { readonly rows: NightRows & DateSnapshot['rows'] };

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
export function goodNight(games = 5): Night {
  const numbers = Array.from({ length: games }, (_, game) => game);
  return {
    gameDate,
    isCalendarKnown: true,
    rows: {
      nbac_schedule: numbers.map(scheduleRow),
      nbac_team_boxscore: numbers.flatMap((game) => [teamRow(game, false), teamRow(game, true)]),
      nbac_gamebook_player_stats: numbers.flatMap((game) => [
        ...gamebookRows(game, false),
        ...gamebookRows(game, true),
      ]),
      team_offense_game_summary: [],
      team_defense_game_summary: [],
      player_game_summary: [],
    },
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
    // Five times the margin of 2, over all.
    plus_minus: (isHome ? 1 : -1) * (index < 2 ? 2 : 1),
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

type TableInNight = keyof NightRows;
type RowIn<T extends TableInNight> = NightRows[T][number];

/** The night with other rows in one of its tables. */
export function withRows<T extends TableInNight>(night: Night, table: T, rows: NightRows[T]): Night {
  return { ...night, rows: { ...night.rows, [table]: rows } };
}

/** The night with `changes` made to every row of `table` that `where` picks. Fails if it picks none. */
export function change<T extends TableInNight>(
  night: Night,
  table: T,
  where: (row: RowIn<T>) => boolean,
  changes: Partial<RowIn<T>>,
): Night {
  const rows = night.rows[table] as readonly RowIn<T>[];
  if (!rows.some(where)) throw new Error(`no row of ${table} is as the test wants it`);
  const changed = rows.map((row) => (where(row) ? { ...row, ...changes } : row));
  return withRows(night, table, changed as unknown as NightRows[T]);
}

/** The night without the rows of `table` that `where` picks. Fails if it picks none. */
export function drop<T extends TableInNight>(
  night: Night,
  table: T,
  where: (row: RowIn<T>) => boolean = () => true,
): Night {
  const rows = night.rows[table] as readonly RowIn<T>[];
  if (!rows.some(where)) throw new Error(`no row of ${table} is as the test wants it`);
  return withRows(night, table, rows.filter((row) => !where(row)) as unknown as NightRows[T]);
}

/** The night with more rows in `table`. */
export function add<T extends TableInNight>(night: Night, table: T, ...rows: readonly RowIn<T>[]): Night {
  return withRows(night, table, [...night.rows[table], ...rows] as unknown as NightRows[T]);
}

/** The night with every table's rows in the opposite order. */
export function reversed(night: Night): Night {
  const rows = Object.entries(night.rows).map(([table, own]) => [table, [...own].reverse()]);
  return {
    ...night,
    rows: Object.fromEntries(rows) as Night['rows'],
    partition_manifest: [...night.partition_manifest].reverse(),
  };
}

/** The night after the processors were published from what it holds, one after another. */
export function published(night: Night, ...names: readonly ProcessorName[]): Night {
  return names.reduce(publish, night);
}

function publish(night: Night, name: ProcessorName): Night {
  const processor = processorOf(name);
  const { table, version } = processor;
  const { rows } = buildRows(processor, selectNight(processor, night), { processedAt, bypassId: null });
  const manifest: ManifestRow = manifestOf({
    ...{ gameDate: night.gameDate, processor, code: codeOf(processor) },
    version: (currentManifest(night, table)?.version ?? 0) + 1,
    fingerprint: fingerprint(name, version, selectInputs(processor, night)),
    inputs: inputsByGame(processor, selectNight(processor, night)),
    contentHash: contentHash(table, rows),
    rowCount: rows.length,
    upstreamVersions: upstreamVersions(processor, night),
    ...{ missingGames: [], checks: [], reason: 'a test', mark: null, auditHead: null },
    ...{ stageId: 'stage', runId: 'run', pass: 1, publishedAt: processedAt },
  });
  return {
    ...night,
    rows: { ...night.rows, [table.name]: rows },
    partition_manifest: [...night.partition_manifest, manifest],
  };
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
