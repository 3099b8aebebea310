/**
 * The frontier of a date: of everything that is wanted, what is current, what can run now, what waits and for what. Pure: it
 * follows from the declarations, one snapshot of the warehouse and what the pass has come to, not from the order of messages.
 */
import type { CheckDependenciesRequest, Look, Settled, Want } from '../contracts/activities';
import { blaming, CodeFaultError } from '../contracts/code-fault';
import { failureTypes } from '../contracts/failures';
import {
  closedVerdict,
  idleResult,
  isHeld,
  isSatisfied,
  type GateVerdict,
  type LookVerdict,
  type Policy,
  type ProcessorName,
  type ProcessorResult,
} from '../contracts/phase3';
import type { PlannedLevel } from '../contracts/plan';
import { downstreamsOf, levelOf } from '../plan/levels';
import { blockedResult } from '../explain/blocked-result';
import { describeMissing } from '../explain/describe-missing';
import type { Processor } from '../processors/define-processor';
import type { ManifestRow } from '../tables/orchestration';
import { judgePinned, pinnedResult } from './judge-pinned';
import { judgeProcessor, type ProcessorVersions } from './judge-processor';
import { currentManifest, type DateSnapshot } from './snapshot';
import { unchangedResult, whyRebuild } from './why-rebuild';

/** Processors in the order of the plan, and those of them that a source sets off. */
export interface Registered {
  readonly processors: readonly Processor[];
  readonly sources: readonly string[];
}

export interface FrontierInput {
  readonly registered: Registered;
  readonly snapshot: DateSnapshot;
  readonly policy: Policy;
  readonly versions?: ProcessorVersions;
  readonly request: Omit<CheckDependenciesRequest, 'gameDate' | 'overrides' | 'opens'>;
}

/** How often a processor is started because its inputs moved while it ran. The reason that it fails with says it, too. */
const mostStarts = 4;

/** What a processor's own code makes of it: a verdict, and a result where a run would find nothing to build, or a bug. */
interface Judgement {
  readonly verdict: LookVerdict;
  readonly unchanged: ProcessorResult | null;
  /** What its own code failed with when it was judged. The others are judged all the same. */
  readonly fault: string | null;
}

/** Looks at everything that is wanted of a date, and settles what need not be started, or cannot. */
export function frontier(input: FrontierInput): Omit<Look, 'policy' | 'opened'> {
  return new Frontier(input).look();
}

class Frontier {
  /** What each want names, and what its request is refused for where there is no such thing. */
  private readonly named = new Map<string, readonly ProcessorName[]>();
  private readonly refused: Record<string, string> = {};
  /** Everything that the pass is about. */
  private readonly planned = new Set<ProcessorName>();
  private readonly open = new Set<ProcessorName>();
  private readonly judged = new Map<ProcessorName, Judgement>();
  private readonly rebuilds: Look['rebuilds'] = [];
  /** Verdicts of those whose turn it is. */
  private readonly turns: LookVerdict[] = [];
  /** What this look settles, in its order. */
  private readonly settled = new Map<ProcessorName, ProcessorResult>();
  private readonly kept: Look['kept'] = {};

  constructor(private readonly input: FrontierInput) {}

  look(): Omit<Look, 'policy' | 'opened'> {
    const { wants, running } = this.input.request;
    for (const want of wants) this.resolve(want);
    const asked = [...this.named.values()].flat();
    this.plan(asked);
    this.planWhatWasBuilt();
    // Under way, though nobody wants it any more.
    for (const name of running) this.planned.add(name);
    for (const name of this.planned) if (this.isOpen(name)) this.open.add(name);
    // An upstream that is not current is found by judging, and is then judged itself.
    let known = -1;
    while (known !== this.open.size) {
      known = this.open.size;
      for (const processor of this.inPlan()) if (this.open.has(processor.name)) this.judge(processor);
    }
    const levels = this.levels();
    let isBelowSettled = true;
    for (const { processors } of levels) {
      for (const name of processors) this.takeTurn(name, isBelowSettled);
      isBelowSettled &&= !processors.some((name) => this.open.has(name));
    }
    return {
      names: Object.fromEntries(wants.map(({ key }) => [key, this.namesOf(key)])),
      ...{ refused: this.refused, levels, verdicts: this.turns, rebuilds: this.rebuilds },
      settled: [...this.settled.values()],
      kept: this.kept,
      open: this.inPlan().flatMap(({ name }) => (this.open.has(name) ? [name] : [])),
    };
  }

  private inPlan(): readonly Processor[] {
    return this.input.registered.processors.filter(({ name }) => this.planned.has(name));
  }

  private find(name: ProcessorName): Processor | undefined {
    return this.input.registered.processors.find((processor) => processor.name === name);
  }

  private downstreams(name: ProcessorName): ProcessorName[] {
    return downstreamsOf(this.input.registered.processors, name).map((processor) => processor.name);
  }

  /** What a want names: a rerun brings all of its downstream. */
  private resolve({ key, source, processors, withDownstream }: Want): void {
    const { registered } = this.input;
    const unknown = (processors ?? []).filter((name) => !this.find(name));
    const setOff = registered.processors.filter(({ triggers }) =>
      triggers.some(({ name }) => name === source),
    );
    const names = processors ?? setOff.map(({ name }) => name);
    if (unknown.length > 0)
      this.refused[key] =
        `processors names ${unknown.join(', ')}, expected some of ${registered.processors.map(({ name }) => name).join(', ')}`;
    else if (names.length === 0)
      this.refused[key] =
        `source is ${JSON.stringify(source)}, which triggers no processor; expected one of ${registered.sources.join(', ')}`;
    else
      this.named.set(
        key,
        withDownstream ? [...names, ...names.flatMap((name) => this.downstreams(name))] : names,
      );
  }

  /**
   * What is named, with every downstream that is published already (or it would be left standing on an older upstream) or
   * that is owed. Upstreams are never pulled in: a run whose upstream is not published waits for it.
   */
  private plan(names: readonly ProcessorName[]): void {
    for (const name of names) this.planned.add(name);
    for (const name of names)
      for (const downstream of downstreamsOf(this.input.registered.processors, name))
        if (this.isPublished(downstream) || this.input.request.owed.includes(downstream.name))
          this.planned.add(downstream.name);
  }

  /** Upstreams that this pass has built for what is planned: their other downstream would be left on an older version. */
  private planWhatWasBuilt(): void {
    for (const { name } of [...this.input.registered.processors].reverse())
      if (Object.hasOwn(this.input.request.settled, name) && this.readersOf(name, this.planned).length > 0)
        this.plan([name]);
  }

  /** Those of these that read a processor's table, and for which nobody waives it. */
  private readersOf(name: ProcessorName, among: Iterable<ProcessorName>): ProcessorName[] {
    return [...among].filter(
      (reader) =>
        Object.values(this.find(reader)?.upstreams ?? {}).some((upstream) => upstream.name === name) &&
        !this.isGiven(reader, name),
    );
  }

  private isPublished({ table }: Processor): boolean {
    return currentManifest(this.input.snapshot, table) !== null;
  }

  /** Everything that a want comes to: what it names, and the downstream of that which the pass is about. */
  private namesOf(key: string): ProcessorName[] {
    const names = this.named.get(key) ?? [];
    const all = new Set([...names, ...names.flatMap((name) => this.downstreams(name))]);
    return this.inPlan().flatMap(({ name }) => (all.has(name) ? [name] : []));
  }

  /** Not settled yet, wanted again since, or built on an upstream that has been published since. */
  private isOpen(name: ProcessorName): boolean {
    const { settled, running, wants } = this.input.request;
    const own = settled[name];
    if (!own || running.includes(name)) return true;
    if (wants.some(({ key, at }) => at > own.at && this.namesOf(key).includes(name))) return true;
    return Object.values(this.find(name)?.upstreams ?? {}).some((upstream) => {
      const other = settled[upstream.name];
      return other?.outcome === 'published' && other.at > own.at;
    });
  }

  private judge(processor: Processor): void {
    const { name } = processor;
    if (this.judged.has(name) || this.input.request.running.includes(name)) return;
    const judgement = this.judgementOn(processor);
    this.judged.set(name, judgement);
    const stopped = this.stopped(processor);
    for (const { processor: upstream, reason } of judgement.verdict.staleUpstreams) {
      // What was tried for it and came to nothing is not tried again before somebody wants it again.
      if (this.open.has(upstream) || stopped?.by === upstream) continue;
      this.planned.add(upstream);
      this.open.add(upstream);
      this.rebuilds.push({ processor: upstream, reason, before: name });
    }
  }

  /** A bug in the code of one processor is a verdict on that one. */
  private judgementOn(processor: Processor): Judgement {
    const { snapshot, policy, versions = {}, request } = this.input;
    const waiver = request.waivers?.[processor.name];
    const common = {
      level: levelOf(processor, this.isWaived),
      liveVersion: currentManifest(snapshot, processor.table)?.version ?? 0,
    };
    const pinned = this.isForced(processor) ? null : judgePinned(processor, snapshot, versions);
    if (pinned)
      return {
        verdict: { ...pinned.verdict, ...common },
        unchanged:
          pinned.altered === null && !this.isPublishedHere(pinned.manifest) ? pinnedResult(pinned) : null,
        fault: null,
      };
    try {
      const verdict = judgeProcessor(processor, snapshot, policy, {
        versions,
        waiver,
        heard: request.heard ?? {},
      });
      const builder = { processor, gameDate: snapshot.gameDate };
      const unchanged = blaming(builder, () => this.unchanged(processor, verdict));
      return { verdict: { ...verdict, ...common }, unchanged, fault: null };
    } catch (error) {
      if (!(error instanceof CodeFaultError)) throw error;
      const verdict = { ...closedVerdict(processor.name), ...common };
      return { verdict, unchanged: null, fault: error.message };
    }
  }

  /** Gives a processor its turn, if it has one, and settles it where it need not be started or cannot be. */
  private takeTurn(name: ProcessorName, isBelowSettled: boolean): void {
    const [processor, judgement] = [this.find(name), this.judged.get(name)];
    if (!processor || !judgement || !this.open.has(name)) return;
    if (Object.values(processor.upstreams).some((one) => this.goesBefore(one.name, name))) return;
    const { verdict } = judgement;
    const nothing = this.nothingToBuild(judgement);
    // What reads it is under way: it is not built before that has ended.
    if (!nothing && this.readersOf(name, this.input.request.running).length > 0) return;
    this.turns.push(verdict);
    const isLacking = isHeld(verdict) || verdict.missingGames.some(({ isLive }) => isLive);
    const isKept = !nothing && judgement.fault === null && this.isFreed(name) && isLacking;
    // Nothing is said of its version: nobody has looked whether it is what it would be now.
    if (isKept) this.kept[name] = describeMissing([verdict]);
    const result = nothing ?? (isKept ? null : this.outcomeOf(processor, judgement, isBelowSettled));
    if (result) this.settled.set(name, result);
    if (result || isKept) this.open.delete(name);
  }

  /** Whether an upstream that is open keeps a processor from its turn. */
  private goesBefore(upstream: ProcessorName, name: ProcessorName): boolean {
    return this.open.has(upstream) && !this.isWaived(name, upstream);
  }

  private nothingToBuild({ verdict, unchanged }: Judgement): ProcessorResult | null {
    const { gameDate } = this.input.snapshot;
    if (unchanged || !verdict.skip) return unchanged;
    const { skip, processor, missingGames } = verdict;
    const why =
      missingGames.length > 0
        ? `every game of ${gameDate} is left out or discarded`
        : `the schedule has no game on ${gameDate}`;
    return { ...this.result(processor, 'skipped', `${skip}: ${why}`), missingGames };
  }

  /** What comes of a processor that cannot be started; null where it is ready, or waits. */
  private outcomeOf(
    processor: Processor,
    { verdict, fault }: Judgement,
    isBelowSettled: boolean,
  ): ProcessorResult | null {
    const { name } = processor;
    const { starts = {}, lastChance } = this.input.request;
    if (fault !== null) return this.result(name, 'failed', `${failureTypes.codeFault}: ${fault}`);
    const stopped = this.stopped(processor);
    if (stopped) {
      const { by, table, outcome, reason = '', missing = [] } = stopped;
      // Nothing failed where the upstream only waits for its input.
      const own = outcome === 'blocked' || outcome === 'waiting' ? outcome : 'upstream_failed';
      const why = `not started: ${table} is missing because ${by} is ${outcome} (${reason})`;
      return { ...this.result(name, own, why), missing: [table, ...missing] };
    }
    if (verdict.canRun)
      return (starts[name] ?? 0) >= mostStarts
        ? this.result(name, 'failed', 'its inputs changed while it ran, four times in a row')
        : null;
    if (lastChance === undefined || !isBelowSettled) return null;
    return blockedResult(verdict, lastChance, this.live(name));
  }

  /** The result of a processor that was not started. */
  private result(name: ProcessorName, outcome: ProcessorResult['outcome'], reason: string): ProcessorResult {
    return { ...idleResult(name, outcome, reason), ...this.live(name) };
  }

  private live(name: ProcessorName): Pick<ProcessorResult, 'version' | 'rowCount'> {
    const processor = this.find(name);
    const manifest = processor && currentManifest(this.input.snapshot, processor.table);
    return { version: manifest?.version ?? null, rowCount: manifest?.row_count ?? null };
  }

  /** What comes of a processor that would find nothing to build; null when it has to be started. */
  private unchanged(processor: Processor, verdict: GateVerdict): ProcessorResult | null {
    const { snapshot, versions = {}, request } = this.input;
    const { waivers = {} } = request;
    const manifest = currentManifest(snapshot, processor.table);
    // What was waived is used up by a run, or cleared.
    if (!verdict.canRun || !manifest || waivers[processor.name] || this.isForced(processor)) return null;
    if (this.isPublishedHere(manifest)) return null;
    return whyRebuild(processor, verdict, snapshot, versions) === null
      ? unchangedResult(verdict, manifest)
      : null;
  }

  /** Whether somebody wants it built even if nothing has changed; somebody may force all that a source sets off. */
  private isForced({ name, triggers }: Processor): boolean {
    const { forced = [] } = this.input.request;
    return [name, ...triggers.map((source) => source.name)].some((one) => forced.includes(one));
  }

  /** Whether an attempt of this pass has published what is live, and was lost before it could say so: its publisher has to. */
  private isPublishedHere(live: ManifestRow): boolean {
    const { settled, runId, pass } = this.input.request;
    const isOwn = live.run_id === runId && live.pass === pass;
    return isOwn && settled[live.processor]?.outcome !== 'published';
  }

  /** An upstream that was tried in this pass, since it was last wanted, and that is not published. */
  private stopped({
    name,
    upstreams,
  }: Processor): (Omit<Settled, 'at'> & { by: ProcessorName; table: string }) | null {
    const { settled, wants } = this.input.request;
    const wantedAt = Math.max(
      0,
      ...wants.filter(({ key }) => this.namesOf(key).includes(name)).map(({ at }) => at),
    );
    for (const { name: by, table } of Object.values(upstreams)) {
      const before = settled[by];
      const tried = this.settled.get(by) ?? (before && before.at >= wantedAt ? before : null);
      if (!tried || this.open.has(by) || this.isWaived(name, by)) continue;
      if (isSatisfied(tried.outcome) || tried.outcome === 'skipped') continue;
      return { ...tried, by, table: table.name };
    }
    return null;
  }

  /** Whether a processor does without an upstream: by a bypass, where there is nothing to wait for. */
  private readonly isWaived = (name: ProcessorName, upstream: ProcessorName): boolean => {
    return this.isGiven(name, upstream) && !this.isComing(upstream);
  };

  /** Whether a bypass lets a processor run without an upstream. */
  private isGiven(name: ProcessorName, upstream: ProcessorName): boolean {
    const table = this.find(upstream)?.table.name ?? '';
    return this.input.request.waivers?.[name]?.tables.includes(table) === true;
  }

  /** Whether an upstream is under way, or can be: what it will have of the other games is not done without. */
  private isComing(upstream: ProcessorName): boolean {
    if (this.input.request.running.includes(upstream)) return true;
    return this.open.has(upstream) && this.judged.get(upstream)?.verdict.canRun === true;
  }

  /** Whether nobody wants its rows: it is open only because it could be rid of its bypass now. */
  private isFreed(name: ProcessorName): boolean {
    const { standing = [], wants, settled } = this.input.request;
    const since = settled[name]?.at ?? 0;
    const isNamed = wants.some(
      ({ key, at, onlyToClear }) =>
        at > since && this.named.get(key)?.includes(name) && !onlyToClear.includes(name),
    );
    return standing.includes(name) && !isNamed;
  }

  private levels(): PlannedLevel[] {
    const levels = new Map<number, Processor[]>();
    for (const processor of this.inPlan()) {
      const level = levelOf(processor, this.isWaived);
      levels.set(level, [...(levels.get(level) ?? []), processor]);
    }
    return [...levels]
      .sort(([a], [b]) => a - b)
      .map(([level, own]) => ({
        level,
        processors: own.map(({ name }) => name),
        description: [...new Set(own.map(({ description }) => description))].join('; '),
      }));
  }
}
