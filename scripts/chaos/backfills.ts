/** People who start backfills over ranges of dates, some while others go on, and pause, resume, slow down and cancel them. */
import { ask, parsed, postDecision, toldBy, type Told } from './asking';
import type { Chance } from './chance';
import type { Journal } from './journal';
import type { ChaosStack } from './stack';

/** A decision about a backfill, under an id that no other has. */
export interface SteeredBackfill {
  readonly steerId: string;
  readonly workflowId: string;
  readonly what: string;
  readonly told: Told;
}

/** As the gateway lists it. */
interface Listed {
  readonly workflow_id: string;
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly state: string;
}

const mostDates = 12;
/** A backfill is joined or refused while another of its dates goes on, so more often than not one that goes on is steered. */
const starts = 0.4;

export class Backfills {
  /** Workflow ids of those that were accepted. */
  readonly accepted: string[] = [];
  readonly decisions: SteeredBackfill[] = [];
  private count = 0;

  constructor(
    private readonly stack: ChaosStack,
    private readonly chance: Chance,
    private readonly journal: Journal,
  ) {}

  /** Starts one over some of these dates, which follow one another, or decides about one that goes on. */
  async act(dates: readonly string[]): Promise<void> {
    if (dates.length < 2) return;
    if (this.chance.is(starts)) await this.start(dates);
    else await this.steer();
  }

  /** Resumes all that are paused: nobody else would. */
  async letGoOn(): Promise<void> {
    for (const one of (await this.goingOn()) ?? [])
      if (one.state === 'paused') await this.decide(one, 'resume');
  }

  private async start(dates: readonly string[]): Promise<void> {
    const first = this.chance.whole(0, dates.length - 2);
    const last = Math.min(first + this.chance.whole(1, mostDates - 1), dates.length - 1);
    const range = `${dates[first]}..${dates[last]}`;
    // Half of the dates at once share a run: of fewer than three that is one.
    const concurrency = String(this.chance.whole(3, 8));
    const ended = await this.stack.run('backfill', range, '--concurrency', concurrency, '--json');
    const [told, said] = toldBy(ended);
    const { workflow_id: workflowId } = parsed<{ workflow_id: string }>(ended.stdout);
    if (told === 'accepted' && workflowId !== undefined) this.accepted.push(workflowId);
    this.journal.note(`backfill_${told}`, { range, concurrency, workflowId, said });
  }

  private async steer(): Promise<void> {
    const known = await this.goingOn();
    if (!known || known.length === 0) return;
    const one = this.chance.pick(known);
    const running = { pause: 4, set: 2, cancel: 1, resume: 0 };
    const what = this.chance.weighted(one.state === 'paused' ? { ...running, pause: 0, resume: 4 } : running);
    await this.decide(one, what);
  }

  /** Decides, now and then twice under the same id: that is one decision. */
  private async decide(one: Listed, what: string): Promise<void> {
    const { workflow_id: workflowId, from, to, name } = one;
    const steerId = `chaos-steer-${(this.count += 1)}`;
    const body = {
      ...{ id: steerId, reason: `chaos decision ${steerId} of the night desk` },
      ...(what === 'set' ? { concurrency: this.chance.whole(1, 8) } : {}),
    };
    const url = `${this.stack.gateway}/date-ranges/${from}/${to}/${name}/${what}`;
    const [first, said] = await postDecision(url, body);
    const [second] = this.chance.is(0.3) ? await postDecision(url, body) : [first];
    const told = first === 'accepted' || second === 'accepted' ? 'accepted' : first;
    this.journal.note(`steered_${told}`, { what, workflowId, steerId, said });
    this.decisions.push({ steerId, workflowId, what, told });
  }

  /** Null where nobody says. */
  private async goingOn(): Promise<readonly Listed[] | null> {
    const found = await ask(`${this.stack.gateway}/date-ranges`).catch(() => null);
    if (found?.status !== 200) return null;
    const { backfills } = found.body as { backfills: readonly Listed[] };
    return backfills.filter(({ state }) => state === 'running' || state === 'paused');
  }
}
