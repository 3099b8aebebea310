/** What a processor reads of a date: the rows of its ready games, and the upstream versions they stand on. Pure. */
import type { ProcessorName } from '../contracts/phase3';
import { processors } from '../plan/processors';
import type { ProcessorInputs } from '../publishing/fingerprint';
import type { AnalyticsTableName } from '../tables/catalogue';
import type { Game } from '../stats/game';
import type { TeamOffenseRow } from '../tables/analytics';
import type { GamebookPlayerRow, ScheduleRow, TeamBoxscoreRow } from '../tables/raw';
import { judgeGames, type OffenseUse } from './judge-games';
import {
  currentManifest,
  gamebookRowsOf,
  gamesOf,
  offenseRowsOf,
  teamRowsOf,
  type DateSnapshot,
} from './snapshot';

/** A ready game with its rows, as a processor's arithmetic takes it. */
export interface ReadyGame {
  readonly game: Game;
  readonly schedule: ScheduleRow;
  readonly teamRows: readonly TeamBoxscoreRow[];
  readonly gamebookRows: readonly GamebookPlayerRow[];
  readonly offenseRows: readonly TeamOffenseRow[];
}

/** The ready games of the date, ordered by id, with the rows that `processor` reads. */
export function readyGames(
  name: ProcessorName,
  snapshot: DateSnapshot,
  offense: OffenseUse = 'required',
): ReadyGame[] {
  const { inputs, upstreams } = processors[name];
  const ready = new Set(
    judgeGames(name, snapshot, new Set(), offense)
      .filter(({ verdict }) => verdict.status === 'ready')
      .map(({ game }) => game.gameId),
  );
  return gamesOf(snapshot)
    .filter(({ game }) => ready.has(game.gameId))
    .map(({ game, row }) => ({
      game,
      schedule: row,
      teamRows: inputs.includes('nbac_team_boxscore') ? teamRowsOf(snapshot, game) : [],
      gamebookRows: inputs.includes('nbac_gamebook_player_stats') ? gamebookRowsOf(snapshot, game) : [],
      offenseRows:
        upstreams.includes('TeamOffenseGameSummaryProcessor') && offense !== 'ignored'
          ? offenseRowsOf(snapshot, game)
          : [],
    }));
}

/**
 * What the fingerprint covers. The rows of games that are not ready are left out: a placeholder that moves must not
 * rebuild what it does not touch. Published upstream rows are covered by their version.
 */
export function selectInputs(
  name: ProcessorName,
  snapshot: DateSnapshot,
  offense: OffenseUse = 'required',
): ProcessorInputs {
  const games = readyGames(name, snapshot, offense);
  return {
    rows: {
      nbac_schedule: games.map((game) => game.schedule),
      nbac_team_boxscore: games.flatMap((game) => game.teamRows),
      nbac_gamebook_player_stats: games.flatMap((game) => game.gamebookRows),
    },
    // 0 is no version: what is built without its upstream is never taken for what is built with one.
    upstreamVersions: upstreamVersions(name, snapshot).map((upstream) =>
      offense === 'ignored' ? { ...upstream, version: 0 } : upstream,
    ),
  };
}

/** The published versions that `processor` stands on in this snapshot, 0 where there is none. */
export function upstreamVersions(
  name: ProcessorName,
  snapshot: DateSnapshot,
): { tableName: AnalyticsTableName; version: number }[] {
  return processors[name].upstreams.map((upstream) => {
    const table = processors[upstream].table;
    return { tableName: table, version: currentManifest(snapshot, table)?.version ?? 0 };
  });
}
