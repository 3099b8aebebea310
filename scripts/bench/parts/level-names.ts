/** The activities that publish, level by level, in a night by levels and in the baseline. */
import type { Activities } from '../../../src/contracts/activities';
import type { FlatActivities } from '../flat/flat-contract';

type Names = readonly (readonly (keyof Activities | keyof FlatActivities)[])[];

export const levelNames: Names = [
  ['buildTeamOffenseGameSummary', 'buildTeamDefenseGameSummary'],
  ['buildPlayerGameSummary'],
];
export const flatNames: Names = [['buildUngated']];
