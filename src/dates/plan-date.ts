/**
 * What a run of a date would do, and how each of its tables stands before it: judged by the functions that a run uses, and built in
 * memory where it would be built, so that what a check would refuse is foreseen as well. Pure.
 */
import type { BuildInfo } from '../contracts/code-identity';
import { parseBypass } from '../contracts/bypass-mark';
import type { NodeState, PlannedDate, PlannedNode, PlannedRaw, StaleCause } from '../contracts/date-plan';
import { isLacking, type GameVerdict, type Policy, type ProcessorName } from '../contracts/phase3';
import { newestResults, recordedDate } from '../contracts/run-record';
import { judgeCurrent } from '../gate/judge-processor';
import { movedInputs } from '../gate/moved-inputs';
import { currentManifest, gamesOf, type DateSnapshot } from '../gate/snapshot';
import { downstreamsOf } from '../plan/levels';
import type { Processor } from '../processors/define-processor';
import { inputHash } from '../publishing/fingerprint';
import { foresee, type Foreseen } from '../publishing/foresee';
import { rawSources } from '../tables/catalogue';
import { compareByKey } from '../tables/compare';
import type { ReadDate } from './read-dates';

export interface PlanOptions {
  /** All of them, in level order. */
  readonly processors: readonly Processor[];
  /** Those that are asked for; null for all. */
  readonly asked: readonly ProcessorName[] | null;
  readonly policy: Policy;
  readonly build: BuildInfo;
}

export function planDate({ snapshot, history, isOpen }: ReadDate, options: PlanOptions): PlannedDate {
  const recorded = newestResults(history);
  const isCancelled = recordedDate(history)?.state === 'cancelled';
  const found = foreseeAsked(snapshot, options);
  return {
    game_date: snapshot.gameDate,
    games: gamesOf(snapshot).filter(({ game }) => game.leftOut === null).length,
    open: isOpen,
    nodes: found
      .map((one) => nodeOf(one, found, snapshot, recorded.get(one.processor.name)?.outcome ?? null))
      .map((node) => (isCancelled && node.action === 'build' ? cancelled(node) : node)),
    raw: rawSources.map(({ table }) => rawOf(snapshot, table)),
  };
}

/**
 * What a run that names these processors comes to for all that it takes in: what it names, the published downstream of it, and
 * published upstreams that are not up to date, with theirs. The same as the frontier plans.
 */
function foreseeAsked(
  snapshot: DateSnapshot,
  { processors, asked, policy, build }: PlanOptions,
): readonly Foreseen[] {
  const scope = new Set<ProcessorName>();
  const take = (name: ProcessorName): void => {
    scope.add(name);
    for (const downstream of downstreamsOf(processors, name))
      if (currentManifest(snapshot, downstream.table)) scope.add(downstream.name);
  };
  for (const name of asked ?? processors.map((processor) => processor.name)) take(name);
  for (;;) {
    const own = processors.filter(({ name }) => scope.has(name));
    const found = foresee(own, snapshot, { policy, build });
    const stale = found.flatMap(({ verdict }) => verdict.staleUpstreams.map(({ processor }) => processor));
    const further = stale.filter((name) => !scope.has(name));
    if (further.length === 0) return found;
    further.forEach(take);
  }
}

function nodeOf(
  one: Foreseen,
  found: readonly Foreseen[],
  snapshot: DateSnapshot,
  recorded: string | null,
): PlannedNode {
  const { processor, live, next, verdict } = one;
  const state = stateOf(one, recorded);
  const { reason } = one;
  return {
    ...{ processor: processor.name, table: processor.table.name, state },
    because: state === 'stale' ? causeOf(one, found, snapshot) : null,
    reason:
      live && !next && one.outcome === 'blocked'
        ? `${reason}; version ${live.manifest.version} stays`
        : reason,
    action: next ? 'build' : isKept(one, state) ? 'keep' : 'wait',
    version: live?.manifest.version ?? null,
    fingerprint: next?.manifest.fingerprint ?? null,
    lacking: verdict.missingGames.filter(isLacking).map(({ gameId }) => gameId),
  };
}

function isKept({ outcome }: Foreseen, state: NodeState): boolean {
  return outcome === 'unchanged' || outcome === 'skipped' || state === 'bypassed';
}

function stateOf(one: Foreseen, recorded: string | null): NodeState {
  const { outcome, verdict, live } = one;
  if (verdict.pin) return 'pinned';
  switch (outcome) {
    case 'skipped':
      return 'no_games';
    case 'failed':
    case 'quarantined':
      return outcome;
    case 'unchanged':
      return stateOfCurrent(one, recorded);
    case 'blocked':
      if (isBypassed(one)) return 'bypassed';
      return verdict.missingGames.some(isHeldGame) ? 'held' : 'missing';
    case 'published':
      if (recorded === 'failed' || recorded === 'upstream_failed') return 'failed';
      if (recorded === 'quarantined') return 'quarantined';
      return live ? 'stale' : 'not_run';
  }
}

/** Of a version that is what a run would build. */
function stateOfCurrent(one: Foreseen, recorded: string | null): NodeState {
  const { missingGames } = one.verdict;
  if (isBypassed(one)) return 'bypassed';
  if (missingGames.some(isHeldGame)) return 'held';
  if (missingGames.some(isLacking)) return 'partial';
  return recorded === 'unchanged' ? 'unchanged' : 'published';
}

function isHeldGame({ status }: GameVerdict): boolean {
  return status === 'held' || status === 'disputed';
}

function isBypassed({ live }: Foreseen): boolean {
  return parseBypass(live?.manifest.bypass ?? null)?.kind === 'person';
}

/** What a live version is not current for, on the date as it is, before anything of it is built anew. */
function causeOf(
  { processor, live }: Foreseen,
  found: readonly Foreseen[],
  snapshot: DateSnapshot,
): StaleCause {
  const upstreams = Object.values(processor.upstreams);
  const now = judgeCurrent(processor, snapshot);
  if (!now || !live)
    return found.some((other) => other.next && upstreams.includes(other.processor)) ? 'upstream' : 'bypass';
  switch (now.kind) {
    case 'rows':
    case 'adopted':
      return now.kind;
    case 'version':
      return 'code';
    case 'unpublished':
    case 'inputs': {
      const tables = upstreams.map(({ table }) => table.name);
      const moved = movedInputs(processor, snapshot, live.manifest);
      const isUpstream = moved.every(({ table, gameId }) => gameId === null && tables.includes(table ?? ''));
      return moved.length > 0 && isUpstream ? 'upstream' : 'inputs';
    }
  }
}

function cancelled(node: PlannedNode): PlannedNode {
  const reason = `the date was cancelled by a person, and only \`phase3 run\` takes it up again; ${node.reason}`;
  return { ...node, action: 'wait', fingerprint: null, reason };
}

function rawOf({ rows }: DateSnapshot, table: (typeof rawSources)[number]['table']): PlannedRaw {
  const own = [...(rows[table.name] ?? [])].sort(compareByKey(table));
  return { table: table.name, rows: own.length, hash: inputHash(own) };
}
