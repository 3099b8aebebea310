/** Takes back what a build has published, and lets go of that again: by restores and unpins as a person would ask for them. */
import type { Phase3Client } from '../client';
import type { DateReply } from '../contracts/messages';
import type { AcceptedRun } from '../client/requests';
import { rollbackPrefix, type PinnedDate, type PublishedDate } from './published-by';

type Asker = Pick<Phase3Client, 'restore' | 'unpin' | 'follow'>;

export interface Who {
  readonly by: string;
  readonly reason: string;
}

/** What came of a date; `reply` is null where there was nothing to go back to. */
export interface TakenBack {
  readonly gameDate: string;
  readonly tables: readonly string[];
  /** Tables that were not live before, and so stay as the build published them. */
  readonly without: readonly string[];
  readonly reply: DateReply | null;
}

/**
 * Restores of each date what was live before the build, with all that stands on it, pinned. `decision` names the rollback: sent
 * again, a restore joins itself.
 */
export async function takeBack(
  client: Asker,
  dates: readonly PublishedDate[],
  decision: string,
  { by, reason }: Who,
): Promise<TakenBack[]> {
  const taken: TakenBack[] = [];
  for (const { gameDate, tables, before, without } of dates) {
    if (before === null) {
      taken.push({ gameDate, tables, without, reply: null });
      continue;
    }
    const requestId = `${rollbackPrefix}${decision}/${gameDate}`;
    const accepted = await client.restore({ gameDate, before, by, reason, requestId });
    taken.push({ gameDate, tables, without, reply: await answerTo(client, accepted) });
  }
  return taken;
}

/** Lifts the pins of rollbacks, so that their dates are built from what is there now. Returns what came of each date. */
export async function liftPins(
  client: Asker,
  dates: readonly PinnedDate[],
  decision: string,
  { by, reason }: Who,
): Promise<DateReply[]> {
  const replies: DateReply[] = [];
  for (const { gameDate, processors } of dates) {
    const requestId = `${decision}/${gameDate}`;
    const accepted = await client.unpin({ gameDate, processors: [...processors], by, reason, requestId });
    replies.push(await answerTo(client, accepted));
  }
  return replies;
}

async function answerTo(client: Asker, accepted: AcceptedRun): Promise<DateReply> {
  for await (const { answer } of client.follow(accepted)) if (answer) return answer;
  throw new Error(`${accepted.gameDate}: the run ended without an answer to ${accepted.requestId}`);
}
