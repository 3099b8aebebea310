/**
 * The judge of the order: from the history of one run, whether any processor was scheduled without a dependency check that let
 * it in, or before the upstreams of its pass had completed and published. Which processor reads which, the run's own plan says,
 * as its looks have it on record. Pure.
 */
import type { Activities } from '../../src/contracts/activities';
import { buildActivityOf } from '../../src/contracts/build-activity';
import type { PlannedProcessor, PlannedUpstream } from '../../src/contracts/plan';
import { carriedDecisions, orderEventsByDate, type History, type OrderEvent } from './history-events';

export type Rule =
  /** What a rule needs to know could not be read from the history. */
  | 'unreadable'
  /** An activity of an upstream was under way when the processor's was scheduled. */
  | 'upstream_in_flight'
  /** The newest activity of an upstream in the pass did not publish, and no later check found it unchanged. */
  | 'upstream_not_published'
  /** No check of the pass had judged the processor. */
  | 'no_gate'
  /** The newest check of the pass did not let the processor run. */
  | 'gate_said_no'
  /** The check that let the processor run was asked before the newest activity of an upstream had closed. */
  | 'gate_too_old'
  /** An activity of an upstream was scheduled while the processor's was under way. */
  | 'upstream_during_reader'
  /** An upstream was built after the processor had settled, and the pass was recorded without judging it again. */
  | 'upstream_after_reader'
  /** The processor ran by a bypass that was not on record when it was scheduled. */
  | 'bypass_not_on_record';

export interface Violation {
  readonly rule: Rule;
  /** The event with which the processor's activity was scheduled. */
  readonly eventId: number;
  readonly sentence: string;
}

const playerActivity = 'buildPlayerGameSummary' satisfies keyof Activities;
const gateActivity = 'checkDependencies' satisfies keyof Activities;
const auditActivity = 'appendAudit' satisfies keyof Activities;
const recordActivity = 'recordPass' satisfies keyof Activities;

type Fields = Readonly<Record<string, unknown>>;

/** An activity over its whole life. Retries are attempts of one activity and have no events of their own. */
interface Activity {
  readonly name: string;
  readonly scheduledAt: number;
  readonly input: Fields;
  /** The pass it says it belongs to; null when its input names none. */
  readonly pass: number | null;
  /** Null while it is under way. */
  readonly end: Exclude<OrderEvent, { kind: 'scheduled' }> | null;
}

/** What the plan has of a processor: as much of it as is judged by. */
interface Planned extends Pick<PlannedProcessor, 'name'> {
  readonly upstreams: readonly Pick<PlannedUpstream, 'processor' | 'table'>[];
}
type Finding = readonly [Rule, string];

/**
 * Judges one run from its history as the server returns it, each date by itself where several share it. A run that was continued
 * has a history of its own.
 */
export function judgeHistory(history: History): (Violation & { readonly gameDate: string })[] {
  const carried = carriedDecisions(history);
  return [...orderEventsByDate(history)].flatMap(([gameDate, events]) =>
    judgeEvents(events, carried).map((violation) => ({ gameDate, ...violation })),
  );
}

/**
 * Judges one run from its decoded events, given in the order of the history. `carried` are the ids of decisions that the
 * run before it has put on record.
 */
export function judgeEvents(
  events: readonly OrderEvent[],
  carried: ReadonlySet<string> = new Set(),
): Violation[] {
  const activities = activitiesOf(events);
  return activities
    .filter(({ name }) => name.startsWith('build'))
    .flatMap((build) => {
      const planned = plannedOf(build, activities);
      const found = planned
        ? new BuildJudge(build, planned, activities, carried).judge()
        : [['unreadable', 'without a check whose plan has it'] as const];
      return found.map(([rule, what]) => ({
        rule,
        eventId: build.scheduledAt,
        sentence: `${build.name} of pass ${build.pass ?? '?'} was scheduled (event ${build.scheduledAt}) ${what}`,
      }));
    });
}

/** How many player activities a run has scheduled. */
export function countPlayerActivities(events: readonly OrderEvent[]): number {
  return events.filter((event) => event.kind === 'scheduled' && event.activity === playerActivity).length;
}

function activitiesOf(events: readonly OrderEvent[]): Activity[] {
  const ends = new Map(
    events.flatMap((event) => (event.kind === 'scheduled' ? [] : [[event.scheduledEventId, event] as const])),
  );
  return events.flatMap((event) => {
    if (event.kind !== 'scheduled') return [];
    const input = fieldsOf(event.input);
    const pass = typeof input['pass'] === 'number' ? input['pass'] : null;
    const end = ends.get(event.eventId) ?? null;
    return [{ name: event.activity, scheduledAt: event.eventId, input, pass, end }];
  });
}

/** The processor of an activity, by the newest plan that a look before it has opened a pass with. */
function plannedOf(build: Activity, activities: readonly Activity[]): Planned | null {
  const plans = activities.flatMap((activity) => {
    if (activity.name !== gateActivity || !closedBefore(activity, build.scheduledAt)) return [];
    const processors = listOf(fieldsOf(fieldsOf(resultOf(activity)['opened'])['plan'])['processors']);
    return processors.length > 0 ? [processors] : [];
  });
  const own = (plans.at(-1) ?? []).find(
    ({ name }) => typeof name === 'string' && buildActivityOf(name) === build.name,
  );
  if (!own) return null;
  const upstreams = listOf(own['upstreams']).map(({ processor, table }) => ({
    ...{ processor: String(processor), table: String(table) },
  }));
  return { name: String(own['name']), upstreams };
}

/** Judges one activity that builds. */
class BuildJudge {
  /** The checks of its pass, by when they closed. */
  private readonly gates: readonly Activity[];

  constructor(
    private readonly build: Activity,
    private readonly planned: Planned,
    private readonly activities: readonly Activity[],
    private readonly carried: ReadonlySet<string>,
  ) {
    this.gates = activities
      .filter(({ name, pass, end }) => name === gateActivity && pass === build.pass && end !== null)
      .sort((a, b) => endOf(a) - endOf(b));
  }

  judge(): Finding[] {
    if (this.build.pass === null) return [['unreadable', 'with an input that names no pass']];
    const waiver = fieldsOf(this.build.input['waiver']);
    const waived = Array.isArray(waiver['tables']) ? waiver['tables'] : [];
    // A person has decided that it runs without these: then where they stand is no rule, but that it is on record is.
    const upstreams = this.planned.upstreams.filter(({ table }) => !waived.includes(table));
    return [
      ...upstreams.flatMap(({ processor }) => this.judgeUpstream(buildActivityOf(processor), processor)),
      ...this.gate(),
      ...(this.build.input['waiver'] === undefined ? [] : this.onRecord(String(waiver['bypassId']))),
    ];
  }

  private judgeUpstream(name: string, processor: string): Finding[] {
    const all = this.activities.filter((activity) => activity.name === name);
    const earlier = all.filter(({ scheduledAt }) => scheduledAt < this.build.scheduledAt);
    return [
      ...unreadable(all),
      ...this.inFlight(earlier),
      ...this.newestOfPass(earlier, processor),
      ...this.gateTooOld(earlier),
      ...this.meanwhile(all),
      ...this.afterwards(all),
    ];
  }

  private inFlight(earlier: readonly Activity[]): Finding[] {
    return earlier
      .filter((upstream) => !closedBefore(upstream, this.build.scheduledAt))
      .map(({ name, scheduledAt, pass, end }) => [
        'upstream_in_flight',
        `while ${name} of pass ${pass ?? '?'} (event ${scheduledAt}) was under way; ` +
          (end ? `that closed at event ${end.eventId}` : 'the history has no end of it'),
      ]);
  }

  private newestOfPass(earlier: readonly Activity[], processor: string): Finding[] {
    const newest = earlier.filter(({ pass }) => pass === this.build.pass).at(-1);
    // One that is under way is reported as that.
    if (!newest?.end || !closedBefore(newest, this.build.scheduledAt)) return [];
    const outcome = outcomeOf(newest.end);
    if (outcome === 'published' || outcome === 'unchanged') return [];
    if (this.gatesBefore().some((gate) => asksAfter(gate, newest) && this.makesUpFor(gate, processor)))
      return [];
    return [
      [
        'upstream_not_published',
        `though the newest ${newest.name} of its pass (event ${newest.scheduledAt}) ended ${outcome} ` +
          `(event ${newest.end.eventId})`,
      ],
    ];
  }

  /** Whether a check says that the upstream is current after all, or was made for what is wanted since it came to nothing. */
  private makesUpFor(gate: Activity, upstream: string): boolean {
    if (verdictOn(gate, upstream)?.['unchanged']) return true;
    const settledAt = Number(fieldsOf(fieldsOf(gate.input['settled'])[upstream])['at']);
    const names = fieldsOf(resultOf(gate)['names']);
    return listOf(gate.input['wants']).some(({ key, at }) => {
      const own = names[String(key)];
      return Number(at) > settledAt && Array.isArray(own) && own.includes(this.planned.name);
    });
  }

  private gatesBefore(): readonly Activity[] {
    return this.gates.filter((gate) => closedBefore(gate, this.build.scheduledAt));
  }

  /** The newest check counts, and one that could not be made is an answer: no. */
  private gate(): Finding[] {
    const gates = this.gatesBefore();
    const newest = gates.at(-1);
    if (!newest?.end || !gates.some((gate) => verdictOn(gate, this.planned.name)))
      return [['no_gate', `before any ${gateActivity} of its pass had judged ${this.planned.name}`]];
    const refusal = refusalOf(newest, this.planned.name);
    return refusal === null
      ? []
      : [
          [
            'gate_said_no',
            `though the newest check (event ${newest.scheduledAt}, closed at ${newest.end.eventId}) ${refusal}`,
          ],
        ];
  }

  private gateTooOld(earlier: readonly Activity[]): Finding[] {
    const newest = this.gatesBefore().at(-1);
    if (!newest || !verdictOn(newest, this.planned.name)) return [];
    return earlier
      .filter(
        (upstream) => closedBefore(upstream, this.build.scheduledAt) && endOf(upstream) > newest.scheduledAt,
      )
      .map((upstream) => [
        'gate_too_old',
        `on a check that was asked at event ${newest.scheduledAt}, before ${upstream.name} ` +
          `(event ${upstream.scheduledAt}) closed at event ${endOf(upstream)}`,
      ]);
  }

  private meanwhile(all: readonly Activity[]): Finding[] {
    const { scheduledAt: from, end } = this.build;
    return all
      .filter(({ scheduledAt }) => scheduledAt > from && scheduledAt < endOf(this.build))
      .map(({ name, scheduledAt, pass }) => [
        'upstream_during_reader',
        `and ${end ? `closed at event ${end.eventId}` : 'has not closed'}, but ${name} of pass ` +
          `${pass ?? '?'} was scheduled in between (event ${scheduledAt})`,
      ]);
  }

  /**
   * A correction may have an upstream built again after the processor. Then the pass must not be recorded with what the
   * processor came to before: it is judged again, or the pass has ended otherwise.
   */
  private afterwards(all: readonly Activity[]): Finding[] {
    const { pass } = this.build;
    const later = all.filter((one) => one.pass === pass && one.scheduledAt > endOf(this.build));
    return later
      .filter((upstream) => {
        const record = this.activities.find(
          (one) => one.name === recordActivity && one.pass === pass && one.scheduledAt > upstream.scheduledAt,
        );
        return record && this.isRecordedAsDone(record) && !this.isJudgedBetween(upstream, record);
      })
      .map(({ name, scheduledAt }) => [
        'upstream_after_reader',
        `and settled (event ${endOf(this.build)}), but ${name} of the same pass came after it (event ${scheduledAt}), ` +
          'and the pass was recorded without judging it again',
      ]);
  }

  private isRecordedAsDone({ input }: Activity): boolean {
    if (input['state'] === 'cancelled' || input['state'] === 'abandoned') return false;
    const own = listOf(input['results']).find(({ processor }) => processor === this.planned.name);
    return own?.['outcome'] === 'published' || own?.['outcome'] === 'unchanged';
  }

  private isJudgedBetween(upstream: Activity, record: Activity): boolean {
    return this.activities.some(
      (one) =>
        one.pass === this.build.pass &&
        asksAfter(one, upstream) &&
        closedBefore(one, record.scheduledAt) &&
        (one.name === this.build.name ||
          (one.name === gateActivity && verdictOn(one, this.planned.name) !== null)),
    );
  }

  private onRecord(bypassId: string): Finding[] {
    const isWritten = this.activities.some(
      (activity) =>
        activity.name === auditActivity &&
        activity.end?.kind === 'completed' &&
        closedBefore(activity, this.build.scheduledAt) &&
        listOf(activity.input['entries']).some(
          ({ kind, evidence }) => kind === 'bypass' && (evidence as Fields | null)?.['bypassId'] === bypassId,
        ),
    );
    return isWritten || this.carried.has(bypassId)
      ? []
      : [['bypass_not_on_record', `by bypass ${bypassId}, which was not on record before`]];
  }
}

function unreadable(upstreams: readonly Activity[]): Finding[] {
  return upstreams
    .filter(({ pass }) => pass === null)
    .map(({ name, scheduledAt }) => [
      'unreadable',
      `beside ${name} (event ${scheduledAt}), whose input names no pass`,
    ]);
}

function closedBefore({ end }: Activity, eventId: number): boolean {
  return end !== null && end.eventId < eventId;
}

/** Whether an activity was scheduled after another had closed. */
function asksAfter({ scheduledAt }: Activity, other: Activity): boolean {
  return scheduledAt > endOf(other);
}

/** The event with which it closed; later than all others while it is under way. */
function endOf({ end }: Activity): number {
  return end?.eventId ?? Infinity;
}

function resultOf({ end }: Activity): Fields {
  return end?.kind === 'completed' ? fieldsOf(end.result) : {};
}

/** A processor activity's outcome, or in a word why it has none. */
function outcomeOf(end: NonNullable<Activity['end']>): string {
  if (end.kind === 'ended') return end.how;
  const answer = fieldsOf(end.result);
  const outcome = answer['kind'] === 'settled' ? fieldsOf(answer['result'])['outcome'] : answer['kind'];
  return typeof outcome === 'string' ? outcome : 'with a result that cannot be read';
}

/** Why a check does not let the processor run; null when it does. */
function refusalOf(gate: Activity, processor: string): string | null {
  if (gate.end?.kind === 'ended') return `${gate.end.how} and gave no verdict`;
  const verdict = verdictOn(gate, processor);
  if (!verdict) return `gave no verdict on ${processor}`;
  if (verdict['canRun'] !== true) return `said that it cannot run${missingIn(verdict)}`;
  const missing: unknown = verdict['missing'];
  if (!Array.isArray(missing)) return 'gave a verdict that does not say what is missing';
  return missing.length > 0 ? `said that it can run, but not without gaps${missingIn(verdict)}` : null;
}

function missingIn(verdict: Fields): string {
  const missing: unknown = verdict['missing'];
  return Array.isArray(missing) && missing.length > 0 ? `: missing ${missing.map(String).join(', ')}` : '';
}

function verdictOn(gate: Activity, processor: string): Fields | null {
  const verdicts = listOf(resultOf(gate)['verdicts']);
  return verdicts.find((verdict) => verdict['processor'] === processor) ?? null;
}

/** A value's fields; none where it has none. */
function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}
