/**
 * What a rule of the game is: something that must be true of one game whatever its feeds say, held against the evidence of all
 * sources at once. Rules are data; `registry.ts` lists them, `judge-game.ts` runs them. Pure.
 */
import type { Figure } from '../../contracts/phase3';
import type { GamebookPlayerRow } from '../../sources/nbac-gamebook-player-stats/table';
import type { ScheduleRow } from '../../sources/nbac-schedule/table';
import type { TeamBoxscoreRow } from '../../sources/nbac-team-boxscore/table';
import type { Cell } from '../../tables/define-table';
import type { Game } from '../game';

/** The sources that a rule may need beside the schedule, which every game comes from. */
export type Needed = 'nbac_team_boxscore' | 'nbac_gamebook_player_stats';

/** One team of a game, as every source has it. */
export interface Side {
  readonly team: string;
  readonly isHome: boolean;
  /** By the schedule; null while it has none. */
  readonly score: number | null;
  /** The team's row; null where it has none. */
  readonly row: TeamBoxscoreRow | null;
  /** Everybody whom the gamebook lists for it. */
  readonly listed: readonly GamebookPlayerRow[];
  /** Those of them who are listed to play. */
  readonly active: readonly GamebookPlayerRow[];
}

/** What a rule looks at: one game by all sources, and what it shares with the other games of the date. */
export interface RuleInput {
  readonly game: Game;
  readonly scheduled: ScheduleRow;
  /** The sources that have sent both teams' rows of the game, as they are: not rebuilt from another. */
  readonly come: ReadonlySet<Needed>;
  /** Away team first. */
  readonly sides: readonly [Side, Side];
  /** Rows of one identity that arrived at one instant and say different things, as sentences. */
  readonly conflicts: readonly Contradiction[];
  /** The ids under which the schedule lists this very game, where there is more than one. */
  readonly listedAs: readonly string[];
  /** The other games of the date in which one of the teams plays. */
  readonly sameTeams: readonly Game[];
  /** Players who are active here and in another game of the date, with that game. */
  readonly elsewhere: readonly { readonly row: GamebookPlayerRow; readonly gameId: string }[];
}

/** What was found: a sentence with the figures, and the rows that they stand in. */
export interface Contradiction {
  readonly detail: string;
  readonly figures: readonly Figure[];
}

export interface GameRule {
  /** Its number in the documentation, such as S1. */
  readonly id: string;
  /** What holds where it passes, in snake case. */
  readonly name: string;
  /** The same for people. */
  readonly sentence: string;
  /** Sources without which it cannot be judged; it counts as not run until they have come. */
  readonly needs: readonly Needed[];
  /** A game that breaks a blocking rule is held; one that breaks another is published with a warning. */
  readonly blocking: boolean;
  /** How far figures may be apart, and what that was measured on; null for a rule that is exact. */
  readonly tolerance: { readonly value: number; readonly unit: string; readonly why: string } | null;
  /** The version of this project that it came with. */
  readonly since: string;
  /** What contradicts it; an empty list passes. */
  readonly find: (this: void, input: RuleInput) => readonly Contradiction[];
}

/** The figure of a team row. */
export function ofTeam(row: TeamBoxscoreRow, field: keyof TeamBoxscoreRow): Figure {
  return { table: 'nbac_team_boxscore', row: row.team_abbr, field, value: row[field] };
}

/** The figure of a player row. */
export function ofPlayer(row: GamebookPlayerRow, field: keyof GamebookPlayerRow): Figure {
  const name = `${row.team_abbr}/${row.player_lookup}`;
  return { table: 'nbac_gamebook_player_stats', row: name, field, value: row[field] };
}

/** The figure of the schedule's row. */
export function ofSchedule(row: ScheduleRow, field: keyof ScheduleRow): Figure {
  return { table: 'nbac_schedule', row: row.game_id, field, value: row[field] };
}

/** A figure that was added up over a team's active players. */
export function ofSum(team: string, field: string, value: Cell): Figure {
  return { table: 'nbac_gamebook_player_stats', row: `${team}, all active players`, field, value };
}

/** The value as sentences have it: texts in quotation marks, so that blanks and capitals show. */
export function spelled(value: Cell): string {
  return value === null ? 'empty' : typeof value === 'string' ? JSON.stringify(value) : String(value);
}
