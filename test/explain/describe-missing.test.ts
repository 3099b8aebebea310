/** What is missing, in one line of a log. */
import { uncheckedVerdict, type GateVerdict } from '../../src/contracts/phase3';
import { describeMissing } from '../../src/explain/describe-missing';
import { defense, gameIdOf, heldVerdict, missingGame, offense, player } from '../support/fixtures';

describe('what is missing', () => {
  const notReady = 'not published, or not up to date';
  it.each<[string, readonly GateVerdict[], string]>([
    [
      'names three games at most',
      [heldVerdict(offense, { missingGames: [0, 1, 2, 3, 4].map((game) => missingGame(game)) })],
      `nbac_team_boxscore 8 of at least 10 rows (${[0, 1, 2].map((game) => `${gameIdOf(game)} missing, no team row`).join('; ')}; and 2 more)`,
    ],
    [
      'is told once where two processors wait for the same',
      [heldVerdict(offense), heldVerdict(defense)],
      `nbac_team_boxscore 8 of at least 10 rows (${gameIdOf(0)} missing, no team row)`,
    ],
    [
      'gives each table its own games, and no figures where nothing was counted',
      [
        heldVerdict(player, {
          missing: ['nbac_gamebook_player_stats', 'team_offense_game_summary', 'nbac_schedule'],
          details: {},
          missingGames: [
            missingGame(0, { table: 'nbac_gamebook_player_stats', detail: 'no player row' }),
            missingGame(1, { table: 'team_offense_game_summary', detail: 'no published offence' }),
          ],
        }),
      ],
      `nbac_gamebook_player_stats ${notReady} (${gameIdOf(0)} missing, no player row), ` +
        `team_offense_game_summary ${notReady} (${gameIdOf(1)} missing, no published offence), ` +
        `nbac_schedule ${notReady}`,
    ],
    [
      'is the error where the check itself failed',
      [uncheckedVerdict(offense, 'WarehouseUnavailable: reset')],
      `the dependency check of ${offense} failed (WarehouseUnavailable: reset)`,
    ],
    ['is unknown where nothing can be named', [], 'an unknown input'],
  ])('%s', (_, verdicts, sentence) => {
    expect(describeMissing(verdicts)).toBe(sentence);
  });
});
