/**
 * Sends pushes as a Pub/Sub subscription does: each when it is due, whatever has become of those before, and again with
 * back-off what is not acknowledged. Messages that are acknowledged once are done.
 */
import { Agent, request } from 'node:http';
import { pause } from '../../src/stack/processes';
import { BenchFailure } from './failure';
import type { PlannedPush } from './push-plan';
import type { AnsweredPush } from './push-verdict';

/** Pub/Sub's own, where a subscription asks for back-off and says no more. */
export const pubSubBackOff = { firstMs: 10_000, longestMs: 600_000 };
const acknowledging: readonly number[] = [102, 200, 201, 202, 204];
/** Longer than the gateway holds a request open. */
const answerMs = 120_000;

interface Message {
  attempt: number;
  isDone: boolean;
  /** Whether it is about to come again. */
  isDue: boolean;
}

export class PushSender {
  readonly answers: AnsweredPush[] = [];
  private readonly agent = new Agent({ keepAlive: true });
  private readonly messages = new Map<string, Message>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private underWay = 0;
  private isClosed = false;
  private mostAtOnce = 0;

  /** `url` is the gateway's. */
  constructor(
    private readonly url: string,
    private readonly backOff = pubSubBackOff,
  ) {}

  /** Pushes under way at once, at the most. */
  get most(): number {
    return this.mostAtOnce;
  }

  /** Sends the pushes when they are due; returns when the last one is sent, which is not when it is answered. */
  async send(pushes: readonly PlannedPush[]): Promise<void> {
    const begun = Date.now();
    for (const push of pushes) {
      const dueAt = begun + push.at;
      // What is late already is sent at once.
      while (Date.now() < dueAt) await pause(dueAt - Date.now());
      if (this.isClosed) return;
      this.deliver(push, dueAt);
    }
  }

  /** Waits until every message is acknowledged. Throws {@link BenchFailure} when nothing comes for long. */
  async drain(): Promise<void> {
    for (;;) {
      const open = [...this.messages.values()].filter(({ isDone }) => !isDone).length;
      if (open === 0 && this.underWay === 0) return;
      const last = this.answers.at(-1)?.answeredAt ?? Date.now();
      if (Date.now() - last > answerMs)
        throw new BenchFailure(`${open} messages are not acknowledged, and nothing comes any more.`);
      await pause(50);
    }
  }

  /** Sends no more. */
  close(): void {
    this.isClosed = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.agent.destroy();
  }

  private deliver(push: PlannedPush, dueAt: number): void {
    const { messageId, gameDate } = push;
    const message = this.messages.get(messageId) ?? { attempt: 1, isDone: false, isDue: false };
    this.messages.set(messageId, message);
    const { attempt } = message;
    this.underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.underWay);
    const sentAt = Date.now();
    void this.post(envelopeOf(push, attempt, sentAt)).then((answer) => {
      this.underWay -= 1;
      this.answers.push({ messageId, gameDate, attempt, dueAt, sentAt, answeredAt: Date.now(), ...answer });
      if (acknowledging.includes(answer.httpStatus ?? 0)) message.isDone = true;
      else this.comeAgain(push, message);
    });
  }

  /** Of two deliveries that are refused together one comes again. */
  private comeAgain(push: PlannedPush, message: Message): void {
    if (message.isDone || message.isDue || this.isClosed) return;
    message.isDue = true;
    const { firstMs, longestMs } = this.backOff;
    const waitMs = Math.min(firstMs * 2 ** (message.attempt - 1), longestMs);
    message.attempt += 1;
    const dueAt = Date.now() + waitMs;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      message.isDue = false;
      // Another delivery of it was acknowledged meanwhile.
      if (!message.isDone) this.deliver(push, dueAt);
    }, waitMs);
    this.timers.add(timer);
  }

  private post(body: string): Promise<Pick<AnsweredPush, 'httpStatus' | 'status' | 'missing' | 'message'>> {
    return new Promise((resolve) => {
      const sent = request(`${this.url}/process`, {
        method: 'POST',
        agent: this.agent,
        timeout: answerMs,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      });
      const broken = (why: string): void =>
        resolve({ httpStatus: null, status: why, missing: [], message: why });
      sent.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('error', (error) => broken(error.message));
        response.on('end', () => resolve({ httpStatus: response.statusCode ?? 0, ...read(text) }));
      });
      sent.on('timeout', () => sent.destroy(new Error(`nothing for ${answerMs / 1000} s`)));
      sent.on('error', (error) => broken(error.message));
      sent.end(body);
    });
  }
}

function envelopeOf({ messageId, gameDate, source }: PlannedPush, attempt: number, at: number): string {
  const message = { output_table: `nba_raw.${source}`, game_date: gameDate, status: 'success' };
  return JSON.stringify({
    message: {
      data: Buffer.from(JSON.stringify(message)).toString('base64'),
      messageId,
      publishTime: new Date(at).toISOString(),
      attributes: { correlation_id: `of ${messageId}` },
    },
    subscription: 'projects/bench/subscriptions/phase3',
    deliveryAttempt: attempt,
  });
}

interface Body {
  readonly status?: string;
  readonly message?: string;
  readonly missing_dependencies?: readonly string[];
  readonly also_waiting?: readonly { readonly missing_dependencies: readonly string[] }[];
}

function read(text: string): Pick<AnsweredPush, 'status' | 'missing' | 'message'> {
  let body: Body;
  try {
    body = JSON.parse(text) as Body;
  } catch {
    return { status: 'no JSON', missing: [], message: text.slice(0, 200) };
  }
  const { status = 'without a status', message = '', missing_dependencies: missing = [] } = body;
  const others = (body.also_waiting ?? []).flatMap((other) => other.missing_dependencies);
  // Of thousands that are well nobody reads the sentence.
  const isWell = status === 'completed' || status === 'unchanged';
  return { status, missing: [...missing, ...others], message: isWell ? '' : message };
}
