/** Which processors a source table sets off, as groups by level: the plan's registry. */
import type { ProcessorName } from '../contracts/phase3';

export interface TriggerGroup {
  readonly level: number;
  readonly processors: readonly ProcessorName[];
  /** Whether the group's processors run side by side. Order is by level only, so a group of several must say true. */
  readonly parallel: boolean;
  /** Processors that must be published and current before this group starts. */
  readonly dependencies: readonly ProcessorName[];
  readonly description: string;
}

export type TriggerRegistry = Readonly<Record<string, readonly TriggerGroup[]>>;

const teams: TriggerGroup = {
  level: 1,
  processors: ['TeamOffenseGameSummaryProcessor', 'TeamDefenseGameSummaryProcessor'],
  parallel: true,
  dependencies: [],
  description: 'Team stats - foundation for player calculations',
};

const players: TriggerGroup = {
  level: 2,
  processors: ['PlayerGameSummaryProcessor'],
  parallel: false,
  // Offence alone: the players divide by the offence's plays, so a failing defence does not stop them.
  dependencies: ['TeamOffenseGameSummaryProcessor'],
  description: 'Player stats - requires team possessions',
};

export const triggers: TriggerRegistry = {
  nbac_gamebook_player_stats: [teams, players],
  nbac_player_boxscores: [teams, players],
  nbac_team_boxscore: [teams],
  nbac_injury_report: [players],
};

/** The source that `run` and `backfill` name when nobody says another. */
export const defaultSource = 'nbac_gamebook_player_stats';

/** Limit of a processor's execution with its retries, by level, in ms. Waiting at the gate does not count. */
export function levelLimitMs(level: number): number {
  return (level === 1 ? 30 : 20) * 60_000;
}
