/** `POST /process-date-range`: many dates, through the same plan and gates, with an answer for each. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { ServiceError } from '@temporalio/client';
import type { BackfillProgress } from '../../contracts/backfill';
import { addDays } from '../../contracts/game-date';
import { defaultSource } from '../../plan/registry';
import { answerOf, statusOfState, type Answer, type AnswerStatus } from '../answers';
import { reasonOf } from '../../client';
import { decodeRange, type RangeRequest } from '../decode-range';
import { acceptMs, todayOf, type GatewayParts } from '../parts';
import { badRequest, shuttingDown, unavailable } from '../refusals';

type DateAnswer = Answer['body'] & { readonly gameDate: string };

/** Dates under way at once, as many as do not get into each other's way on one worker. */
const concurrency = 8;
const pollMs = 250;
/** What is asked when the wait is over may still be answered; a worker that stands still answers nothing. */
const lastAnswerMs = 2_000;
/** Dates listed with every processor. In longer ranges, healthy dates get one line. */
const mostInFull = 31;

export async function processDateRange(
  parts: GatewayParts,
  body: unknown,
  principal: string,
): Promise<Answer> {
  const today = todayOf(parts);
  const decoded = decodeRange(body, today);
  const { request } = decoded;
  if (!request) return badRequest(decoded.faults);
  const future = request.future.map((gameDate): DateAnswer => ({
    status: 'skipped',
    gameDate,
    message: `${gameDate} is in the future: it is ${today} in New York, and nothing was played yet.`,
  }));
  if (request.from > today) return answerOfRange(request, future, null);
  const last = request.to > today ? today : request.to;
  let workflowId: string;
  try {
    ({ workflowId } = await parts.server.within(acceptMs, () =>
      parts.client.backfill({
        from: request.from,
        to: last,
        concurrency,
        kind: request.isBackfill ? 'backfill' : 'run',
        ownRuns: true,
        by: principal,
        overrides: parts.overrides,
        ...(request.processors === null ? {} : { processors: request.processors }),
        ...(request.correlationId === null ? {} : { correlationId: request.correlationId }),
      }),
    ));
  } catch (error) {
    if (error instanceof ServiceError)
      return unavailable(`Temporal does not accept the request: ${reasonOf(error)}`);
    throw error;
  }
  const range = new RangeWatch(parts, workflowId, { ...request, to: last });
  const progress = await range.wait();
  if (progress === 'closing') return withId(shuttingDown(), workflowId);
  if (progress === null)
    return withId(
      unavailable(
        `The range is accepted and stored, but no worker has answered within ${parts.settings.waitMs / 1000} s.`,
      ),
      workflowId,
    );
  return answerOfRange(request, [...(await range.answers(progress)), ...future], workflowId);
}

function withId(answer: Answer, workflowId: string): Answer {
  return { ...answer, body: { ...answer.body, workflowId } };
}

/** Follows a range until each of its dates is answered or held at its gate, or the wait is over. */
class RangeWatch {
  /** What is so of dates that have not answered yet. */
  private readonly held = new Map<string, DateAnswer>();
  /** What the range has said of itself last; null before the first answer. */
  private progress: BackfillProgress | null = null;

  constructor(
    private readonly parts: GatewayParts,
    private readonly workflowId: string,
    private readonly request: Pick<RangeRequest, 'from' | 'to' | 'processors'>,
  ) {}

  async wait(): Promise<BackfillProgress | 'closing' | null> {
    const { settings, closing } = this.parts;
    const late = AbortSignal.timeout(settings.waitMs + lastAnswerMs);
    const over = AbortSignal.any([closing, late]);
    if (!over.aborted) await Promise.race([this.follow(over), once(over, 'abort')]);
    return closing.aborted ? 'closing' : this.progress;
  }

  private async follow(over: AbortSignal): Promise<void> {
    const until = Date.now() + this.parts.settings.waitMs;
    do {
      const { progress } = this;
      this.progress = await this.parts.client.backfillProgress(this.workflowId).catch(() => progress);
      if (this.progress && (await this.isSettled(this.progress))) return;
      await pause(pollMs);
    } while (Date.now() < until && !over.aborted);
  }

  private async isSettled({ asked, next, replies, total }: BackfillProgress): Promise<boolean> {
    if (Object.keys(replies).length >= total) return true;
    this.held.clear();
    for (const gameDate of Object.keys(asked)) {
      const answer = await this.look(gameDate);
      if (answer) this.held.set(gameDate, answer);
    }
    const asking = Object.keys(asked);
    // A full window that is held at its gates lets no other date begin.
    const isFull = next === null || asking.length >= concurrency;
    return isFull && asking.length > 0 && asking.every((gameDate) => this.held.has(gameDate));
  }

  /** What is so of a date that was asked; null while it is under way, or when no worker says. */
  private async look(gameDate: string): Promise<DateAnswer | null> {
    const { client } = this.parts;
    const { workflowId, requestId } = client.inBackfill(this.workflowId, gameDate);
    const { processors } = this.request;
    const outlook = await client.outlook({ workflowId }, [requestId]).catch(() => null);
    const answer = outlook && answerOf(outlook, { requestId, source: defaultSource, processors });
    return answer && { ...answer.body, gameDate };
  }

  /** An answer for each date of the range, in order. */
  async answers({ replies, asked, total }: BackfillProgress): Promise<DateAnswer[]> {
    const answers: DateAnswer[] = [];
    let inFull = 0;
    for (let gameDate = this.request.from; gameDate <= this.request.to; gameDate = addDays(gameDate, 1)) {
      const reply = replies[gameDate];
      const isWell = reply && isGood(statusOfState(reply.state));
      let known = this.held.get(gameDate) ?? null;
      if (reply && (!isWell || total <= mostInFull) && inFull < mostInFull) {
        inFull += 1;
        known = await this.look(gameDate);
        // Nobody says: the others would only take as long.
        if (known === null) inFull = mostInFull;
      }
      answers.push(
        known ??
          (reply
            ? { status: statusOfState(reply.state), gameDate, message: reply.summary }
            : gameDate in asked
              ? { status: 'running', gameDate, message: `${gameDate} is running.` }
              : { status: 'accepted', gameDate, message: `${gameDate} is not started yet.` }),
      );
    }
    return answers;
  }
}

function isGood(status: AnswerStatus): boolean {
  return status === 'completed' || status === 'unchanged' || status === 'skipped';
}

/** The answer to a range: never 200 when no date succeeded. */
function answerOfRange(
  { from, to, processors }: RangeRequest,
  results: readonly DateAnswer[],
  workflowId: string | null,
): Answer {
  const status = statusOfRange(results.map((result) => result.status));
  const held = status === 'dependency_not_ready' ? results.find((result) => result.status === status) : null;
  const count = (wanted: (status: AnswerStatus) => boolean): number =>
    results.filter((result) => wanted(result.status)).length;
  const succeeded = count(isGood);
  const running = count((one) => one === 'running' || one === 'accepted');
  return {
    httpStatus: httpStatusOfRange(status),
    ...(held ? { retryAfterSeconds: 300 } : {}),
    body: {
      // The plan's fields of what is not ready stand where they stand for one date.
      ...held,
      status,
      // Of several it is the first that is held, whose evidence stands here.
      gameDate: from === to ? from : (held?.gameDate ?? null),
      message: `${results.length} ${results.length === 1 ? 'date' : 'dates'}: ${succeeded} succeeded, ${results.length - succeeded - running} did not, ${running} running.`,
      dateRange: `${from} to ${to}`,
      processors,
      dates: results.length,
      datesSucceeded: succeeded,
      datesRunning: running,
      results,
      // Nothing here publishes to a topic, so there is nothing to skip.
      downstreamTriggered: false,
      workflowId,
    },
  };
}

function statusOfRange(statuses: readonly AnswerStatus[]): AnswerStatus {
  const all = (wanted: AnswerStatus): boolean => statuses.every((status) => status === wanted);
  if (statuses.includes('running') || all('accepted')) return 'running';
  if (statuses.every(isGood)) {
    if (all('skipped')) return 'skipped';
    return statuses.every((status) => status !== 'completed') ? 'unchanged' : 'completed';
  }
  // A date that had nothing to do is no success of the others.
  const busy = statuses.filter((status) => status !== 'skipped' && status !== 'accepted');
  if (busy.some((status) => isGood(status) || status === 'partial_failure')) return 'partial_failure';
  const [first = 'failed'] = busy;
  return busy.every((status) => status === first) ? first : 'failed';
}

function httpStatusOfRange(status: AnswerStatus): number {
  if (status === 'running') return 202;
  return isGood(status) || status === 'partial_failure' ? 200 : 500;
}
