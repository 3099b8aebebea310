/**
 * Whoever asks a date for something: sends a message as the gateway and the command line do, sends it again under its id when
 * the server refuses it or the date has forgotten it, and looks for its answer until it is there.
 */
import { ServiceError } from '@temporalio/client';
import type { Phase3Client } from '../../src/client';
import type { DateOutlook } from '../../src/contracts/date-state';
import { identityOf } from '../../src/contracts/identity';
import { isWorthTryingAgain, type TriggerMessage } from '../../src/contracts/messages';
import { BusyError, reasonOf } from '../../src/client';
import { atOnce } from '../bench/system';
import { figure, exactly, type Row } from './rows';

/** Who sends at once. Of their signals the client has a few under way. */
const sendersAtOnce = 40;
/** Ids in one question: an answer of so many stays well below what the server takes. */
const idsPerQuestion = 250;
const pollEveryMs = 250;
/** How long the date may seem not to know a request before it is sent again. */
const patienceMs = 5_000;
const [firstBackOffMs, longestBackOffMs] = [1_000, 8_000];

interface Asker {
  readonly message: TriggerMessage;
  /** The run that took the message; null while none has. */
  runId: string | null;
  /** When it is sent again, where no run has it. */
  sendAt: number;
  backOffMs: number;
  /** When the date last was known to have it. */
  seenAt: number;
}

export class Askers {
  private readonly outstanding = new Map<string, Asker>();
  private asked = 0;
  private accepted = 0;
  private refused = 0;
  private sentAgain = 0;
  private failed = 0;
  private unheard = 0;
  private lastAnswerAt = 0;
  /** What the server said when it refused, and how often. */
  readonly refusals = new Map<string, number>();

  constructor(
    private readonly client: Pick<Phase3Client, 'sendTogether' | 'lastOf' | 'outlook'>,
    private readonly gameDate: string,
    /** Messages in one signal. */
    private readonly together: number,
  ) {}

  /** Sends every message once; repeated ids are one asker. Resolves when the server has taken or refused each. */
  async send(messages: readonly TriggerMessage[]): Promise<void> {
    for (const message of messages)
      if (!this.outstanding.has(message.requestId)) {
        this.asked += 1;
        this.outstanding.set(message.requestId, {
          ...{ message, runId: null, sendAt: Infinity, backOffMs: firstBackOffMs, seenAt: 0 },
        });
      }
    await this.signal(messages);
  }

  /** Sends again and looks for answers until everybody has one, or `mayGoOn` says that it is enough. */
  async settle(mayGoOn: () => Promise<boolean>): Promise<void> {
    while (this.outstanding.size > 0 && (await mayGoOn())) {
      const now = Date.now();
      const due = [...this.outstanding.values()].filter(
        ({ runId, sendAt }) => runId === null && sendAt <= now,
      );
      this.sentAgain += due.length;
      await this.signal(due.map(({ message }) => message));
      await this.look();
      await pause(pollEveryMs);
    }
  }

  rows(begunAt: number): Row[] {
    return [
      figure('requests', 'count', this.asked),
      figure('messages accepted by the server', 'count', this.accepted),
      figure('messages refused by the server', 'count', this.refused),
      figure('messages sent again', 'count', this.sentAgain),
      figure('questions without an answer', 'count', this.unheard),
      figure('requests answered', 'count', this.asked - this.outstanding.size),
      exactly(0, figure('requests lost: without an answer at the end', 'count', this.outstanding.size)),
      exactly(0, figure('requests answered with a failure', 'count', this.failed)),
      figure(
        'from the first message to the last answer',
        's',
        this.lastAnswerAt === 0 ? null : (this.lastAnswerAt - begunAt) / 1000,
      ),
    ];
  }

  private async signal(messages: readonly TriggerMessage[]): Promise<void> {
    const signals: TriggerMessage[][] = [];
    for (let at = 0; at < messages.length; at += this.together)
      signals.push(messages.slice(at, at + this.together));
    await atOnce(signals, sendersAtOnce, (signal) => this.signalOnce(signal));
  }

  private async signalOnce(messages: readonly TriggerMessage[]): Promise<void> {
    const [first, ...more] = messages;
    if (!first) return;
    let runId: string | null = null;
    try {
      ({ runId } = await this.client.sendTogether(this.gameDate, [first, ...more]));
      this.accepted += messages.length;
    } catch (error) {
      if (!(error instanceof ServiceError || error instanceof BusyError)) throw error;
      this.refused += messages.length;
      const why = reasonOf(error);
      this.refusals.set(why, (this.refusals.get(why) ?? 0) + messages.length);
    }
    const now = Date.now();
    for (const { requestId } of messages) {
      const asker = this.outstanding.get(requestId);
      if (!asker) continue;
      Object.assign(asker, { runId, seenAt: now });
      if (runId === null) this.sendLater(asker, asker.backOffMs);
      else asker.backOffMs = firstBackOffMs;
    }
  }

  private sendLater(asker: Asker, afterMs: number): void {
    const backOffMs = Math.min(2 * asker.backOffMs, longestBackOffMs);
    Object.assign(asker, { runId: null, sendAt: Date.now() + afterMs, backOffMs });
  }

  private async look(): Promise<void> {
    const byRun = new Map<string, Asker[]>();
    for (const asker of this.outstanding.values())
      if (asker.runId !== null) {
        const others = byRun.get(asker.runId);
        if (others) others.push(asker);
        else byRun.set(asker.runId, [asker]);
      }
    for (const [runId, askers] of byRun) await this.lookAt(runId, askers);
  }

  private async lookAt(runId: string, askers: readonly Asker[]): Promise<void> {
    const run = { workflowId: identityOf(null).dateWorkflowId(this.gameDate), runId };
    const last = await this.client.lastOf(run).catch(() => null);
    if (last === null) return;
    // A result is read whole, however many ask.
    const size = last.isOpen ? idsPerQuestion : askers.length;
    for (let at = 0; at < askers.length; at += size) {
      const some = askers.slice(at, at + size);
      const ids = some.map(({ message }) => message.requestId);
      const outlook = await this.client.outlook(last, ids).catch(() => null);
      if (outlook) this.take(outlook, some, !last.isOpen);
      else this.unheard += 1;
      // Who does not answer one question does not answer the next.
      if (!outlook) return;
    }
  }

  private take(outlook: DateOutlook, askers: readonly Asker[], isOver: boolean): void {
    const answers = new Map(outlook.answers.map((answer) => [answer.requestId, answer]));
    const pending = new Set(outlook.pending.map(({ requestId }) => requestId));
    const now = Date.now();
    for (const asker of askers) {
      const { requestId } = asker.message;
      const answer = answers.get(requestId);
      if (answer) {
        if (answer.state === 'failed' || isWorthTryingAgain(answer)) this.failed += 1;
        this.outstanding.delete(requestId);
        this.lastAnswerAt = now;
      } else if (pending.has(requestId)) asker.seenAt = now;
      else if (isOver || now - asker.seenAt > patienceMs) this.sendLater(asker, 0);
    }
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
