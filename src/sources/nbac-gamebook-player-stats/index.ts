/** The gamebook, the league's official box score of players: who played, with what, and who did not and why. */
import { defineSource } from '../define-source';
import { table } from './table';

export const nbacGamebookPlayerStats = defineSource({
  table,
  isOfPlayedGames: true,
  isDefault: true,
  identity: (row) => `${row.team_abbr}/${row.player_lookup}`,
  // A team plays once a date, so its code finds the game.
  isOf: (row, game) => row.team_abbr === game.home || row.team_abbr === game.away,
  gameIdOf: (row) => row.game_id,
});
