/** When each level of a pass was at what, read off its level log. Pure. */
import type { JournalLine } from '../contracts/date-state';

/** From one line of the log to the next that is about the same level. Instants are ISO 8601, UTC. */
export interface LevelSpan {
  readonly level: number;
  readonly what: 'waits' | 'runs';
  readonly from: string;
  /** Null while it lasts. */
  readonly to: string | null;
}

/** How the level log says these things (src/workflows): whole beginnings of lines, since what people say is in it too. */
const lines = {
  runs: /^Level (\d+): Running /,
  waits: /^⏳ Level (\d+) waits: /,
  ends: /^(?:✅ )?Level (\d+) (?:complete|ended)\b/,
};

/** The spans of the newest pass in a log, in order of their beginning. `isOver`: nothing lasts any more. */
export function levelSpans(journal: readonly JournalLine[], isOver: boolean): LevelSpan[] {
  const spans: LevelSpan[] = [];
  for (const { at, message } of journal)
    for (const what of ['runs', 'waits', 'ends'] as const) {
      const [, digits] = lines[what].exec(message) ?? [];
      if (digits === undefined) continue;
      const level = Number(digits);
      const open = spans.findIndex((span) => span.level === level && span.to === null);
      const known = spans[open];
      if (known && what !== known.what) spans[open] = { ...known, to: at };
      if (what !== 'ends' && what !== known?.what) spans.push({ level, what, from: at, to: null });
    }
  const last = journal.at(-1)?.at ?? null;
  return spans.map((span) => (span.to === null && isOver ? { ...span, to: last } : span));
}
