/** From a night's ready games to the rows that a processor would publish. Pure. */
import type { SelectedNight } from '../gate/select-inputs';
import type { UpstreamUse } from '../gate/judge-games';
import type { Processor } from '../processors/define-processor';
import type { Cell, Row } from '../tables/define-table';
import { dataHashes } from './fingerprint';

export interface BuiltRows {
  readonly rows: Row[];
  /** Sentences about rows that needed a decision, or that lack something by one. */
  readonly warnings: string[];
}

/**
 * Builds a processor's rows; live rows that are kept go over as they are. `processedAt` is an ISO instant. The id of a bypass
 * goes into every row that stands on one, that of a decision about a game into its rows: of two the estimate's, since it is figures that
 * rest on it.
 * `use` names the upstreams that a bypass waives.
 */
export function buildRows(
  processor: Processor,
  {
    games,
    warnings,
    kept = [],
    decided = [],
  }: Pick<SelectedNight, 'games' | 'warnings'> & Partial<Pick<SelectedNight, 'kept' | 'decided'>>,
  {
    processedAt,
    bypassId,
    use = {},
  }: { readonly processedAt: string; readonly bypassId: string | null; readonly use?: UpstreamUse },
): BuiltRows {
  const figures: readonly Row[] = games.flatMap(({ game, inputs }) => processor.build(game, inputs));
  const without = Object.keys(use).flatMap((alias) =>
    games
      .filter(({ inputs }) => (inputs[alias] ?? []).length === 0)
      .map(
        ({ game }) =>
          `${game.gameId} has no rows of ${processor.upstreams[alias]?.table.name ?? alias}: ` +
          `${processor.waivable[alias] ?? 'it is done without'}, by the bypass`,
      ),
  );
  const hashes = dataHashes(figures);
  // The last of a game is its estimate.
  const decisions = new Map<Cell, string>(decided.map(({ gameId, decisionId }) => [gameId, decisionId]));
  return {
    warnings: [...warnings, ...without],
    rows: [
      ...figures.map((row, index) =>
        // A spread of fifty columns with three after it takes four times as long.
        Object.assign({}, row, {
          bypass_id: decisions.get(row['game_id'] ?? null) ?? bypassId,
          data_hash: hashes[index] ?? null,
          processed_at: processedAt,
        }),
      ),
      ...kept,
    ],
  };
}
