/** The league's other player box score: its arrival means that a night is over; its rows are not read. */
import { defineTrigger } from '../define-source';

export const nbacPlayerBoxscores = defineTrigger({
  name: 'nbac_player_boxscores',
  isOfPlayedGames: true,
  description: 'Player box scores of NBA.com. They set processors off and are not read.',
});
