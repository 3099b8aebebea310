/** Requests that ask a waiting pass for nothing but what it still has before it join it, as a duplicate does. */
import type { RequestKind, TriggerMessage } from '../contracts/messages';
import type { ProcessorName } from '../contracts/phase3';
import { planPass } from '../plan/plan-pass';
import { processorNames, type PlannedLevel } from '../plan/registry';
import { isWaived } from './bypasses';
import { now, type DateRun } from './date-run';
import type { PassContext } from './pass-context';

/** Kinds that want no more than the next look at the gate. A rerun brings its downstream, and is audited before it does. */
const joiningKinds: readonly RequestKind[] = ['trigger', 'run', 'backfill'];

/** The policy of a pass is that of the moment when it opened: the day, on which rules hang, and the thresholds. */
const policyHoldsForMs = 3_600_000;

type WaitingPass = Pick<PassContext, 'patient' | 'opened' | 'overrides' | 'freed'> & {
  readonly date: Pick<DateRun, 'state' | 'inbox'>;
  readonly pass: Pick<PassContext['pass'], 'startedAt'>;
};

/**
 * Whether all that is in the inbox may join the pass that waits at `level` for `waiting`. What has come to something in it,
 * or runs, was judged before the request came: for that the pass is planned anew.
 */
export function mayJoin(
  pass: WaitingPass,
  level: Pick<PlannedLevel, 'level'>,
  waiting: ReadonlySet<ProcessorName>,
): boolean {
  const { state, inbox } = pass.date;
  const later = state.plan.filter((other) => other.level > level.level);
  const ahead = new Set([...waiting, ...later.flatMap(({ processors }) => processors)]);
  const joins = (request: TriggerMessage): boolean => {
    const wanted = wantedBy(pass, request);
    return (
      joiningKinds.includes(request.kind) &&
      changesNoPolicy(pass, request) &&
      wanted.length > 0 &&
      wanted.every((name) => ahead.has(name))
    );
  };
  return pass.patient && inbox.length > 0 && inbox.every(joins);
}

/**
 * Whether the pass is planned anew at `at` (ISO 8601) for requests that might join it: they ask for what it tries only to be rid
 * of a bypass and would not wait for, or the policy that it goes by is old.
 */
export function isPastJoining(pass: WaitingPass, at: string): boolean {
  const isOld = Date.parse(at) - Date.parse(pass.pass.startedAt) >= policyHoldsForMs;
  const wantsFreed = (request: TriggerMessage): boolean =>
    wantedBy(pass, request).some((name) => pass.freed.has(name));
  return isOld || pass.date.inbox.some(wantsFreed);
}

/** Takes the inbox into the pass, so that its next probe answers for it too. */
export function join(date: DateRun): void {
  const taken = date.takeInbox();
  date.apply({ type: 'joinedPass', requests: taken.length, at: now() });
}

/** What a pass of its own would run for it. */
function wantedBy({ date: { state }, opened }: WaitingPass, request: TriggerMessage): ProcessorName[] {
  return planPass({
    requests: [request],
    also: [],
    published: processorNames.filter((name) => opened.published[name] !== undefined),
    unsatisfied: opened.unsatisfied,
    results: state.results,
    isWaived: (name, upstream) => isWaived(state, name, upstream),
  }).flatMap(({ processors }) => processors);
}

/** Whether the pass goes by what the request overrides already. */
function changesNoPolicy({ overrides }: WaitingPass, request: TriggerMessage): boolean {
  const wanted = { ...overrides, ...request.overrides };
  return (Object.keys(wanted) as (keyof typeof wanted)[]).every((key) => wanted[key] === overrides[key]);
}
