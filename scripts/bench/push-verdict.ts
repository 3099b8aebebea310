/** Which answers to pushes were meant, and which should not have been. Pure; instants are ms since the epoch. */
import { isRawTableName } from '../../src/tables/catalogue';

/** One delivery of a message and what came of it. */
export interface AnsweredPush {
  readonly messageId: string;
  readonly gameDate: string;
  /** From 1; one more after each that was not acknowledged. */
  readonly attempt: number;
  /** When it should have been sent. */
  readonly dueAt: number;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** Null where the connection broke. */
  readonly httpStatus: number | null;
  /** What the answer begins with, or what broke. */
  readonly status: string;
  /** The tables that are missing, by the answer. */
  readonly missing: readonly string[];
  /** The answer's sentence, where it was not well. */
  readonly message: string;
}

/** What became of a date. */
export interface DateFacts {
  /** When all its rows were there. */
  readonly landedAt: number;
  /** When its players were built, and so its teams published. */
  readonly publishedAt: number;
}

/** What is so of a date that is published in the end, while it is and before. */
const wellStatuses: readonly string[] = ['completed', 'unchanged', 'running'];

/** The answers that nothing explains. */
export function unmeantAnswers(
  answers: readonly AnsweredPush[],
  facts: ReadonlyMap<string, DateFacts>,
): AnsweredPush[] {
  const byMessage = new Map<string, AnsweredPush[]>();
  for (const answer of answers) {
    const same = byMessage.get(answer.messageId);
    if (same) same.push(answer);
    else byMessage.set(answer.messageId, [answer]);
  }
  return answers.filter(
    (answer) => !isMeant(answer, askedAt(answer, byMessage.get(answer.messageId) ?? []), facts),
  );
}

/** A delivery that meets the same message under way gets its answer, which may be of what was so when that was sent. */
function askedAt({ sentAt, answeredAt }: AnsweredPush, same: readonly AnsweredPush[]): number {
  return Math.min(
    ...same
      .filter((other) => other.sentAt <= answeredAt && other.answeredAt >= sentAt)
      .map((other) => other.sentAt),
  );
}

/**
 * "Not ready" is meant as long as it is true: of raw rows until they have landed, of the team tables until the date is
 * published.
 */
function isMeant(
  { gameDate, httpStatus, status, missing }: AnsweredPush,
  asked: number,
  facts: ReadonlyMap<string, DateFacts>,
): boolean {
  if (httpStatus === 200 || httpStatus === 202) return wellStatuses.includes(status);
  const fact = facts.get(gameDate);
  if (httpStatus !== 500 || status !== 'dependency_not_ready' || !fact) return false;
  return asked < (missing.some(isRawTableName) ? fact.landedAt : fact.publishedAt);
}

/** How many answers there were of each kind, by HTTP status and word: `200 unchanged`. */
export function countsOf(answers: readonly AnsweredPush[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { httpStatus, status } of answers) {
    const kind = `${httpStatus ?? 'no answer:'} ${status}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** From when a push was due to its answer: a sender that falls behind does not make the gateway look faster. */
export function waitedMs({ dueAt, answeredAt }: AnsweredPush): number {
  return answeredAt - dueAt;
}
