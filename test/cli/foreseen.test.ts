/** What a dry run says of games: a release that covers too little says so. */
import { showForeseen } from '../../src/cli/foreseen';
import type { ForeseenTable } from '../../src/control/protocol';

function linesOf(given: Partial<ForeseenTable>): string[] {
  const lines: string[] = [];
  const table: ForeseenTable = {
    ...{
      processor: 'P',
      table: 'player_game_summary',
      outcome: 'unchanged',
      reason: 'it is what version 1 is',
    },
    ...{ liveVersion: 1, version: null, rows: null, missingGames: [], warnings: [], difference: null },
    ...{ downstream: [], ...given },
  };
  const context = { print: (line: string) => lines.push(line) } as unknown as Parameters<
    typeof showForeseen
  >[0];
  showForeseen(context, '2017-04-15', [table], {});
  return lines;
}

it('a game that stays out is named with what the release is not about', () => {
  const detail = 'shots_add_up: 30 and 24; the release by ana (dry-run) is not about shots_add_up';
  const held = { gameId: '20170415_IND_CLE', status: 'held', table: 'nbac_team_boxscore', detail } as const;
  const said = `  without 20170415_IND_CLE: held, ${detail}`;
  expect(linesOf({ missingGames: [held] })).toContain(said);
  expect(linesOf({ missingGames: [held], version: 2, outcome: 'published' })).toContain(said);
  expect(linesOf({}).join('\n')).not.toContain('IND_CLE');
});
