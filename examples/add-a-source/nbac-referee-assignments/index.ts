/** Referee assignments: who officiated a game. */
import { defineSource } from '../define-source';
import { table } from './table';

export const nbacRefereeAssignments = defineSource({
  table,
  identity: (row) => row.official_name,
  // The league's ten digits, as the schedule has them.
  isOf: (row, game) => row.game_id === game.nbaGameId,
  gameIdOf: (row) => row.game_id,
});
