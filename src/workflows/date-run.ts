/** One run of a date's workflow: what it remembers, what has come to it, and what mirrors both to the outside. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  TimeoutFailure,
  allHandlersFinished,
  condition,
  isCancellation,
  log,
  workflowInfo,
} from '@temporalio/workflow';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import type { AppendAuditResult, PassToken } from '../contracts/activities';
import type { DateMemory, Phase3Input, Phase3Result } from '../contracts/date-state';
import { answersOf, resultsOf } from '../contracts/date-state';
import type { AuditEntry } from '../contracts/decisions';
import { describeRequest, type DateReply, type TriggerMessage } from '../contracts/messages';
import type { Notification, NotificationKind } from '../contracts/notifications';
import { inPlanOrder } from '../contracts/plan';
import { defaultPolicySettings, type PolicySettings } from '../contracts/policy';
import { searchAttributes } from '../contracts/search-attributes';
import { describeExpired, explainState } from '../explain/explain-date';
import { appendAudit, notify } from './activity-stubs';
import { overdueBypasses } from './bypasses';
import { blockedOn, marksOf, newMemory, newsOf, traceOf, unanswered, unaskedDue } from './memory';
import { alone, type Outside } from './outside';
import { changes, type Changes } from './reduce';
import { idOf, mostOfBatch, takeIn, type Arrival } from './take-in';

export class DateRun {
  memory: DateMemory;
  /** Counts what the loop has to know of: messages, decisions, outcomes. */
  news = 0;
  /** Set once the run ends otherwise than by being done: from then on it takes no decision. */
  isEnding = false;
  /** Ends the run, whatever it is at. */
  end: () => void = () => undefined;
  /** Who has decided to end the run, and why. */
  cancelled: string | null = null;
  /** The pass for which this run has claimed the date. */
  claimedPass: number | null = null;
  /** When the newest look was begun, ms since the epoch. */
  askedMs = 0;
  /** Whether another look may begin at once: something came of the last one. */
  isRested = true;
  /** How long the gate waits before its next probe, ms. */
  backOffMs = 0;
  /** Since when nothing runs here, ms since the epoch; null while something does. */
  idleSince: number | null = null;
  /** Passes that this run has recorded. */
  passesOfRun = 0;
  private readonly inbox: Arrival[] = [];
  private described: DateMemory | null = null;
  private attributes: SearchAttributeUpdatePair[];
  private turn: Promise<unknown> = Promise.resolve();
  /** What goes on beside the loop: processors, notifications, answers. */
  private readonly beside = new Set<Promise<unknown>>();
  private fail: (error: unknown) => void = () => undefined;
  /** What a part of the run that goes on beside the loop throws; it comes to nothing else. */
  readonly fault = new Promise<never>((_, reject) => (this.fail = reject));

  constructor(
    { gameDate, carried, wasShared = false }: Phase3Input,
    readonly outside: Outside = alone,
  ) {
    this.memory = carried ?? newMemory(gameDate);
    this.attributes = wasShared ? [] : this.attributesNow();
  }

  get policy(): Omit<PolicySettings, 'now'> {
    return this.memory.policy ?? defaultPolicySettings;
  }

  get token(): PassToken {
    const { gameDate, pass } = this.memory;
    return { gameDate, runId: workflowInfo().runId, pass, ...traceOf(this.memory) };
  }

  get result(): Phase3Result {
    const { gameDate, runState: state, pass: passes, plan, answered } = this.memory;
    return { gameDate, state, passes, results: inPlanOrder(plan, resultsOf(this.memory)), answered };
  }

  /** Takes what came, to be looked at in the next turn. Cheap: there may be thousands in one workflow task. */
  receive(kind: Arrival['kind'], messages: readonly unknown[]): void {
    for (const given of messages) this.inbox.push({ kind, given });
    this.news += 1;
  }

  /** What requests that are not taken in yet call themselves. */
  get inboxIds(): ReadonlySet<unknown> {
    return new Set(this.inbox.map(idOf));
  }

  /** Takes a batch of the inbox into what is wanted. */
  takeIn(): void {
    const batch = this.inbox.splice(0, mostOfBatch);
    if (batch.length === 0) return;
    // What was left over is for the next turn.
    if (this.inbox.length > 0) this.news += 1;
    const taken = takeIn(this.memory, batch);
    this.apply('took', taken);
    for (const { replyTo, answer } of taken.replies) this.goesOn(this.outside.reply(replyTo, answer));
  }

  /** Takes in all that has come. */
  takeAllIn(): void {
    while (this.inbox.length > 0) this.takeIn();
  }

  /** Lets something happen to the date, now: what is new in its level log is logged, and answers are sent. */
  apply<K extends keyof Changes>(kind: K, what: Parameters<Changes[K]>[1]): void {
    const before = this.memory;
    const seen = before.journalDropped + before.journal.length;
    // The change is that of its own kind, which the compiler does not see through the index.
    const change = changes[kind] as (memory: DateMemory, what: unknown) => void;
    this.memory = { ...before, at: now() };
    change(this.memory, what);
    const { journal, journalDropped, gameDate, pass, answered } = this.memory;
    const about = { gameDate, pass, ...traceOf(this.memory) };
    for (const { level, message } of journal.slice(Math.max(0, seen - journalDropped))) {
      if (level === 'INFO') log.info(message, about);
      else if (level === 'WARNING') log.warn(message, about);
      else log.error(message, about);
    }
    if (answered === before.answered) return;
    const asked = new Map(unanswered(before).map((message) => [message.requestId, message]));
    for (const answer of answersOf(answered, new Set(asked.keys()))) this.send(answer, asked);
  }

  /** Mirrors the state to the Temporal UI, where it changed. Search attributes cost an event. */
  show(): void {
    if (this.described !== this.memory) this.outside.describe(this.memory);
    this.described = this.memory;
    const before = this.attributes;
    this.attributes = this.attributesNow();
    if (JSON.stringify(before) !== JSON.stringify(this.attributes)) this.outside.attribute(this.attributes);
  }

  private attributesNow(): SearchAttributeUpdatePair[] {
    const { memory } = this;
    return [
      { key: searchAttributes.runState, value: memory.runState },
      { key: searchAttributes.blockedOn, value: blockedOn(memory) },
      { key: searchAttributes.marks, value: marksOf(memory) },
    ];
  }

  /** Lets something go on beside the loop. What it throws is a fault of ours, unless the run is cancelled. */
  goesOn(work: Promise<unknown>): void {
    const tracked = work
      .catch((error: unknown) => {
        if (!isCancellation(error)) this.fail(error);
      })
      .finally(() => this.beside.delete(tracked));
    this.beside.add(tracked);
  }

  /** Waits until `news` is no longer what it was, for `ms` at the most; false when it still is. */
  hasNews(seen: number, ms: number, summary: string): Promise<boolean> {
    // At least a millisecond: a wait of none would be one without end.
    return condition(() => this.news !== seen, Math.max(1, ms), { summary });
  }

  /** Whether nothing of this run goes on beside it. */
  isQuiet(): boolean {
    return allHandlersFinished() && this.beside.size === 0;
  }

  async untilQuiet(): Promise<void> {
    await condition(() => this.isQuiet());
  }

  /** Lets decisions and writes to the audit have their turn, one after another: each entry is hashed with the one before it. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.turn.then(work);
    this.turn = turn.catch(() => undefined);
    return turn;
  }

  /** Writes to the date's audit, for who has the turn. An entry that is being written is written, whatever becomes of the run. */
  async write(entries: AuditEntry[]): Promise<AppendAuditResult> {
    if (entries.length === 0) return { heads: [], refused: [] };
    const written = await CancellationScope.nonCancellable(() =>
      this.outside.ask(appendAudit, { ...this.token, entries, known: this.memory.auditHead }),
    );
    const entryIds = entries.map(({ entryId }) => entryId);
    this.apply('audited', { entryIds, ...written });
    return written;
  }

  /** Writes what is owed to the audit. */
  audit(due: (memory: DateMemory) => AuditEntry[]): Promise<AppendAuditResult> {
    return this.inTurn(() => this.write(due(this.memory)));
  }

  /** The same, where what is under way goes on without it: what cannot be written stays due, and the log says so. */
  async tryAudit(due = unaskedDue): Promise<void> {
    await orFailure(this.audit(due), (error) => {
      log.error('the audit could not be written', { gameDate: this.memory.gameDate, error: error.message });
    });
  }

  /** Ends bypasses whose time is over, and tells people of what stands on one. */
  expireBypasses(): void {
    const bypasses = overdueBypasses(this.memory, Date.now());
    if (bypasses.length === 0) return;
    this.apply('bypassesExpired', { bypasses });
    const standing = bypasses.filter(({ status }) => status === 'standing');
    if (standing.length > 0) this.tell('trouble', describeExpired(this.memory.gameDate, standing));
  }

  /** Tells people, where there is news: one message at the first trouble, one when it is over. */
  tellNews(): void {
    const news = newsOf(this.memory);
    if (news) this.tell(news);
  }

  /** Tells people, by default how the date stands. It never fails the run; that nobody could be told is on record. */
  tell(kind: NotificationKind, summary = explainState(this.memory, true).headline, next?: string): void {
    const { gameDate, runState, trouble } = this.memory;
    const { workflowId, runId } = workflowInfo();
    const at = now();
    const notification: Notification = {
      notificationId: `${runId}/${kind}/${at}`,
      ...{ kind, subject: gameDate, state: runState, workflowId, runId, summary },
      since: kind === 'decided' || kind === 'recalled' ? at : (trouble?.since ?? at),
      ...(next === undefined ? {} : { next }),
    };
    this.apply('told', { kind });
    const telling = orFailure(notify(notification), (error) => {
      log.error('the notification could not be sent', { gameDate, kind, error: error.message });
    });
    this.goesOn(telling);
  }

  /** Tells people what came of a decision about what is live, and a workflow that asked what came of it. */
  private send(answer: DateReply, asked: ReadonlyMap<string, TriggerMessage>): void {
    const message = asked.get(answer.requestId);
    if (message?.kind === 'restore' || message?.kind === 'unpin')
      this.tell('decided', `${describeRequest(message) ?? ''}. ${answer.summary}`);
    if (message?.replyTo !== undefined) this.goesOn(this.outside.reply(message.replyTo, answer));
  }
}

/** The workflow's clock as an ISO instant: the same at replay. */
export function now(): string {
  return new Date().toISOString();
}

/** Waits for an activity whose failure is an outcome. A cancellation goes on, anything else is a fault of ours. */
export async function orFailure<T, F>(
  work: Promise<T>,
  failed: (error: ActivityFailure) => F,
): Promise<T | F> {
  try {
    return await work;
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return failed(error);
  }
}

/** The innermost cause of a failed activity, as a sentence. */
export function sentenceOf(error: ActivityFailure): string {
  const { cause } = error;
  if (cause instanceof TimeoutFailure)
    return `${error.activityType} took longer than it may (${cause.timeoutType ?? 'time-out'})`;
  if (cause instanceof ApplicationFailure) return `${cause.type ?? 'Error'}: ${cause.message}`;
  return cause?.message ?? error.message;
}
