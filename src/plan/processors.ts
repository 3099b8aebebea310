/** Each processor as data: what it builds, from what, and how long it may take. */
import type { Activities } from '../contracts/activities';
import type { ProcessorName } from '../contracts/phase3';
import type { AnalyticsTableName, RawTableName } from '../tables/catalogue';

export interface Processor {
  readonly name: ProcessorName;
  /** The table it publishes. */
  readonly table: AnalyticsTableName;
  /** The activity that runs it; its name is what the Temporal UI shows. */
  readonly activity: keyof Activities &
    ('buildTeamOffenseGameSummary' | 'buildTeamDefenseGameSummary' | 'buildPlayerGameSummary');
  /** Raw tables it reads. */
  readonly inputs: readonly RawTableName[];
  /** Processors whose published partition it reads. */
  readonly upstreams: readonly ProcessorName[];
  /** Part of the fingerprint: a new version rebuilds every partition at its next run. */
  readonly version: string;
}

export const processors: Readonly<Record<ProcessorName, Processor>> = {
  TeamOffenseGameSummaryProcessor: {
    name: 'TeamOffenseGameSummaryProcessor',
    table: 'team_offense_game_summary',
    activity: 'buildTeamOffenseGameSummary',
    inputs: ['nbac_schedule', 'nbac_team_boxscore'],
    upstreams: [],
    version: '1.0.0',
  },
  TeamDefenseGameSummaryProcessor: {
    name: 'TeamDefenseGameSummaryProcessor',
    table: 'team_defense_game_summary',
    activity: 'buildTeamDefenseGameSummary',
    inputs: ['nbac_schedule', 'nbac_team_boxscore'],
    upstreams: [],
    version: '1.0.0',
  },
  PlayerGameSummaryProcessor: {
    name: 'PlayerGameSummaryProcessor',
    table: 'player_game_summary',
    activity: 'buildPlayerGameSummary',
    inputs: ['nbac_schedule', 'nbac_gamebook_player_stats'],
    upstreams: ['TeamOffenseGameSummaryProcessor'],
    version: '1.0.0',
  },
};
