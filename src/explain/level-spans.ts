/** When each level of a pass was at what, read off its level log. Pure. */
import type { JournalLine } from '../contracts/date-state';
import type { PlannedProcessor } from '../contracts/plan';

/** From one line of the log to the next that is about the same level. Instants are ISO 8601, UTC. */
export interface LevelSpan {
  readonly level: number;
  readonly what: 'waits' | 'runs';
  readonly from: string;
  /** Null while it lasts. */
  readonly to: string | null;
}

/** The spans of the newest pass in a log, in order of their beginning. `isOver`: nothing lasts any more. */
export function levelSpans(
  journal: readonly JournalLine[],
  plan: readonly Pick<PlannedProcessor, 'name' | 'level'>[],
  isOver: boolean,
): LevelSpan[] {
  const spans: LevelSpan[] = [];
  for (const { at, message } of journal) {
    const level = levelOfLine(message, plan);
    if (level === null) continue;
    const open = spans.findIndex((span) => span.level === level && span.to === null);
    const known = spans[open];
    const what = /\bwaits\b/.test(message) ? 'waits' : /\bRunning\b/.test(message) ? 'runs' : null;
    const isEnd = /\b(complete|ended)\b/.test(message) && /\bLevel\b/.test(message);
    if (known && (isEnd || (what !== null && what !== known.what))) spans[open] = { ...known, to: at };
    if (what !== null && known?.what !== what) spans.push({ level, what, from: at, to: null });
  }
  const last = journal.at(-1)?.at ?? null;
  return spans.map((span) => (span.to === null && isOver ? { ...span, to: last } : span));
}

/** The level that a line names, or that a processor is of which it names. */
function levelOfLine(
  message: string,
  plan: readonly Pick<PlannedProcessor, 'name' | 'level'>[],
): number | null {
  const [, digits] = /\bLevel (\d+)\b/.exec(message) ?? [];
  if (digits !== undefined) return Number(digits);
  return plan.find(({ name }) => message.includes(name))?.level ?? null;
}
