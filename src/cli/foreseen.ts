/** What a decision would come to, for people and programs. */
import { withOrWithout } from '../contracts/phase3';
import type { ForeseenTable } from '../control/protocol';
import type { JsonOption } from './command-types';
import { renderDifference } from './commands/diff';
import type { Context } from './context';
import { printJson } from './json';

export function showForeseen(
  { print }: Context,
  gameDate: string,
  tables: readonly ForeseenTable[],
  { json }: JsonOption,
): void {
  if (json) printJson(print, { gameDate, dryRun: true, tables });
  else for (const line of renderForeseen(gameDate, tables)) print(line);
}

/** Table by table: what would be published, which figures would change, what stands on it. */
function renderForeseen(gameDate: string, tables: readonly ForeseenTable[]): string[] {
  return [
    `${gameDate}, foreseen; nothing was decided, written or sent.`,
    ...tables.flatMap((one) => {
      const { table, outcome, reason, version, liveVersion, rows, difference, downstream, warnings } = one;
      const games = one.missingGames.map(
        (game) => `  ${withOrWithout(game)} ${game.gameId}: ${game.status}, ${game.detail}`,
      );
      if (version === null) return [`${table}: ${outcome}, ${reason}`, ...games];
      const live = liveVersion === null ? 'nothing is live' : `version ${liveVersion} is live`;
      return [
        `${table}: version ${version} with ${rows ?? 0} rows would be published (${live}), because ${reason}`,
        ...games,
        ...warnings.map((warning) => `  warning: ${warning}`),
        ...(difference && liveVersion !== null ? renderDifference(difference) : []),
        ...downstream.map(
          (below) =>
            `  stands on it: ${below.table}, ${below.version === null ? below.outcome : `version ${below.version} would be published`}`,
        ),
      ];
    }),
  ];
}
