/** The gate of one level: asks the dependency check, and waits, durably, for what is missing. */
import { ActivityFailure, condition, isCancellation, sleep, workflowInfo } from '@temporalio/workflow';
import type { CheckDependenciesRequest } from '../contracts/activities';
import {
  uncheckedVerdict,
  type GateVerdict,
  type ProcessorName,
  type ProcessorResult,
} from '../contracts/phase3';
import { describeMissing } from '../explain/describe-missing';
import type { PlannedLevel } from '../plan/registry';
import { checkDependencies } from './activity-stubs';
import { bypassOf } from './bypasses';
import { now } from './date-run';
import { isPastJoining, join, mayJoin } from './join-pass';
import type { PassContext } from './pass-context';
import { openWaivers, record, sentenceOf, settle, shortName } from './settle';

/** Probes are at least this far apart, however often the gate is woken. */
const shortestProbeGapMs = 1_000;

export type GateEnd =
  | { kind: 'done' }
  /** A request arrived while the gate waits. */
  | { kind: 'interrupted' }
  /** These must be planned (again) before the rest. */
  | { kind: 'replan'; processors: ProcessorName[] };

/** One answer of the dependency check. */
interface Probe {
  readonly verdicts: readonly GateVerdict[];
  /** ms since the epoch, when it was asked. */
  readonly askedMs: number;
  /** How often the date had been woken by then. */
  readonly wakesBefore: number;
}

/**
 * Passes the gate of a level: probes until nothing waits any more, the deadline passes, or the pass must be planned again.
 * `start` is called with the processors that a probe found ready; they leave `waiting`.
 */
export function passGate(
  context: PassContext,
  level: PlannedLevel,
  waiting: Set<ProcessorName>,
  start: (ready: ProcessorName[]) => void,
): Promise<GateEnd> {
  return new Gate(context, level, waiting, start).pass();
}

class Gate {
  private backOffMs: number;
  private hasProbedAgain = false;

  constructor(
    private readonly context: PassContext,
    private readonly level: PlannedLevel,
    private readonly waiting: Set<ProcessorName>,
    private readonly start: (ready: ProcessorName[]) => void,
  ) {
    this.backOffMs = context.opened.policy.firstWaitMs;
  }

  async pass(): Promise<GateEnd> {
    while (this.waiting.size > 0) {
      const probe = await this.ask();
      await this.takeUp(probe.verdicts);
      this.letStand(probe.verdicts);
      if (this.waiting.size === 0) break;
      const held = probe.verdicts.filter(({ processor }) => this.waiting.has(processor));
      const end = this.replanFor(held) ?? (await this.waitFor(held, probe));
      if (end) return end;
    }
    return { kind: 'done' };
  }

  /** Asks the dependency check about all that waits. */
  private async ask(): Promise<Probe> {
    const { date, pass } = this.context;
    if (this.joins()) join(date);
    const wakesBefore = date.wakes;
    // The probe answers whoever asked for one, unless it leaves out what this pass has given up on.
    if (![...pass.settledNow.values()].some(({ outcome }) => outcome === 'blocked')) date.recheck = null;
    const askedMs = Date.now();
    const askedAt = now();
    const verdicts = await check(this.context, [...this.waiting]);
    pass.probes += 1;
    date.apply({ type: 'gateJudged', level: this.level.level, verdicts, askedAt, at: now() });
    return { verdicts, askedMs, wakesBefore };
  }

  /** A long life continues in a new run between two passes, so then one is ended. */
  private joins(): boolean {
    return (
      mayJoin(this.context, this.level, this.waiting) &&
      !workflowInfo().continueAsNewSuggested &&
      !isPastJoining(this.context, now())
    );
  }

  /** Starts what is ready, and settles what is unchanged or has nothing to do. */
  private async takeUp(verdicts: readonly GateVerdict[]): Promise<void> {
    const { context, waiting } = this;
    const ready = verdicts.filter(({ canRun }) => canRun);
    for (const { processor } of ready) waiting.delete(processor);
    const unchanged = ready.flatMap((verdict) => verdict.unchanged ?? []);
    const toStart = ready.filter((verdict) => !verdict.unchanged).map(({ processor }) => processor);
    if (toStart.length > 0) this.start(toStart);
    if (unchanged.length > 0) {
      const processors = unchanged.map(({ processor }) => processor);
      context.date.apply({ type: 'foundUnchanged', level: this.level.level, processors, at: now() });
      for (const result of unchanged) record(context, result);
      await context.date.tryAudit();
    }
    for (const { processor, skip } of verdicts) {
      if (!skip) continue;
      waiting.delete(processor);
      const reason = `${skip}: the schedule has no game on ${context.pass.token.gameDate}`;
      settle(context, { processor, outcome: 'skipped', reason });
    }
  }

  /** What runs only to be rid of a bypass, and cannot, stays on it. */
  private letStand(verdicts: readonly GateVerdict[]): void {
    const { date, freed } = this.context;
    for (const verdict of verdicts) {
      const { processor } = verdict;
      const bypass = bypassOf(date.state, processor, 'standing');
      if (!this.waiting.has(processor) || !freed.has(processor) || !bypass) continue;
      this.waiting.delete(processor);
      // Nothing is said of its version: nobody has looked whether it is what it would be now.
      date.apply({ type: 'goesOnStanding', bypass, missing: describeMissing([verdict]), at: now() });
    }
  }

  /** Upstreams that are published and not current are built before what waits for them, as often as a pass may. */
  private replanFor(held: readonly GateVerdict[]): GateEnd | null {
    const stale = held.filter((verdict) => verdict.staleUpstreams.length > 0);
    if (stale.length === 0 || this.context.replansLeft === 0) return null;
    this.context.replansLeft -= 1;
    this.context.date.apply({ type: 'upstreamsAdded', verdicts: stale, at: now() });
    const upstreams = stale.flatMap((verdict) => verdict.staleUpstreams.map(({ processor }) => processor));
    return { kind: 'replan', processors: [...upstreams, ...this.waiting] };
  }

  /** Waits until the next probe, or ends the wait: by a request, or at the deadline. Null when it is time to probe again. */
  private async waitFor(held: readonly GateVerdict[], probe: Probe): Promise<GateEnd | null> {
    const { date, pass, patient, opened } = this.context;
    const since = Date.now();
    const deadline =
      date.state.deadline ?? new Date(since + (patient ? opened.policy.deadlineMs : 0)).toISOString();
    const leftMs = Date.parse(deadline) - since;
    if (leftMs <= 0) return this.endAtDeadline(held, deadline, probe);
    const waitMs = Math.min(this.backOffMs, leftMs);
    const nextProbeAt = new Date(since + waitMs).toISOString();
    date.apply({ type: 'gateWaits', level: this.level.level, nextProbeAt, deadline, at: now() });
    const missing = [...new Set(held.flatMap((verdict) => verdict.missing))].join(', ');
    const woken = await condition(() => date.hasNews() || date.wakes !== probe.wakesBefore, waitMs, {
      summary: `level ${this.level.level} waits for ${missing}`,
    });
    pass.waitedMs += Date.now() - since;
    if (date.hasNews() && !this.joins()) {
      // The next pass probes at once: however many requests come, so far apart.
      await restAfter(probe);
      for (const verdict of held) settle(this.context, waitingResult(verdict));
      return { kind: 'interrupted' };
    }
    if (!woken) this.backOffMs = Math.min(this.backOffMs * 2, opened.policy.longestWaitMs);
    // Whoever has waited a gap out is not early, whatever the clock says: a command must not hang on two readings of it.
    // A workflow task that was lost and given out again was once seen to replay with another time than it had run with.
    if (woken || waitMs < shortestProbeGapMs) await restAfter(probe);
    return null;
  }

  /** Blocks what is still held, unless somebody has news that came too late for this probe and in time for another. */
  private async endAtDeadline(
    held: readonly GateVerdict[],
    deadline: string,
    probe: Probe,
  ): Promise<GateEnd | null> {
    const { context } = this;
    if (!this.hasProbedAgain && context.date.wakes !== probe.wakesBefore) {
      this.hasProbedAgain = true;
      await restAfter(probe);
      return null;
    }
    const reason = context.patient ? `still missing at the deadline, ${deadline}` : whyAskedOnce(context);
    for (const verdict of held) settle(context, blockedResult(verdict, reason));
    return { kind: 'done' };
  }
}

/** Waits out what is left of the gap between two probes. */
async function restAfter({ askedMs }: Probe): Promise<void> {
  const restMs = askedMs + shortestProbeGapMs - Date.now();
  if (restMs > 0) await sleep(restMs);
}

/** Runs the dependency check; a check that could not be made is a verdict too, and never a pass. */
async function check(context: PassContext, names: ProcessorName[]): Promise<GateVerdict[]> {
  try {
    const waivers = openWaivers(context.date, names);
    const forced = names.filter((name) => Object.hasOwn(context.date.state.forced, name));
    const request: CheckDependenciesRequest = {
      gameDate: context.pass.token.gameDate,
      processors: names,
      policy: context.opened.policy,
      ...(Object.keys(waivers).length > 0 ? { waivers } : {}),
      ...(forced.length > 0 ? { forced } : {}),
      pass: context.pass.token,
    };
    return await checkDependencies.executeWithOptions(
      { summary: `are all inputs of ${names.map(shortName).join(', ')}?` },
      [request],
    );
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return names.map((name) => uncheckedVerdict(name, sentenceOf(error)));
  }
}

/** Why nobody waits for what is missing. */
function whyAskedOnce({ date }: PassContext): string {
  return date.state.pending.some(({ kind }) => kind === 'backfill')
    ? 'missing, and a backfill does not wait'
    : 'still missing at the recheck';
}

function blockedResult(verdict: GateVerdict, why: string): Parameters<typeof settle>[1] {
  return {
    processor: verdict.processor,
    outcome: 'blocked',
    reason: `${why}: ${describeMissing([verdict])}`,
    ...evidenceOf(verdict),
  };
}

function waitingResult(verdict: GateVerdict): Parameters<typeof settle>[1] {
  return {
    processor: verdict.processor,
    outcome: 'waiting',
    reason: `missing: ${describeMissing([verdict])}`,
    ...evidenceOf(verdict),
  };
}

/** What a processor lacks, as its gate found it. */
function evidenceOf(verdict: GateVerdict): Partial<ProcessorResult> {
  const { missing, missingGames, details, expected, readyGames, finalGames } = verdict;
  return { missing, missingGames, details, readyGames, finalGames, ...(expected ? { expected } : {}) };
}
