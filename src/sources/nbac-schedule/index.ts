/** The league's schedule: which games a date has, whether they are final, and the score. */
import { defineSource } from '../define-source';
import { table } from './table';

export const nbacSchedule = defineSource({
  table,
  identity: (row) => row.game_id,
  isOf: (row, game) => row.game_id === game.nbaGameId,
  gameIdOf: (row) => row.game_id,
});
