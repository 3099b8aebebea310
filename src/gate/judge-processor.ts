/** The gate's verdict for one processor on one date. Pure: the same snapshot and policy give the same answer. */
import { daysBetween } from '../contracts/game-date';
import {
  adoptedVersion,
  closedVerdict,
  type GameVerdict,
  type GateVerdict,
  type InputTableName,
  type Policy,
  type ProcessorName,
  type StaleUpstream,
  type TableDetail,
} from '../contracts/phase3';
import { wantedGames } from '../contracts/policy';
import { processors } from '../plan/processors';
import { contentHash, fingerprint } from '../publishing/fingerprint';
import { parseMinutes } from '../stats/minutes';
import type { Waiver } from '../contracts/overrides';
import { judgeGames, type Foreseen, type JudgedGame, type OffenseUse } from './judge-games';
import { selectInputs } from './select-inputs';
import {
  currentManifest,
  gamebookRowsOf,
  gamesOf,
  offenseRowsOf,
  teamRowsOf,
  type DateSnapshot,
} from './snapshot';

/** Processor versions that differ from the registry's, for a release that is being tried. */
export type ProcessorVersions = Readonly<Partial<Record<ProcessorName, string>>>;

/** What differs from the plain question, "can it run now". */
export interface JudgeOptions {
  readonly versions?: ProcessorVersions;
  readonly foreseen?: Foreseen;
  /** A person's bypass of this processor that is open. */
  readonly waiver?: Waiver | undefined;
}

/**
 * Judges whether `processor` can run on the snapshot's date, and says on what evidence. A waiver counts only where the
 * processor could not run without it, and only when it covers everything that is missing.
 */
export function judgeProcessor(
  name: ProcessorName,
  snapshot: DateSnapshot,
  policy: Policy,
  { versions = {}, foreseen = new Set(), waiver }: JudgeOptions = {},
): GateVerdict {
  const plain = judge(name, snapshot, policy, versions, foreseen, new Set());
  if (plain.canRun || plain.skip || !waiver) return plain;
  const waived = judge(name, snapshot, policy, versions, foreseen, new Set(waiver.tables));
  if (!waived.canRun) return plain;
  const { bypassId, by, reason } = waiver;
  const tables = plain.missing.filter((table) => waiver.tables.includes(table));
  return {
    ...waived,
    bypass: { bypassId, by, reason, tables },
    missingGames: plain.missingGames,
    details: plain.details,
  };
}

/** What a processor that a bypass lets run may read of the published offence. */
export function offenseUse(
  name: ProcessorName,
  snapshot: DateSnapshot,
  versions: ProcessorVersions,
  waived: ReadonlySet<InputTableName>,
): OffenseUse {
  const upstream = 'TeamOffenseGameSummaryProcessor';
  if (!processors[name].upstreams.includes(upstream) || !waived.has(processors[upstream].table))
    return 'required';
  return whyNotCurrent(upstream, snapshot, versions) === null ? 'where_published' : 'ignored';
}

function judge(
  name: ProcessorName,
  snapshot: DateSnapshot,
  policy: Policy,
  versions: ProcessorVersions,
  foreseen: Foreseen,
  waived: ReadonlySet<InputTableName>,
): GateVerdict {
  const verdict = closedVerdict(name);
  const games = gamesOf(snapshot);
  if (games.length === 0) return withoutGames(verdict, snapshot);

  const judged = judgeGames(name, snapshot, foreseen, offenseUse(name, snapshot, versions, waived));
  const finalGames = judged.filter(({ game }) => game.isFinal).length;
  const readyGames = judged.filter((game) => game.verdict.status === 'ready').length;
  const isOld = daysBetween(snapshot.gameDate, policy.today) >= policy.oldAfterDays;
  const wanted = wantedGames(finalGames, policy.readyShare);
  // Games are waived only where everything that keeps them from being ready is.
  const unready = judged.filter(({ game, verdict: own }) => game.isFinal && own.status !== 'ready');
  const isWaived = waived.size > 0 && unready.every(({ verdict: own }) => own.table && waived.has(own.table));
  // Some game must be ready: nobody can decide that there are rows.
  const needed = isOld || isWaived ? 1 : wanted;

  verdict.finalGames = finalGames;
  verdict.readyGames = readyGames;
  verdict.missingGames = [
    ...judged.map((game) => game.verdict).filter((game) => game.status !== 'ready'),
    ...unscheduledGames(name, snapshot),
  ];
  verdict.details = tableDetails(name, snapshot, judged, needed);
  const isNeeded = (upstream: ProcessorName): boolean =>
    !foreseen.has(upstream) && !waived.has(processors[upstream].table);
  verdict.staleUpstreams = staleUpstreams(name, snapshot, versions).filter(({ processor }) =>
    isNeeded(processor),
  );

  const unpublished = processors[name].upstreams.filter(
    (up) => isNeeded(up) && !currentManifest(snapshot, processors[up].table),
  );
  const enough = readyGames >= needed;
  verdict.canRun = enough && verdict.staleUpstreams.length === 0 && unpublished.length === 0;
  verdict.missing = [
    ...new Set<InputTableName>([
      ...(enough ? [] : verdict.missingGames.flatMap((game) => (game.table ? [game.table] : []))),
      ...unpublished.map((up) => processors[up].table),
      ...verdict.staleUpstreams.map((up) => processors[up.processor].table),
    ]),
  ];
  // What the run will have built is not evidence of anything now.
  for (const upstream of foreseen) delete verdict.details[processors[upstream].table];
  for (const table of verdict.missing) {
    const detail = verdict.details[table];
    if (detail) detail.status = 'insufficient_data';
  }
  if (verdict.canRun && !isWaived && readyGames < wanted)
    verdict.policyBypass = { kind: 'policy', rule: 'older_than_two_days', readyGames, finalGames };
  return verdict;
}

/** Games that sources sent rows for but the schedule of the date does not list: named, since nobody else would. */
function unscheduledGames(name: ProcessorName, snapshot: DateSnapshot): GameVerdict[] {
  const scheduled = new Set(gamesOf(snapshot).flatMap(({ game }) => [game.home, game.away]));
  const rows = processors[name].inputs.flatMap((input): readonly { game_id: string; team_abbr: string }[] =>
    input === 'nbac_schedule' ? [] : snapshot[input],
  );
  const strays = rows.filter((row) => !scheduled.has(row.team_abbr));
  return [...new Set(strays.map((row) => row.game_id))].sort().map((gameId) => ({
    gameId,
    status: 'missing',
    table: 'nbac_schedule',
    detail: 'rows were sent for it, but the schedule of the date does not list it',
  }));
}

function withoutGames(verdict: GateVerdict, snapshot: DateSnapshot): GateVerdict {
  const rawRows = snapshot.nbac_team_boxscore.length + snapshot.nbac_gamebook_player_stats.length;
  if (snapshot.scheduleKnown && rawRows === 0) return { ...verdict, skip: 'no_games' };
  return {
    ...verdict,
    missing: ['nbac_schedule'],
    details: { nbac_schedule: { found: 0, expectedMin: 1, status: 'insufficient_data' } },
  };
}

/** Usable rows found and rows expected at the least, by table. A placeholder is a row, but not a usable one. */
function tableDetails(
  name: ProcessorName,
  snapshot: DateSnapshot,
  judged: readonly JudgedGame[],
  neededGames: number,
): GateVerdict['details'] {
  const final = judged.filter(({ game }) => game.isFinal);
  const details: GateVerdict['details'] = {
    nbac_schedule: detail(final.length, neededGames),
  };
  for (const input of processors[name].inputs) {
    if (input === 'nbac_team_boxscore')
      details[input] = detail(
        final
          .flatMap(({ game }) => teamRowsOf(snapshot, game))
          .filter((row) => (row.points ?? 0) > 0 && (row.fg_attempted ?? 0) > 0 && parseMinutes(row.minutes))
          .length,
        2 * neededGames,
      );
    if (input === 'nbac_gamebook_player_stats')
      details[input] = detail(
        final
          .flatMap(({ game }) => gamebookRowsOf(snapshot, game))
          .filter((row) => row.player_status === 'active').length,
        10 * neededGames,
      );
  }
  if (processors[name].upstreams.includes('TeamOffenseGameSummaryProcessor'))
    details.team_offense_game_summary = detail(
      final.flatMap(({ game }) => offenseRowsOf(snapshot, game)).length,
      2 * neededGames,
    );
  return details;
}

function detail(found: number, expectedMin: number): TableDetail {
  return { found, expectedMin, status: found >= expectedMin ? 'ready' : 'insufficient_data' };
}

/**
 * Upstream partitions that are published but not current: their inputs moved since, or their stored rows no longer hash
 * to the manifest.
 */
function staleUpstreams(
  name: ProcessorName,
  snapshot: DateSnapshot,
  versions: ProcessorVersions,
): StaleUpstream[] {
  return processors[name].upstreams.flatMap((upstream) => {
    const reason = whyNotCurrent(upstream, snapshot, versions);
    return reason !== null && reason !== notPublished ? [{ processor: upstream, reason }] : [];
  });
}

export const notPublished = 'it was never published for this date';

/**
 * Why the processor's published partition is not what it would build now; null when it is current. The reasons are
 * sentences for the log and the manifest.
 */
export function whyNotCurrent(
  name: ProcessorName,
  snapshot: DateSnapshot,
  versions: ProcessorVersions = {},
  offense: OffenseUse = 'required',
): string | null {
  const { table, version: registryVersion } = processors[name];
  const version = versions[name] ?? registryVersion;
  const manifest = currentManifest(snapshot, table);
  if (!manifest) return notPublished;
  if (contentHash(table, snapshot[table]) !== manifest.content_hash) {
    const stored = snapshot[table].length;
    return stored === manifest.row_count
      ? `its stored rows were changed since version ${manifest.version} was published`
      : `${stored} rows are stored where version ${manifest.version} published ${manifest.row_count}`;
  }
  if (manifest.processor_version === adoptedVersion)
    return `version ${manifest.version} was adopted as found, and nobody knows from what it was built`;
  if (manifest.processor_version !== version)
    return `the processor changed from version ${manifest.processor_version} to ${version}`;
  if (fingerprint(name, version, selectInputs(name, snapshot, offense)) !== manifest.fingerprint)
    return `its inputs changed since version ${manifest.version} was published`;
  return null;
}
