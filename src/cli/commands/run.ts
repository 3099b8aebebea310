/** `phase3 run DATE`: sends a trigger; with `--wait` shows the level log and ends with the date's answer. */
import type { JournalLine } from '../../contracts/date-state';
import type { DateReply } from '../../contracts/messages';
import type { AcceptedRun, RunProgress } from '../../client';
import { overridesOf, withClient, type Context } from '../context';
import type { DateState } from '../../contracts/date-state';

export interface RunOptions {
  readonly source?: string;
  readonly processors?: string;
  readonly wait: boolean;
}

export interface RunOutcome {
  readonly accepted: AcceptedRun;
  /** Null without `--wait`, or when the run ended without an answer. */
  readonly answer: DateReply | null;
  readonly state: DateState | null;
}

/** Sends the trigger. `onLine` gets the level log as it grows. */
export async function run(
  context: Context,
  gameDate: string,
  options: RunOptions,
  onLine: (line: JournalLine) => void,
): Promise<RunOutcome> {
  return withClient(context, async (client) => {
    const accepted = await client.run({
      gameDate,
      overrides: overridesOf(context.config),
      ...(options.source === undefined ? {} : { source: options.source }),
      ...(options.processors === undefined ? {} : { processors: options.processors.split(',') }),
    });
    if (!options.wait) return { accepted, answer: null, state: null };
    let shown = -1;
    let last: RunProgress | null = null;
    for await (const progress of client.follow(accepted)) {
      const { journal, journalDropped } = progress.state;
      const total = journalDropped + journal.length;
      // Lines from before this request are history; the first look shows only those of the present pass.
      if (shown < 0) shown = startOfPass(progress.state);
      for (const line of journal.slice(Math.max(0, shown - journalDropped))) onLine(line);
      shown = total;
      last = progress;
    }
    return { accepted, answer: last?.answer ?? null, state: last?.state ?? null };
  });
}

/** Where the log of the newest pass begins, counted from the run's first line. */
function startOfPass(state: DateState): number {
  const { journal, journalDropped } = state;
  const newest = journal.map((line) => /^Level 1: /.test(line.message)).lastIndexOf(true);
  return state.pass <= 1 ? journalDropped : journalDropped + Math.max(0, newest);
}
