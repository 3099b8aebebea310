/**
 * The frontier of a date: of everything that is wanted, what is current, what can run now, what waits and for what. Pure: it
 * follows from the declarations, one snapshot of the warehouse and what the pass has come to, not from the order of messages.
 */
import type { CheckDependenciesRequest, Look, Want } from '../contracts/activities';
import { blaming, CodeFaultError } from '../contracts/code-fault';
import {
  closedVerdict,
  isSatisfied,
  type GateVerdict,
  type LookVerdict,
  type Policy,
  type ProcessorName,
  type ProcessorResult,
} from '../contracts/phase3';
import type { PlannedLevel } from '../contracts/plan';
import { downstreamsOf, levelOf } from '../plan/levels';
import type { Processor } from '../processors/define-processor';
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

/** Looks at everything that is wanted of a date. */
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
  private readonly verdicts = new Map<ProcessorName, LookVerdict>();
  private readonly rebuilds: Look['rebuilds'] = [];

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
    let judged = -1;
    while (judged !== this.open.size) {
      judged = this.open.size;
      for (const { name } of this.inPlan()) if (this.open.has(name)) this.judge(name);
    }
    const turns = this.inPlan().flatMap(({ name }) =>
      this.isItsTurn(name) ? [this.verdicts.get(name)] : [],
    );
    return {
      names: Object.fromEntries(wants.map(({ key }) => [key, this.namesOf(key)])),
      refused: this.refused,
      levels: this.levels(),
      open: this.inPlan().flatMap(({ name }) => (this.open.has(name) ? [name] : [])),
      verdicts: turns.filter((verdict) => verdict !== undefined),
      rebuilds: this.rebuilds,
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
      for (const downstream of this.downstreams(name))
        if (this.isPublished(downstream) || this.input.request.owed.includes(downstream))
          this.planned.add(downstream);
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
        !this.isWaived(reader, name),
    );
  }

  private isPublished(name: ProcessorName): boolean {
    const processor = this.find(name);
    return processor !== undefined && currentManifest(this.input.snapshot, processor.table) !== null;
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

  private judge(name: ProcessorName): void {
    const processor = this.find(name);
    if (!processor || this.verdicts.has(name) || this.input.request.running.includes(name)) return;
    const verdict = this.verdictOn(processor);
    const stopped = this.stopped(processor);
    this.verdicts.set(name, {
      ...verdict,
      level: levelOf(processor, this.isWaived),
      liveVersion: currentManifest(this.input.snapshot, processor.table)?.version ?? 0,
      ...(stopped && !verdict.skip ? { stopped } : {}),
      ...(this.isFreed(name) ? { isFreed: true } : {}),
    });
    for (const { processor: upstream, reason } of verdict.staleUpstreams) {
      // What was tried for it and came to nothing is not tried again before somebody wants it again.
      if (this.open.has(upstream) || stopped?.by === upstream) continue;
      this.planned.add(upstream);
      this.open.add(upstream);
      this.rebuilds.push({ processor: upstream, reason, before: name });
    }
  }

  /** A bug in the code of one processor is a verdict on that one. */
  private verdictOn(processor: Processor): GateVerdict & Pick<LookVerdict, 'unchanged' | 'fault'> {
    const { snapshot, policy, versions = {}, request } = this.input;
    const waiver = request.waivers?.[processor.name];
    try {
      const verdict = judgeProcessor(processor, snapshot, policy, { versions, waiver });
      const builder = { processor, gameDate: snapshot.gameDate };
      const unchanged = blaming(builder, () => this.unchanged(processor, verdict));
      return { ...verdict, ...(unchanged ? { unchanged } : {}) };
    } catch (error) {
      if (!(error instanceof CodeFaultError)) throw error;
      return { ...closedVerdict(processor.name), fault: error.message };
    }
  }

  /** What comes of a processor that would find nothing to build; null when it has to be started. */
  private unchanged(processor: Processor, verdict: GateVerdict): ProcessorResult | null {
    const { snapshot, versions = {}, request } = this.input;
    // Somebody may force all that a source sets off.
    const { waivers = {}, forced = [], settled, runId, pass } = request;
    const manifest = currentManifest(snapshot, processor.table);
    // What was waived is used up by a run, or cleared.
    const names = [processor.name, ...processor.triggers.map(({ name }) => name)];
    const isForced = names.some((name) => forced.includes(name));
    if (!verdict.canRun || !manifest || waivers[processor.name] || isForced) return null;
    // What an attempt of this pass has published, and was lost before it could say so, comes from its publisher.
    const isOwn = manifest.run_id === runId && manifest.pass === pass;
    if (isOwn && settled[processor.name]?.outcome !== 'published') return null;
    return whyRebuild(processor, verdict, snapshot, versions) === null
      ? unchangedResult(verdict, manifest)
      : null;
  }

  /** An upstream that was tried in this pass, since it was last wanted, and that is not published. */
  private stopped({ name, upstreams }: Processor): LookVerdict['stopped'] | null {
    const { settled, wants } = this.input.request;
    const wantedAt = Math.max(
      0,
      ...wants.filter(({ key }) => this.namesOf(key).includes(name)).map(({ at }) => at),
    );
    for (const upstream of Object.values(upstreams)) {
      const tried = settled[upstream.name];
      if (!tried || tried.at < wantedAt || this.open.has(upstream.name)) continue;
      if (isSatisfied(tried.outcome) || tried.outcome === 'skipped') continue;
      if (this.isWaived(name, upstream.name)) continue;
      return { by: upstream.name, table: upstream.table.name };
    }
    return null;
  }

  private readonly isWaived = (name: ProcessorName, upstream: ProcessorName): boolean => {
    const table = this.find(upstream)?.table.name ?? '';
    return this.input.request.waivers?.[name]?.tables.includes(table) === true;
  };

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

  /**
   * Nothing that it reads is about to be built, and nothing that reads it is under way. What is found unchanged, or has no
   * games, is not built.
   */
  private isItsTurn(name: ProcessorName): boolean {
    const processor = this.find(name);
    if (!processor || !this.open.has(name) || !this.verdicts.has(name)) return false;
    if (this.isToBeBuilt(name) && this.readersOf(name, this.input.request.running).length > 0) return false;
    return !Object.values(processor.upstreams).some(
      (upstream) => this.isToBeBuilt(upstream.name) && !this.isWaived(name, upstream.name),
    );
  }

  private isToBeBuilt(name: ProcessorName): boolean {
    const verdict = this.verdicts.get(name);
    return this.open.has(name) && !verdict?.unchanged && !verdict?.skip;
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
