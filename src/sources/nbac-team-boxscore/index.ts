/** Team box scores: two rows a game. */
import { defineSource } from '../define-source';
import { parseMinutes } from '../parse-minutes';
import { table } from './table';

export const nbacTeamBoxscore = defineSource({
  table,
  isOfPlayedGames: true,
  identity: (row) => row.team_abbr,
  // A team plays once a date, so its code finds the game.
  isOf: (row, game) => row.team_abbr === game.home || row.team_abbr === game.away,
  oddities: (row) =>
    row.minutes !== null && row.minutes.trim() !== '' && parseMinutes(row.minutes) === null
      ? [`minutes is ${JSON.stringify(row.minutes)}, expected MM:SS: the game will be held`]
      : [],
  gameIdOf: (row) => row.game_id,
});
