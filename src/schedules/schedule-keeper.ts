/** Keeps the schedules on the server as the code wants them, and does with them what people ask. Deletes none. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleClient,
  type ScheduleDescription,
} from '@temporalio/client';
import type { Identity } from '../contracts/identity';
import { scheduleIdPrefix } from '../contracts/schedules';
import type { SentinelSettings } from '../contracts/sentinel';
import { driftOf, type FieldDrift } from './compare-schedules';
import { optionsOf, wantedSchedules, type WantedSchedule } from './wanted-schedules';

/** A schedule that the code wants, as the server has it. */
export interface KeptSchedule {
  readonly name: string;
  /** Whether it is not on the server: then nothing else is known of it. */
  readonly missing: boolean;
  /** The next times, also of a paused schedule, which lets them pass. */
  readonly next: readonly Date[];
  readonly paused: boolean;
  /** What somebody said of it last: who paused or resumed it, and why. */
  readonly note: string | null;
  readonly drift: readonly FieldDrift[];
}

/** A schedule that the code does not know, though its name begins as ours do. */
export interface UnknownSchedule {
  readonly name: string;
  readonly workflowType: string;
  readonly paused: boolean;
}

export interface ScheduleListing {
  readonly schedules: readonly KeptSchedule[];
  readonly unknown: readonly UnknownSchedule[];
}

export interface AppliedSchedule {
  readonly name: string;
  readonly outcome: 'created' | 'updated' | 'unchanged';
  /** What was mended. */
  readonly drift: readonly FieldDrift[];
  readonly paused: boolean;
  readonly note: string | null;
}

export interface ApplyReport {
  readonly schedules: readonly AppliedSchedule[];
  /** Left alone. */
  readonly unknown: readonly UnknownSchedule[];
}

/** A decision about a schedule, and what it replaced. */
export interface NotedSchedule {
  readonly name: string;
  /** Not on the server, so nothing was done. */
  readonly missing: boolean;
  readonly paused: boolean;
  readonly note: string | null;
  readonly before: { readonly paused: boolean; readonly note: string | null } | null;
}

export interface TriggeredSchedule {
  readonly name: string;
  readonly missing: boolean;
  /** The launch that was started; null when the server has not named one in time. */
  readonly workflowId: string | null;
}

/** How often the next launch is looked for after a trigger, and for how long. The server starts it within a second. */
const lookEveryMs = 100;
const looks = 100;

export class ScheduleKeeper {
  private readonly wanted: readonly WantedSchedule[];

  constructor(
    private readonly client: ScheduleClient,
    private readonly identity: Identity,
    sentinel: Pick<SentinelSettings, 'everyMs'>,
  ) {
    this.wanted = wantedSchedules(identity, sentinel);
  }

  /** Creates what is missing and mends what has drifted, of `names`. Who paused a schedule, and why, stays as it is. */
  async apply(
    names: readonly string[] = this.wanted.map(({ scheduleId }) => scheduleId),
  ): Promise<ApplyReport> {
    const schedules: AppliedSchedule[] = [];
    for (const wanted of this.wanted)
      if (names.includes(wanted.scheduleId)) schedules.push(await this.applyOne(wanted));
    return { schedules, unknown: await this.unknown() };
  }

  async list(): Promise<ScheduleListing> {
    const schedules: KeptSchedule[] = [];
    for (const wanted of this.wanted) {
      const name = wanted.scheduleId;
      const found = await this.describe(name);
      if (!found) schedules.push({ name, missing: true, next: [], paused: false, note: null, drift: [] });
      else
        schedules.push({
          ...{ name, missing: false, drift: driftOf(wanted, found) },
          ...{ next: found.info.nextActionTimes, ...pauseOf(found) },
        });
    }
    return { schedules, unknown: await this.unknown() };
  }

  /** Pauses these schedules. The note on each says who and why, and replaces the one that was there. */
  pause(names: readonly string[], by: string, reason: string): Promise<NotedSchedule[]> {
    return this.decide(names, (name) => this.client.getHandle(name).pause(`paused by ${by}: ${reason}`));
  }

  /** Lets these schedules go on. The note on each says who and why. */
  resume(names: readonly string[], by: string, reason: string): Promise<NotedSchedule[]> {
    return this.decide(names, (name) => this.client.getHandle(name).unpause(`resumed by ${by}: ${reason}`));
  }

  /** Launches one now, paused or not: a nightly one for the day before the present day in New York. */
  async trigger(name: string): Promise<TriggeredSchedule> {
    const before = await this.describe(name);
    if (!before) return { name, missing: true, workflowId: null };
    const known = new Set(launchesOf(before));
    await anotherSecondThan(before);
    // Without its own policy the server would let launches overlap, and hand no result on from one to the next.
    await this.client
      .getHandle(name)
      .trigger(this.wanted.find(({ scheduleId }) => scheduleId === name)?.overlap);
    for (let look = 0; look < looks; look += 1) {
      const found = await this.describe(name);
      const workflowId = found && launchesOf(found).findLast((launch) => !known.has(launch));
      if (workflowId) return { name, missing: false, workflowId };
      await pause(lookEveryMs);
    }
    return { name, missing: false, workflowId: null };
  }

  private async applyOne(wanted: WantedSchedule): Promise<AppliedSchedule> {
    const name = wanted.scheduleId;
    const options = optionsOf(wanted);
    const found = (await this.describe(name)) ?? (await this.create(wanted));
    if (found === 'created') return { name, outcome: 'created', drift: [], paused: false, note: null };
    const drift = driftOf(wanted, found);
    if (drift.length > 0)
      await this.client.getHandle(name).update(({ state: { paused, note } }) => ({
        ...{ spec: options.spec, action: options.action, policies: options.policies ?? {} },
        // Read at this moment: somebody may have paused it since.
        state: { paused, ...(note === undefined ? {} : { note }) },
      }));
    return { name, outcome: drift.length > 0 ? 'updated' : 'unchanged', drift, ...pauseOf(found) };
  }

  /** Creates a schedule; what is there if somebody else was faster. */
  private async create(wanted: WantedSchedule): Promise<'created' | ScheduleDescription> {
    try {
      await this.client.create(optionsOf(wanted));
      return 'created';
    } catch (error) {
      const found = error instanceof ScheduleAlreadyRunning ? await this.describe(wanted.scheduleId) : null;
      if (!found) throw error;
      return found;
    }
  }

  private async decide(
    names: readonly string[],
    act: (name: string) => Promise<void>,
  ): Promise<NotedSchedule[]> {
    const decided: NotedSchedule[] = [];
    for (const name of names) {
      const before = await this.describe(name);
      if (before) await act(name);
      const after = before && (await this.describe(name));
      if (before && after) decided.push({ name, missing: false, ...pauseOf(after), before: pauseOf(before) });
      else decided.push({ name, missing: true, paused: false, note: null, before: null });
    }
    return decided;
  }

  /**
   * Schedules whose names begin as ours do, and that the code does not know. Another deployment's may begin so too: they
   * start work on its task queue, whose name begins with ours.
   */
  private async unknown(): Promise<UnknownSchedule[]> {
    const prefix = scheduleIdPrefix(this.identity);
    const unknown: UnknownSchedule[] = [];
    for await (const { scheduleId } of this.client.list()) {
      if (!scheduleId.startsWith(prefix) || this.wanted.some((wanted) => wanted.scheduleId === scheduleId))
        continue;
      const found = await this.describe(scheduleId);
      if (!found || found.action.taskQueue.startsWith(prefix)) continue;
      const { workflowType } = found.action;
      unknown.push({ name: scheduleId, workflowType, paused: found.state.paused });
    }
    return unknown.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private async describe(name: string): Promise<ScheduleDescription | null> {
    try {
      return await this.client.getHandle(name).describe();
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return null;
      throw error;
    }
  }
}

function pauseOf({ state }: ScheduleDescription): { paused: boolean; note: string | null } {
  // The server has an empty text where nobody said anything.
  return { paused: state.paused, note: state.note || null };
}

/**
 * Waits until no launch of the schedule is of this second. The id of a launch ends with its second and the server takes
 * no id twice: it would leave a second launch out without a word.
 */
async function anotherSecondThan({ info }: ScheduleDescription): Promise<void> {
  const newest = Math.max(0, ...info.recentActions.map(({ scheduledAt }) => scheduledAt.getTime()));
  const wait = Math.floor(newest / 1_000) * 1_000 + 1_000 - Date.now();
  // A clock that is far behind the server's would wait for as long.
  if (wait > 0) await pause(Math.min(wait, 1_000));
}

function launchesOf({ info }: ScheduleDescription): string[] {
  return info.recentActions.map(({ action }) => action.workflow.workflowId);
}
