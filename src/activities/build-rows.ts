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
 * Builds a processor's rows. `processedAt` is an ISO instant. A bypass id goes into every row that stands on one. Only
 * where a bypass waives the offence may a player have no team row.
 */
export function buildRows(
  processor: ProcessorName,
  games: readonly ReadyGame[],
  provenance: { processedAt: string; bypassId: string | null; isOffenseWaived?: boolean },
): BuiltRows {
  const { figures, warnings } = computeFigures(processor, games, provenance.isOffenseWaived ?? false);
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
  isOffenseWaived: boolean,
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
      return playerFigures(games, isOffenseWaived);
  }
}

function playerFigures(
  games: readonly ReadyGame[],
  isOffenseWaived: boolean,
): { figures: Row[]; warnings: string[] } {
  const { rows, twiceListed } = onePerPlayer(games.flatMap((game) => game.gamebookRows));
  const byTeam = new Map(
    games.flatMap((game) => [game.game.home, game.game.away].map((team) => [team, game] as const)),
  );
  const figures = rows.map((row) => {
    const game = byTeam.get(row.team_abbr);
    const offense = game?.offenseRows.find((team) => team.team_abbr === row.team_abbr);
    if (!game || !(offense || isOffenseWaived))
      throw new Error(`${row.player_lookup}: no ready game of ${row.team_abbr} on this date`);
    return playerSummary(game.game, row, offense ?? null);
  });
  return {
    figures,
    warnings: [
      ...twiceListed.map(
        ({ playerLookup, kept, dropped }) =>
          `${playerLookup} is listed by ${[kept, ...dropped].join(' and ')}; the row of ${kept} was taken`,
      ),
      ...games
        .filter(({ offenseRows }) => offenseRows.length < 2)
        .map(({ game }) => `${game.gameId} has no whole offence: usage rates of it are null, by the bypass`),
    ],
  };
}
