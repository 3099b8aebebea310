/** What becomes of a message that wakes a waiting gate, read from the date's history. Pure; instants are ms. */
import type { History } from '../verify/history-events';
import { instantOf, nightTimes, type ActivitySpan } from './night-times';

/** A message that made a gate probe. */
export interface Wake {
  /** The server has the message. */
  readonly takenAt: number;
  /** The first check that was scheduled after it: the gate's answer. */
  readonly check: ActivitySpan;
}

/** One wake as it was measured. */
export interface TimedWake extends Wake {
  /** Just before the client sent the message. */
  readonly askedAt: number;
  /** When the client heard of the answer. */
  readonly heardAt: number;
}

/** The stretches of a wake, in its order; their sum is the time from asking to hearing. */
export const wakeStretches = [
  'the client sends, the server takes it',
  'the workflow is told and decides',
  'the check waits to be picked up',
  'the check runs',
  'the client hears of it',
] as const;
export type WakeStretch = (typeof wakeStretches)[number];

/** The newest message's wake; null while the check that it caused is not completed. */
export function wakeIn(history: History): Wake | null {
  const signals = (history.events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes);
  const newest = signals.at(-1);
  if (!newest) return null;
  const takenAt = instantOf(newest);
  const check = checksOf(history).find(({ scheduledAt }) => scheduledAt >= takenAt);
  return check ? { takenAt, check } : null;
}

/** Whether the gate has gone back to waiting after its newest check. */
export function waitsAgain(history: History): boolean {
  const newest = checksOf(history).at(-1);
  return (history.events ?? []).some(
    (event) => event.timerStartedEventAttributes && newest && instantOf(event) >= newest.completedAt,
  );
}

/** The checks that completed, in the order of their scheduling. */
export function checksOf(history: History): ActivitySpan[] {
  return nightTimes(history)
    .activities.filter(({ name }) => name === 'checkDependencies')
    .sort((a, b) => a.scheduledAt - b.scheduledAt);
}

export function checkMs({ check }: Wake): number {
  return check.completedAt - check.startedAt;
}

/** From asking to hearing, without the check itself. */
export function beyondCheckMs(wake: TimedWake): number {
  return wake.heardAt - wake.askedAt - checkMs(wake);
}

export function spentOf({ askedAt, takenAt, check, heardAt }: TimedWake): Record<WakeStretch, number> {
  return {
    'the client sends, the server takes it': takenAt - askedAt,
    'the workflow is told and decides': check.scheduledAt - takenAt,
    'the check waits to be picked up': check.startedAt - check.scheduledAt,
    'the check runs': check.completedAt - check.startedAt,
    'the client hears of it': heardAt - check.completedAt,
  };
}

/** How dates are woken before their rows come. */
export const wakeKinds = ['rechecked', 'rechecked in bursts', 'redelivered', 'triggered'] as const;
export type WakeKind = (typeof wakeKinds)[number];

const sharesOfTen: readonly (WakeKind | null)[] = [
  'rechecked',
  'rechecked in bursts',
  'redelivered',
  'rechecked',
  'rechecked in bursts',
  'triggered',
  // The rest is woken only when its rows are there.
  ...[null, null, null, null],
];

/** Which dates are woken how: each at most once, all kinds evenly among those that began to wait early and late. */
export function wakeGroups<T>(dates: readonly T[]): Record<WakeKind, T[]> {
  const of = (kind: WakeKind): T[] =>
    dates.filter((_, index) => sharesOfTen[index % sharesOfTen.length] === kind);
  return {
    rechecked: of('rechecked'),
    'rechecked in bursts': of('rechecked in bursts'),
    redelivered: of('redelivered'),
    triggered: of('triggered'),
  };
}
