/** What a date does by the clock while nothing comes: probe again, remind, write to the audit, give up. */
import type { DateRun } from './date-run';
import { endRun } from './end-run';

/** How often what could not be written to the audit is tried again. */
const auditAgainMs = 5 * 60_000;

export interface DateTimer {
  /** ms since the epoch. */
  readonly atMs: number;
  readonly summary: string;
  readonly due: () => Promise<void> | void;
}

/** The first thing that is due by the clock; null where only news can come of what is under way. */
export function nextTimer(date: DateRun): DateTimer | null {
  const { gate, passStartedAt, auditDue, trouble, bypasses } = date.memory;
  const { policy } = date;
  if (passStartedAt !== null) {
    date.idleSince = null;
    if (!gate?.nextProbeAt) return null;
    const missing = [...new Set(gate.verdicts.flatMap((verdict) => verdict.missing))].join(', ');
    return {
      atMs: Date.parse(gate.nextProbeAt),
      summary: gate.checkFailed ? 'the check is made again then' : `level ${gate.level} waits for ${missing}`,
      due: () => {
        // Whoever has waited a gap out is not early, whatever the clock says: a command must not hang on two readings of it.
        date.isRested = true;
        date.backOffMs = Math.min(date.backOffMs * 2, policy.longestWaitMs);
      },
    };
  }
  date.idleSince ??= Date.now();
  const timers: DateTimer[] = [
    {
      ...{ atMs: date.idleSince + policy.abandonAfterMs, summary: 'the date is abandoned then' },
      due: () => {
        const days = Math.round(policy.abandonAfterMs / 86_400_000);
        return endRun(date, 'abandoned', `it waited ${days} days for a person`);
      },
    },
  ];
  if (trouble && !trouble.remindedAt)
    timers.push({
      atMs: Date.parse(trouble.since) + policy.digestAfterMs,
      summary: 'a reminder that the date still needs a person',
      due: () => date.tell('still_in_trouble'),
    });
  const ends = bypasses.flatMap(({ until, isExpired }) => (isExpired ? [] : [Date.parse(until)]));
  if (ends.length > 0)
    timers.push({
      ...{ atMs: Math.min(...ends), summary: 'a bypass expires then' },
      due: () => {
        date.expireBypasses();
        return date.tryAudit();
      },
    });
  if (auditDue.length > 0)
    timers.push({
      ...{ atMs: Date.now() + auditAgainMs, summary: 'writing to the audit is retried' },
      due: () => date.tryAudit(),
    });
  return timers.reduce((first, timer) => (timer.atMs < first.atMs ? timer : first));
}
