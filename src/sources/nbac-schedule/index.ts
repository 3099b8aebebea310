/** The league's schedule: which games a date has, whether they are final, and the score. */
import { defineSource } from '../define-source';
import { leagueId } from './league-id';
import { table } from './table';

export const nbacSchedule = defineSource({
  table,
  identity: (row) => leagueId(row.game_id),
  isOf: (row, game) => leagueId(row.game_id) === game.nbaGameId,
  gameIdOf: (row) => row.game_id,
});
