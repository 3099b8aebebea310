/** One run of a date's workflow: its state, its inbox, and what mirrors them to the outside. */
import { log, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { DateState, Phase3Input } from '../contracts/date-state';
import type { TriggerMessage } from '../contracts/messages';
import { searchAttributes } from '../contracts/search-attributes';
import type { PassRecord } from './pass-record';
import { sendReply } from './send-reply';
import { decodeTrigger } from './decode-trigger';
import { describeState } from './describe-state';
import { blockedOn, initialState, reduce, type DateEvent } from './run-state';

export class DateRun {
  state: DateState;
  /** Requests not yet taken into a pass. */
  inbox: TriggerMessage[];
  /** Counts what should make a waiting gate probe at once. */
  wakes = 0;
  /** The pass under way, until it is recorded. */
  openPass: PassRecord | null = null;
  private mirrored = '';

  constructor(input: Phase3Input) {
    this.state = input.carried?.state ?? initialState(input.gameDate);
    this.inbox = input.carried?.inbox ?? [];
    this.mirrored = this.attributesKey();
  }

  /**
   * Takes a message in. A request that is known joins: it wakes a waiting gate and is answered with its twin; one that was
   * answered is told the answer again, since who asks again did not hear it.
   */
  async receive(given: unknown): Promise<void> {
    const { message, fault } = decodeTrigger(given);
    if (!message) {
      this.apply({ type: 'refused', requestId: fault.requestId, why: fault.why, at: now() });
      return;
    }
    const { requestId, replyTo } = message;
    const answer = this.state.answers.find((candidate) => candidate.requestId === requestId);
    const known = [...this.inbox, ...this.state.pending].some((other) => other.requestId === requestId);
    if (!answer && !known) {
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

  /** Moves the inbox into the pass that begins and returns what was in it. */
  takeInbox(): TriggerMessage[] {
    const taken = this.inbox;
    this.inbox = [];
    for (const message of taken) this.apply({ type: 'requested', message });
    return taken;
  }

  apply(event: DateEvent): void {
    const seen = this.state.journalDropped + this.state.journal.length;
    this.state = reduce(this.state, event);
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
    ]);
  }

  private attributesKey(): string {
    return `${this.state.runState} ${blockedOn(this.state).join(' ')}`;
  }
}

/** The workflow's clock as an ISO instant: the same at replay. */
export function now(): string {
  return new Date().toISOString();
}
