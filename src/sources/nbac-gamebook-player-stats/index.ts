/** The gamebook, the league's official box score of players: who played, with what, and who did not and why. */
import { defineSource } from '../define-source';
import { parseMinutes } from '../parse-minutes';
import { knownStatuses, table } from './table';

export const nbacGamebookPlayerStats = defineSource({
  table,
  isOfPlayedGames: true,
  isDefault: true,
  identity: (row) => `${row.team_abbr}/${row.player_lookup}`,
  // A team plays once a date, so its code finds the game.
  isOf: (row, game) => row.team_abbr === game.home || row.team_abbr === game.away,
  oddities: (row) => [
    ...(knownStatuses.some((known) => known === row.player_status)
      ? []
      : [
          `player_status is ${JSON.stringify(row.player_status)}, expected one of ${knownStatuses.join(', ')}: the game will be held`,
        ]),
    ...(row.player_status === 'active' && parseMinutes(row.minutes) === null
      ? [`minutes is ${JSON.stringify(row.minutes)}, expected MM:SS: the game will be held`]
      : []),
  ],
  gameIdOf: (row) => row.game_id,
});
