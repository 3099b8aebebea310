/** The gate's verdict for one processor on one date. Pure: the same snapshot and policy give the same answer. */
import { blaming } from '../contracts/code-fault';
import { parseBypass } from '../contracts/bypass-mark';
import { daysBetween } from '../contracts/game-date';
import {
  adoptedVersion,
  canBuild,
  closedVerdict,
  isDecided,
  type GameVerdict,
  type GateVerdict,
  type InputTableName,
  type Policy,
  type ProcessorName,
  type StaleUpstream,
  type TableDetail,
} from '../contracts/phase3';
import { wantedGames } from '../contracts/policy';
import type { Waiver } from '../contracts/decisions';
import type { News } from '../contracts/news';
import { calendar, strayGames } from '../games/evidence';
import type { Processor } from '../processors/define-processor';
import { contentHash, fingerprint } from '../publishing/fingerprint';
import { rawSources } from '../tables/catalogue';
import { allRequired, judgeGames, type Foreseen, type JudgedGame, type UpstreamUse } from './judge-games';
import { pinOf } from './pins';
import { selectInputs } from './select-inputs';
import { currentManifest, gamesOf, liveByRight, publishedRows, type DateSnapshot } from './snapshot';

/** Processor versions that differ from the registry's, for a release that is being tried. */
export type ProcessorVersions = Readonly<Record<ProcessorName, string>>;

/** What differs from the plain question, "can it run now". */
export interface JudgeOptions {
  readonly versions?: ProcessorVersions;
  readonly foreseen?: Foreseen;
  /** A person's bypass of this processor that is open. */
  readonly waiver?: Waiver | undefined;
  /** Sources of played games that messages say have come. */
  readonly heard?: News;
}

/**
 * Judges whether `processor` can run on the snapshot's date, and says on what evidence. A waiver counts only where the
 * processor could not run without it, and only when it covers everything that is missing. Throws a `CodeFaultError` when the
 * processor's code does.
 */
export function judgeProcessor(
  processor: Processor,
  snapshot: DateSnapshot,
  policy: Policy,
  options: JudgeOptions = {},
): GateVerdict {
  const { gameDate } = snapshot;
  return blaming({ processor, gameDate }, () => judgeWithWaiver(processor, snapshot, policy, options));
}

function judgeWithWaiver(
  processor: Processor,
  snapshot: DateSnapshot,
  policy: Policy,
  { versions = {}, foreseen = new Set(), waiver, heard = {} }: JudgeOptions,
): GateVerdict {
  if (gamesOf(snapshot).length === 0) return withoutGames(processor, snapshot, heard);
  const plain = judge(processor, snapshot, policy, versions, foreseen, new Set());
  if (plain.canRun || plain.skip || !waiver) return plain;
  const waived = judge(processor, snapshot, policy, versions, foreseen, new Set(waiver.tables));
  if (!waived.canRun) return plain;
  const { bypassId, by, reason, until } = waiver;
  const tables = plain.missing.filter((table) => waiver.tables.includes(table));
  return {
    ...waived,
    bypass: { bypassId, by, reason, tables, until },
    missingGames: plain.missingGames,
    details: plain.details,
  };
}

/** What a processor that a bypass lets run without these tables may read of its upstreams. */
export function upstreamUse(
  processor: Processor,
  snapshot: DateSnapshot,
  versions: ProcessorVersions,
  waived: ReadonlySet<InputTableName>,
): UpstreamUse {
  const use = Object.entries(processor.upstreams)
    .filter(([alias, { table }]) => waived.has(table.name) && Object.hasOwn(processor.waivable, alias))
    .map(([alias, upstream]) => [
      alias,
      whyStale(upstream, snapshot, versions) === null ? 'where_published' : 'ignored',
    ]);
  return Object.fromEntries(use) as UpstreamUse;
}

/** What the live version was allowed to do without: by the bypass that it stands on. */
export function useOfLive(
  processor: Processor,
  snapshot: DateSnapshot,
  versions: ProcessorVersions,
): UpstreamUse {
  const mark = parseBypass(currentManifest(snapshot, processor.table)?.bypass ?? null);
  return mark?.kind === 'person'
    ? upstreamUse(processor, snapshot, versions, new Set(mark.tables))
    : allRequired;
}

function judge(
  processor: Processor,
  snapshot: DateSnapshot,
  policy: Policy,
  versions: ProcessorVersions,
  foreseen: Foreseen,
  waived: ReadonlySet<InputTableName>,
): GateVerdict {
  const verdict = closedVerdict(processor.name);
  const use = upstreamUse(processor, snapshot, versions, waived);
  const judged = judgeGames(processor, snapshot, foreseen, use);
  const { missingGames } = verdict;
  missingGames.push(
    ...judged.map((game) => game.verdict).filter((game) => game.status !== 'ready'),
    ...strays(processor, snapshot),
    ...unlisted(processor, snapshot),
  );
  if (judged.every(({ verdict: own }) => isSeenTo(own))) return { ...verdict, skip: 'no_games' };
  const final = judged.filter(({ evidence: { game } }) => game.isFinal && game.leftOut === null);
  const finalGames = final.length;
  const readyGames = judged.filter((game) => canBuild(game.verdict)).length;
  const isOld = daysBetween(snapshot.gameDate, policy.today) >= policy.oldAfterDays;
  // What is held, or live and kept, is decided: the others do not wait for it.
  const awaited = final.filter(({ verdict: own }) => !isDecided(own));
  const wanted = wantedGames(awaited.length, policy.readyShare);
  // Games are waived only where everything that keeps them from being ready is.
  const unready = awaited.filter(({ verdict: own }) => !canBuild(own));
  const isWaived = waived.size > 0 && unready.every(({ verdict: own }) => own.table && waived.has(own.table));
  // Some game must be ready, since nobody can decide that there are rows, or be live and kept. What was adopted is not ours to keep.
  const keepsAll =
    currentManifest(snapshot, processor.table)?.processor_version !== adoptedVersion &&
    final.some(({ verdict: own }) => own.isLive) &&
    final.every(({ verdict: own }) => own.broken);
  const needed = keepsAll ? 0 : isOld || isWaived ? 1 : wanted;

  verdict.finalGames = finalGames;
  verdict.readyGames = readyGames;
  verdict.details = tableDetails(processor, final, needed);
  const needs = Object.entries(processor.upstreams).flatMap(([alias, upstream]) =>
    foreseen.has(upstream.name) || use[alias] ? [] : [upstream],
  );
  verdict.staleUpstreams = staleUpstreams(needs, snapshot, versions);
  const unpublished = needs.filter((upstream) => !currentManifest(snapshot, upstream.table));
  const enough = readyGames >= needed;
  verdict.canRun = enough && verdict.staleUpstreams.length === 0 && unpublished.length === 0;
  verdict.missing = [
    ...new Set<InputTableName>([
      ...(enough
        ? []
        : missingGames.flatMap((game) =>
            game.table && !canBuild(game) && !isSeenTo(game) ? [game.table] : [],
          )),
      ...unpublished.map(({ table }) => table.name),
      ...needs.filter(isStaleIn(verdict)).map(({ table }) => table.name),
    ]),
  ];
  // What the run will have built is not evidence of anything now.
  for (const { name, table } of Object.values(processor.upstreams))
    if (foreseen.has(name)) delete verdict.details[table.name];
  for (const table of verdict.missing) {
    const detail = verdict.details[table];
    if (detail) detail.status = 'insufficient_data';
  }
  if (verdict.canRun && !isWaived && !keepsAll && readyGames < wanted)
    verdict.policyBypass = { kind: 'policy', rule: 'older_than_two_days', readyGames, finalGames };
  return verdict;
}

/** Whether there is nothing to build of a game and nothing to wait for: it is none of the season, or stays out by a decision. */
function isSeenTo({ status, isLive }: GameVerdict): boolean {
  return status === 'left_out' || (status === 'discarded' && isLive !== true);
}

function isStaleIn({ staleUpstreams: stale }: GateVerdict): (upstream: Processor) => boolean {
  return ({ name }) => stale.some(({ processor }) => processor === name);
}

/** Games that its sources sent rows for but the calendar does not list: named, since nobody else would. */
function strays({ reads, table }: Processor, snapshot: DateSnapshot): GameVerdict[] {
  const { gameDate, rows } = snapshot;
  const live = new Set(liveByRight(snapshot, table).map((row) => String(row['game_id'])));
  const ids = Object.values(reads).flatMap((source) => strayGames(gameDate, rows, source));
  return [...new Set(ids)].sort().map((gameId) => ({
    gameId,
    status: 'missing',
    table: calendar.table.name,
    detail: 'rows arrived for this game, but the schedule of the date does not list it',
    ...(live.has(gameId) ? { isLive: true } : {}),
  }));
}

/** Games that are live and that nothing of the date tells of any more. */
function unlisted(processor: Processor, snapshot: DateSnapshot): GameVerdict[] {
  const known = new Set([
    ...gamesOf(snapshot).map(({ game }) => game.gameId),
    ...strays(processor, snapshot).map(({ gameId }) => gameId),
  ]);
  const live = new Set(liveByRight(snapshot, processor.table).map((row) => String(row['game_id'])));
  return [...live]
    .filter((gameId) => !known.has(gameId))
    .sort()
    .map((gameId) => ({
      ...{ gameId, status: 'missing', table: calendar.table.name, isLive: true },
      detail: 'it is live, and the schedule of the date does not list it any more; its live rows are kept',
    }));
}

/** The calendar has no game on the date: there is nothing to do if it can know, and nothing contradicts it. */
function withoutGames(processor: Processor, snapshot: DateSnapshot, heard: News): GateVerdict {
  const verdict = closedVerdict(processor.name);
  const { name } = calendar.table;
  const contrary = contradictions(processor, snapshot, heard);
  if (snapshot.isCalendarKnown && contrary.length === 0) return { ...verdict, skip: 'no_games' };
  return {
    ...verdict,
    missing: [name],
    missingGames: unlisted(processor, snapshot),
    details: { [name]: { found: 0, expectedMin: 1, status: 'insufficient_data' } },
    ...(contrary.length > 0
      ? { contrary: `it has no game on ${snapshot.gameDate}, but ${contrary.join(' and ')}` }
      : {}),
  };
}

/** What says that games were played, as clauses: rows, published or raw, and messages that rows have come. */
function contradictions({ table }: Processor, snapshot: DateSnapshot, heard: News): string[] {
  const ofGames = rawSources.flatMap((source) => (source.isOfPlayedGames ? [source.table] : []));
  const found = [table, ...ofGames].flatMap((own) => {
    const { length } = own === table ? liveByRight(snapshot, table) : publishedRows(snapshot, own);
    return length > 0 ? [`${own.name} has ${length} ${length === 1 ? 'row' : 'rows'}`] : [];
  });
  return [...found, ...Object.entries(heard).map(([source, who]) => `${who} says that ${source} came`)];
}

/** Usable rows found and rows expected at the least, by table. A placeholder is a row, but not a usable one. */
function tableDetails(
  { reads, upstreams, expected }: Processor,
  final: readonly JudgedGame[],
  neededGames: number,
): GateVerdict['details'] {
  const counted = Object.entries(expected).map(([alias, { perGame, usable = () => true }]) => {
    const found = final.flatMap(({ inputs }) => (inputs[alias] ?? []).filter((row) => usable(row))).length;
    const table = (reads[alias] ?? upstreams[alias])?.table.name ?? alias;
    return [table, detail(found, perGame * neededGames)];
  });
  return {
    [calendar.table.name]: detail(final.length, neededGames),
    ...(Object.fromEntries(counted) as GateVerdict['details']),
  };
}

function detail(found: number, expectedMin: number): TableDetail {
  return { found, expectedMin, status: found >= expectedMin ? 'ready' : 'insufficient_data' };
}

/**
 * Upstream partitions that are published but not current: their inputs or those of what they stand on moved since, or their
 * stored rows no longer hash to the manifest.
 */
function staleUpstreams(
  upstreams: readonly Processor[],
  snapshot: DateSnapshot,
  versions: ProcessorVersions,
): StaleUpstream[] {
  return upstreams.flatMap((upstream) => {
    const reason = whyStale(upstream, snapshot, versions);
    const isPublished = currentManifest(snapshot, upstream.table) !== null;
    return reason !== null && isPublished ? [{ processor: upstream.name, reason }] : [];
  });
}

/** Why a published partition is no ground to build on: it is not current, or what it was built on is not. */
function whyStale(processor: Processor, snapshot: DateSnapshot, versions: ProcessorVersions): string | null {
  const own = whyNotCurrent(processor, snapshot, versions);
  if (own !== null || pinOf(processor, snapshot)) return own;
  const use = useOfLive(processor, snapshot, versions);
  for (const [alias, upstream] of Object.entries(processor.upstreams)) {
    const below = use[alias] ? null : whyStale(upstream, snapshot, versions);
    if (below !== null) return `it stands on ${upstream.table.name}, which is not up to date: ${below}`;
  }
  return null;
}

export const notPublished = 'it was never published for this date';

/**
 * What a live version is not current for. `rows`: what is stored is not what was published · `adopted`: nobody knows what it was
 * built from · `version`, `inputs`: the processor, or what it reads, is another now.
 */
export interface NotCurrent {
  readonly kind: 'unpublished' | 'rows' | 'adopted' | 'version' | 'inputs';
  /** A sentence for the log and the manifest. */
  readonly reason: string;
}

/** Why the processor's published partition is not what it would build now, as a sentence; null when it is current. */
export function whyNotCurrent(...asked: Parameters<typeof judgeCurrent>): string | null {
  return judgeCurrent(...asked)?.reason ?? null;
}

/**
 * Judges whether the processor's published partition is what it would build now; null when it is. A version that stands on a
 * bypass is held to what it was built from, and one that is pinned to its rows alone.
 */
export function judgeCurrent(
  processor: Processor,
  snapshot: DateSnapshot,
  versions: ProcessorVersions = {},
  use: UpstreamUse = useOfLive(processor, snapshot, versions),
): NotCurrent | null {
  const { table } = processor;
  const version = versions[processor.name] ?? processor.version;
  const manifest = currentManifest(snapshot, table);
  if (!manifest) return { kind: 'unpublished', reason: notPublished };
  const live = publishedRows(snapshot, table);
  if (contentHash(table, live) !== manifest.content_hash)
    return {
      kind: 'rows',
      reason:
        live.length === manifest.row_count
          ? `its stored rows were changed after version ${manifest.version} was published`
          : `${live.length} rows are stored where version ${manifest.version} published ${manifest.row_count}`,
    };
  if (pinOf(processor, snapshot)) return null;
  if (manifest.processor_version === adoptedVersion)
    return {
      kind: 'adopted',
      reason: `version ${manifest.version} was adopted, and its inputs are unknown`,
    };
  if (manifest.processor_version !== version)
    return {
      kind: 'version',
      reason: `the processor changed from version ${manifest.processor_version} to ${version}`,
    };
  if (fingerprint(processor.name, version, selectInputs(processor, snapshot, use)) !== manifest.fingerprint)
    return {
      kind: 'inputs',
      reason: `its inputs changed since version ${manifest.version} was published`,
    };
  return null;
}
