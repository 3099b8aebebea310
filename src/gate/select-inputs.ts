/** What a processor reads of a date: the rows of its ready games, and the upstream versions they stand on. Pure. */
import { canBuild, decisionsAbout } from '../contracts/phase3';
import { ruleChecks, type RuleCheck } from '../games/rules/rule-checks';
import type { GameInputs, Processor } from '../processors/define-processor';
import type { ProcessorInputs } from '../publishing/fingerprint';
import type { TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import { allRequired, judgeGames, type UpstreamUse } from './judge-games';
import { keptRows } from './kept-rows';
import { currentManifest, type DateSnapshot } from './snapshot';

/** A game and a decision that it is built by. */
export interface DecidedGame {
  readonly gameId: string;
  readonly decisionId: string;
}

/** The ready games of a date with what a processor builds them from. */
export interface SelectedNight {
  /** Ordered by game id. */
  readonly games: readonly GameInputs[];
  /** Live rows of games that cannot be built now: they stay as they are. */
  readonly kept: readonly Row[];
  /** By what decisions a game is built although it breaks rules, or is estimated in part. */
  readonly decided: readonly DecidedGame[];
  /** What the rules of the game made of the games that are built. */
  readonly rules: readonly RuleCheck[];
  /** Sentences about rows that needed a decision. */
  readonly warnings: readonly string[];
}

/** The games of the date that the processor can build, with the rows it builds them from. */
export function selectNight(
  processor: Processor,
  snapshot: DateSnapshot,
  use: UpstreamUse = allRequired,
): SelectedNight {
  const ready = judgeGames(processor, snapshot, new Set(), use).filter(({ verdict }) => canBuild(verdict));
  const games = ready.map(({ evidence, inputs }) => ({ game: evidence.game, inputs }));
  const { games: chosen, warnings } = processor.whole?.(games) ?? { games, warnings: [] };
  const { kept, lost } = keptRows(processor, snapshot, new Set(games.map(({ game }) => game.gameId)));
  return {
    games: chosen,
    kept,
    decided: ready.flatMap(({ verdict }) =>
      decisionsAbout(verdict).map(({ decisionId }) => ({ gameId: verdict.gameId, decisionId })),
    ),
    rules: ruleChecks(
      ready.map(({ evidence }) => evidence),
      Object.values(processor.reads).map(({ name }) => name),
    ),
    warnings: [
      ...warnings,
      ...lost.map(
        (gameId) =>
          `${gameId} was live and is no longer ready: its stored rows are not those that were published, and leave the live version`,
      ),
    ],
  };
}

/**
 * What the fingerprint covers: the rows that a build takes. Those of games that are not ready are left out, since a
 * placeholder that moves must not rebuild what it does not touch; so is a row that another one was chosen over, but the
 * choice itself is covered, as are decisions by which a game is built that breaks rules, or is estimated. Published upstream rows are covered
 * by their version.
 */
export function selectInputs(
  processor: Processor,
  snapshot: DateSnapshot,
  use: UpstreamUse = allRequired,
  { games, kept, decided }: Omit<SelectedNight, 'rules' | 'warnings'> = selectNight(processor, snapshot, use),
): ProcessorInputs {
  const rows = Object.entries(processor.reads).map(([alias, { table }]) => [
    table.name,
    games.flatMap(({ inputs }) => inputs[alias] ?? []),
  ]);
  return {
    rows: Object.fromEntries(rows) as ProcessorInputs['rows'],
    ...(kept.length > 0 ? { kept: kept.map((row) => String(row['data_hash'])).sort() } : {}),
    ...(decided.length > 0
      ? { released: decided.map(({ gameId, decisionId }) => `${gameId}/${decisionId}`) }
      : {}),
    upstreamVersions: builtOnVersions(processor, snapshot, use),
  };
}

/** The upstream versions that a build stands on. 0 is no version: what is built without an upstream is never taken for what is built with one. */
function builtOnVersions(
  processor: Processor,
  snapshot: DateSnapshot,
  use: UpstreamUse,
): ProcessorInputs['upstreamVersions'] {
  return upstreamVersions(processor, snapshot).map(({ alias, ...upstream }) =>
    use[alias] === 'ignored' ? { ...upstream, version: 0 } : upstream,
  );
}

/** The published versions of the processor's upstreams in this snapshot, 0 where there is none. */
export function upstreamVersions(
  { upstreams }: Processor,
  snapshot: DateSnapshot,
): { alias: string; tableName: TableName; version: number }[] {
  return Object.entries(upstreams).map(([alias, { table }]) => ({
    alias,
    tableName: table.name,
    version: currentManifest(snapshot, table)?.version ?? 0,
  }));
}
