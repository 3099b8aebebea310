/** One run of a date's workflow: its state, its inbox, and what mirrors them to the outside. */
import {
  ActivityFailure,
  CancellationScope,
  allHandlersFinished,
  isCancellation,
  log,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { DateState, Phase3Input } from '../contracts/date-state';
import { isWorthTryingAgain, type TriggerMessage } from '../contracts/messages';
import type { Notification, NotificationKind } from '../contracts/notifications';
import type { AuditEntry, AuditHead, CancelRequest, RecheckMessage } from '../contracts/decisions';
import { defaultPolicySettings, type PolicySettings } from '../contracts/policy';
import { searchAttributes } from '../contracts/search-attributes';
import { appendAudit, notify } from './activity-stubs';
import { isBypassed } from './bypasses';
import type { PassRecord } from './pass-record';
import { sendReply } from './send-reply';
import { decodeTrigger } from './decode-signal';
import { describeState } from './describe-state';
import { recordMetrics } from './metrics';
import type { DateEvent } from './date-events';
import { reduce } from './reduce';
import { blockedOn, initialState } from './run-state';

export class DateRun {
  state: DateState;
  /** Requests not yet taken into a pass. */
  inbox: TriggerMessage[];
  /** Counts what should make a waiting gate probe at once. */
  wakes = 0;
  /** The policy of the newest pass; before the first, the defaults. */
  policy: Omit<PolicySettings, 'now'> = defaultPolicySettings;
  /** Set once the run ends by cancellation: from then on it takes no decision. */
  isEnding = false;
  /** Since when nothing runs here, ms since the epoch; null while something does. */
  idleSince: number | null = null;
  /** A person's decision to end the run. */
  cancelled: CancelRequest | null = null;
  /** A recheck that no probe has answered yet. */
  recheck: RecheckMessage | null = null;
  /** The longer deadline that is being put on record; there is one at a time. */
  extending: string | null = null;
  /** The pass under way, until it is recorded. */
  openPass: PassRecord | null = null;
  private mirrored = '';
  private auditing: Promise<unknown> = Promise.resolve();
  private readonly telling = new Set<Promise<void>>();

  constructor(input: Phase3Input) {
    this.state = input.carried?.state ?? initialState(input.gameDate);
    this.inbox = input.carried?.inbox ?? [];
    this.mirrored = this.attributesKey();
  }

  /** Takes in what came in one signal; one without anything is refused like any that is no trigger. */
  async receive(messages: readonly unknown[]): Promise<void> {
    const [first, ...more] = messages;
    await Promise.all([first, ...more].map((message) => this.receiveOne(message)));
  }

  /**
   * Takes a message in. A request that is known joins: it wakes a waiting gate and is answered with its twin; one that was
   * answered gets the answer again, since its sender did not receive it.
   */
  private async receiveOne(given: unknown): Promise<void> {
    const { message, fault } = decodeTrigger(given);
    const { answers, pending } = this.state;
    const isKnown = (id: string | null): boolean =>
      [...this.inbox, ...pending, ...answers].some((other) => other.requestId === id);
    if (!message) {
      // Whoever asked properly under this id is not to be told that it was refused.
      const requestId = isKnown(fault.requestId) ? null : fault.requestId;
      this.apply({ type: 'refused', requestId, why: fault.why, at: now() });
      return;
    }
    const { requestId, replyTo } = message;
    const answer = answers.find((candidate) => candidate.requestId === requestId);
    const known = [...this.inbox, ...pending].some((other) => other.requestId === requestId);
    if (!answer && !known) {
      this.inbox.push(message);
      return;
    }
    // Who sends again what has failed wants it tried again; a backfill that asks again has only not heard.
    const isOver = answer !== undefined && !known && replyTo === undefined;
    if (isOver && isWorthTryingAgain(answer)) {
      this.apply({ type: 'triedAgain', requestId, at: now() });
      this.inbox.push(message);
      return;
    }
    this.wakes += 1;
    this.apply({ type: 'joined', requestId, at: now() });
    if (answer && replyTo !== undefined) await sendReply(replyTo, answer);
  }

  /** Whether requests have come that no pass has taken yet. */
  hasNews(): boolean {
    return this.inbox.length > 0;
  }

  /** Whether requests have come that a run which was cancelled has still to answer. */
  hasToAnswer(): boolean {
    return this.inbox.some((message) => this.endsHere(message));
  }

  /** Takes in what ends with a run that was cancelled. */
  takeWhatEnds(): void {
    this.takeInbox((message) => this.endsHere(message));
  }

  /** A bypass has lapsed with the run that granted it. What else comes to a run that ends goes on in a next one. */
  private endsHere({ kind }: TriggerMessage): boolean {
    return kind === 'bypass';
  }

  /** Moves the inbox, or what of it is asked for, into the pass that begins and returns what was in it. */
  takeInbox(isAskedFor: (message: TriggerMessage) => boolean = () => true): TriggerMessage[] {
    const taken = this.inbox.filter(isAskedFor);
    this.inbox = this.inbox.filter((message) => !taken.includes(message));
    for (const message of taken) this.apply({ type: 'requested', message, at: now() });
    return taken;
  }

  /** Writes to the date's audit; one write after another, since each entry is hashed with the one before it. */
  async audit(entries: readonly AuditEntry[]): Promise<AuditHead[]> {
    return this.inAuditTurn(() => entries);
  }

  /** Writes what is owed to the audit. */
  async auditWhatIsDue(): Promise<void> {
    // Looked at when its turn has come: what was written meanwhile is not due any more.
    if (this.owesAudit()) await this.inAuditTurn(() => this.state.auditDue);
  }

  /** The same, where what is under way goes on without it: what cannot be written stays due, and the log says so. */
  async tryAudit(): Promise<void> {
    try {
      await this.auditWhatIsDue();
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      log.error('the audit could not be written', {
        gameDate: this.state.gameDate,
        error: String(error.cause),
      });
    }
  }

  private async inAuditTurn(entriesOf: () => readonly AuditEntry[]): Promise<AuditHead[]> {
    const turn = this.auditing.then(async () => {
      const entries = [...entriesOf()];
      if (entries.length === 0) return [];
      const { gameDate, pass, auditHead } = this.state;
      const { runId } = workflowInfo();
      // An entry that is being written is written, whatever becomes of the run.
      const { heads } = await CancellationScope.nonCancellable(() =>
        appendAudit({ gameDate, runId, pass, entries, known: auditHead }),
      );
      this.apply({ type: 'audited', entryIds: entries.map(({ entryId }) => entryId), heads });
      return heads;
    });
    this.auditing = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Tells people. It goes on beside the run and never fails it; that nobody could be told is on record in the history and
   * in the level log.
   */
  tell(kind: NotificationKind, summary: string): void {
    const { gameDate, runState, trouble } = this.state;
    const { workflowId, runId } = workflowInfo();
    const at = now();
    const notification: Notification = {
      notificationId: `${runId}/${kind}/${at}`,
      ...{ kind, subject: gameDate, state: runState, summary, workflowId, runId },
      since: trouble?.since ?? at,
    };
    this.apply({ type: 'told', kind, at });
    const telling = notify(notification)
      .catch((error: unknown) => {
        if (!isCancellation(error) && !(error instanceof ActivityFailure)) throw error;
        log.error('the notification could not be sent', { gameDate, kind, error: String(error) });
      })
      .finally(() => this.telling.delete(telling));
    this.telling.add(telling);
  }

  /** Whether something is still to be written to the audit: a run does not end before it is. */
  owesAudit(): boolean {
    return this.state.auditDue.length > 0;
  }

  /** Whether nothing of this run goes on beside it. */
  isQuiet(): boolean {
    return allHandlersFinished() && this.telling.size === 0;
  }

  apply(event: DateEvent): void {
    const seen = this.state.journalDropped + this.state.journal.length;
    const before = this.state;
    this.state = reduce(before, event);
    recordMetrics(before, event, this.state);
    for (const line of this.state.journal.slice(Math.max(0, seen - this.state.journalDropped)))
      this.write(line.level, line.message);
    this.mirror();
  }

  private write(level: 'INFO' | 'WARNING' | 'ERROR', message: string): void {
    const fields = { gameDate: this.state.gameDate, pass: this.state.pass };
    if (level === 'INFO') log.info(message, fields);
    else if (level === 'WARNING') log.warn(message, fields);
    else log.error(message, fields);
  }

  /** Search attributes cost an event, so they are written on a change of state only. */
  private mirror(): void {
    setCurrentDetails(describeState(this.state));
    const key = this.attributesKey();
    if (key === this.mirrored) return;
    this.mirrored = key;
    upsertSearchAttributes([
      { key: searchAttributes.runState, value: this.state.runState },
      { key: searchAttributes.blockedOn, value: blockedOn(this.state) },
      { key: searchAttributes.bypassed, value: isBypassed(this.state) },
    ]);
  }

  private attributesKey(): string {
    const { state } = this;
    return [state.runState, ...blockedOn(state), ...(isBypassed(state) ? ['bypassed'] : [])].join(' ');
  }
}

/** The workflow's clock as an ISO instant: the same at replay. */
export function now(): string {
  return new Date().toISOString();
}
