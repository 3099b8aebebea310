/** From ready games to the rows a processor would publish. Pure. */
import type { ProcessorName } from '../contracts/phase3';
import type { ReadyGame } from '../gate/select-inputs';
import { onePerPlayer, playerSummary } from '../stats/player-game-summary';
import { teamDefenseSummaries, teamOffenseSummaries } from '../stats/team-game-summary';
import type { Row } from '../tables/define-table';
import { dataHash } from '../publishing/fingerprint';

export interface BuiltRows {
  readonly rows: Row[];
  /** Sentences about rows that needed a decision. */
  readonly warnings: string[];
}

/**
 * Builds a processor's rows. `processedAt` is an ISO instant. A bypass id goes into every row that stands on one.
 */
export function buildRows(
  processor: ProcessorName,
  games: readonly ReadyGame[],
  provenance: { processedAt: string; bypassId: string | null },
): BuiltRows {
  const { figures, warnings } = computeFigures(processor, games);
  return {
    warnings,
    rows: figures.map((row) => ({
      ...row,
      bypass_id: provenance.bypassId,
      data_hash: dataHash(row),
      processed_at: provenance.processedAt,
    })),
  };
}

function computeFigures(
  processor: ProcessorName,
  games: readonly ReadyGame[],
): { figures: Row[]; warnings: string[] } {
  switch (processor) {
    case 'TeamOffenseGameSummaryProcessor':
      return {
        figures: games.flatMap(({ game, teamRows }) => teamOffenseSummaries(game, teamRows)),
        warnings: [],
      };
    case 'TeamDefenseGameSummaryProcessor':
      return {
        figures: games.flatMap(({ game, teamRows }) => teamDefenseSummaries(game, teamRows)),
        warnings: [],
      };
    case 'PlayerGameSummaryProcessor':
      return playerFigures(games);
  }
}

function playerFigures(games: readonly ReadyGame[]): { figures: Row[]; warnings: string[] } {
  const { rows, twiceListed } = onePerPlayer(games.flatMap((game) => game.gamebookRows));
  const byTeam = new Map(
    games.flatMap((game) => [game.game.home, game.game.away].map((team) => [team, game] as const)),
  );
  const figures = rows.map((row) => {
    const game = byTeam.get(row.team_abbr);
    const offense = game?.offenseRows.find((team) => team.team_abbr === row.team_abbr);
    if (!game || !offense)
      throw new Error(`${row.player_lookup}: no ready game of ${row.team_abbr} on this date`);
    return playerSummary(game.game, row, offense);
  });
  return {
    figures,
    warnings: twiceListed.map(
      ({ playerLookup, kept, dropped }) =>
        `${playerLookup} is listed by ${[kept, ...dropped].join(' and ')}; the row of ${kept} was taken`,
    ),
  };
}
