/** Adds to a notification whether it is to wake somebody, from what is on record of its date. */
import { setTimeout as pause } from 'node:timers/promises';
import { isGameDate } from '../contracts/game-date';
import { neededAt } from '../contracts/needed-by';
import type { Notification } from '../contracts/notifications';
import type { ProcessorResult } from '../contracts/phase3';
import { recordedDate } from '../contracts/run-record';
import { severityOfKind, severityOfTrouble, withKnownSeverity } from '../notifications/severity';
import { WarehouseError } from '../warehouse/errors';
import type { Warehouse } from '../warehouse/warehouse';

export interface JudgeSeverityOptions {
  readonly warehouse: Pick<Warehouse, 'readDate'>;
  /** `HH:MM` of the morning after, New York time; null where nothing says when rows are needed. */
  readonly neededBy: string | null;
  /** ISO 8601, UTC. */
  readonly now: string;
}

/** As it came, where nothing says when rows are needed. A warehouse that does not answer keeps nobody from being told. */
export async function withSeverity(
  notification: Notification,
  { warehouse, neededBy, now }: JudgeSeverityOptions,
): Promise<Notification> {
  if (neededBy === null) return notification;
  const { subject } = notification;
  if (severityOfKind(notification) !== null || !isGameDate(subject)) return withKnownSeverity(notification);
  const severity = severityOfTrouble(notification, {
    results: await resultsOf(warehouse, subject),
    neededAt: neededAt(subject, neededBy).toISOString(),
    now,
  });
  return { ...notification, severity };
}

/** The activity that tells has 15 s for an attempt, most of which are the channels'. */
const longestReadMs = 5_000;

/** Null where the warehouse does not answer, or not in time. */
async function resultsOf(
  warehouse: JudgeSeverityOptions['warehouse'],
  gameDate: string,
): Promise<readonly ProcessorResult[] | null> {
  try {
    const read = warehouse.readDate(gameDate, ['run_history']);
    // Nobody waits for it any more where it comes too late.
    read.catch(() => undefined);
    const known = await Promise.race([read, pause(longestReadMs, null, { ref: false })]);
    return known && (recordedDate(known.run_history)?.results ?? []);
  } catch (error) {
    if (error instanceof WarehouseError) return null;
    throw error;
  }
}
