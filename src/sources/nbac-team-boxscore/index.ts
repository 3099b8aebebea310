/** Team box scores: two rows a game. */
import { defineSource } from '../define-source';
import { table } from './table';

export const nbacTeamBoxscore = defineSource({
  table,
  isOfPlayedGames: true,
  identity: (row) => row.team_abbr,
  // A team plays once a date, so its code finds the game.
  isOf: (row, game) => row.team_abbr === game.home || row.team_abbr === game.away,
  gameIdOf: (row) => row.game_id,
});
