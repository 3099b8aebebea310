/**
 * A push subscription of Google Pub/Sub before an HTTP endpoint: at least once, in no order, with back-off and a
 * dead-letter topic, on a clock that runs faster than ours. Left out are its slow start, retention and ordering keys.
 *
 * What a message meets (held back, jitter, delivered once more) is drawn from the seed and the message's place among those
 * published, so that it does not hang on how fast anybody answered.
 *
 * Sources: https://cloud.google.com/pubsub/docs/push for the envelope and what acknowledges; `RetryPolicy` and
 * `DeadLetterPolicy` of google.pubsub.v1 for back-off and attempts, which it promises as a best effort only.
 */
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';

export interface SubscriptionOptions {
  /** Where it pushes to, an http URL. */
  readonly endpoint: string;
  /** `projects/p/subscriptions/s` unless told otherwise. */
  readonly subscription?: string;
  /** Asked for each push: a token, for one. What it throws, `drained` throws. */
  readonly headers?: () => Promise<Readonly<Record<string, string>>>;
  /** How much faster its clock runs than ours: 300 s of back-off at 1000 take 0.3 s. */
  readonly speed: number;
  /** On its clock, as the back-off is. */
  readonly ackDeadlineSeconds: number;
  /** On our clock, and instead: for an endpoint that has to wait for something real. */
  readonly ackDeadlineMs?: number;
  readonly minimumBackoffSeconds: number;
  readonly maximumBackoffSeconds: number;
  /** null is without a dead-letter policy: retried for ever, and no `deliveryAttempt` in the envelope. */
  readonly maxDeliveryAttempts: number | null;
  /** Of the messages that were acknowledged, how many are delivered once more all the same: 0 to 1. */
  readonly duplicateShare: number;
  /** Of the messages, how many are held back so that later ones overtake: 0 to 1. */
  readonly disorderShare: number;
  /** Message ids are from it too: two subscriptions of one endpoint need two seeds. */
  readonly seed: number;
  /** How many pushes may be under way at once; 1000 unless told otherwise. */
  readonly maxOutstanding?: number;
}

export interface PublishOptions {
  readonly attributes?: Readonly<Record<string, string>>;
  /** A second message with an id that was given before is a duplicate that may overtake or meet the first. */
  readonly messageId?: string;
}

/** A push that has ended. */
export interface Delivery {
  readonly messageId: string;
  /** From 1; one more after each that was not acknowledged. */
  readonly attempt: number;
  /** When it was sent: ms since the subscription began, on its clock. */
  readonly at: number;
  readonly status: number | 'no answer' | 'no connection';
  /** The JSON that was answered, or the text where it was none; null without a result. */
  readonly body: unknown;
  readonly acknowledged: boolean;
  /** It came after one that was acknowledged. */
  readonly duplicate: boolean;
}

export interface DeadLetter {
  readonly messageId: string;
  /** As it was published. */
  readonly data: unknown;
  readonly attempts: number;
}

interface Message {
  /** Its place among those published. */
  readonly index: number;
  readonly messageId: string;
  readonly data: unknown;
  /** `message` of the envelope. */
  readonly wire: object;
  attempt: number;
  duplicate: boolean;
  last: Delivery['status'] | null;
}

/** Held back until so many have overtaken it, or until its time and nothing later waits to be sent. */
interface Hold {
  overtakersLeft: number;
  readonly until: number;
}

type Answer = Pick<Delivery, 'status' | 'body'>;

/** Anything else is a negative acknowledgement. */
const acknowledging: readonly unknown[] = [102, 200, 201, 202, 204];
/** A back-off is longer than it must be by up to this share of it. */
const jitterShare = 0.25;
const mostOvertakers = 4;
/** What chance decides, each with numbers of its own. */
const question = { held: 1, overtakers: 2, holdTime: 3, jitter: 4, duplicated: 5, duplicateTime: 6 } as const;

export class PushSubscription {
  private readonly ended: Delivery[] = [];
  private readonly dead: DeadLetter[] = [];
  private readonly began = performance.now();
  private published = 0;
  /** Neither acknowledged for good nor dead. */
  private readonly open = new Set<Message>();
  private readonly held = new Map<Message, Hold>();
  private readonly ready: Message[] = [];
  private readonly underWay = new Set<Message>();
  /** Under way, and the endpoint cannot have it yet. */
  private readonly unsent = new Set<Message>();
  private readonly requests = new Map<ClientRequest, Promise<Answer>>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly waiters = new Set<() => void>();
  private closed = false;
  private failure: Error | null = null;

  constructor(private readonly options: SubscriptionOptions) {}

  /** In the order in which they ended. */
  get deliveries(): readonly Delivery[] {
    return this.ended;
  }

  get deadLetters(): readonly DeadLetter[] {
    return this.dead;
  }

  /** Sends bytes as they are and anything else as JSON. Returns the message's id. */
  publish(data: unknown, { attributes, messageId }: PublishOptions = {}): string {
    if (this.closed) throw new Error('the subscription is closed');
    const index = this.published++;
    const id = messageId ?? String(1_000_000_000_000_000 + this.options.seed * 1_000_000 + index);
    const time = new Date().toISOString();
    const bytes = Buffer.isBuffer(data) ? data : Buffer.from(JSON.stringify(data));
    const wire = {
      ...(attributes && { attributes }),
      data: bytes.toString('base64'),
      messageId: id,
      message_id: id,
      publishTime: time,
      publish_time: time,
    };
    const message: Message = { index, messageId: id, data, wire, attempt: 1, duplicate: false, last: null };
    this.open.add(message);
    if (this.chance(message, question.held) < this.options.disorderShare) this.hold(message);
    else this.ready.push(message);
    // What is published in one go is there before the first of it leaves.
    queueMicrotask(() => this.pump());
    return id;
  }

  /** Waits until every message is acknowledged or dead, and those that come once more have come. */
  async drained(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const settle = (how: () => void): void => {
        clearTimeout(timer);
        this.waiters.delete(look);
        how();
      };
      const look = (): void => {
        if (this.failure) settle(() => reject(this.failure!));
        else if (this.open.size === 0) settle(resolve);
        else if (this.closed) settle(() => reject(this.undone('when it was closed')));
      };
      const timer = setTimeout(() => settle(() => reject(this.undone(`after ${timeoutMs} ms`))), timeoutMs);
      this.waiters.add(look);
      look();
    });
  }

  /** Cuts off what is under way, which is not among the deliveries then, and forgets the rest. */
  async close(): Promise<void> {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.tellWaiters();
    for (const request of this.requests.keys()) request.destroy();
    await Promise.all(this.requests.values());
  }

  /** ms since it began, on its clock. */
  private now(): number {
    return (performance.now() - this.began) * this.options.speed;
  }

  /** Runs it at a time on its clock or later, unless what is returned is called. */
  private at(time: number, run: () => void): () => void {
    let timer: NodeJS.Timeout;
    const forget = (): void => {
      clearTimeout(timer);
      this.timers.delete(timer);
    };
    const arm = (): void => {
      timer = setTimeout(
        () => {
          forget();
          // A timer of Node's may be early by a part of a millisecond, which is much on its clock.
          if (this.now() < time) arm();
          else run();
        },
        Math.ceil((time - this.now()) / this.options.speed),
      );
      this.timers.add(timer);
    };
    arm();
    return forget;
  }

  private hold(message: Message): void {
    const share = (1 + this.chance(message, question.holdTime)) / 2;
    const until = this.now() + share * this.options.minimumBackoffSeconds * 1000;
    const overtakersLeft = 1 + Math.floor(this.chance(message, question.overtakers) * mostOvertakers);
    this.held.set(message, { overtakersLeft, until });
    this.at(until, () => this.pump());
  }

  private queueAt(time: number, message: Message): void {
    this.at(time, () => {
      this.ready.push(message);
      this.pump();
    });
  }

  private pump(): void {
    if (this.closed) return;
    const last = [...this.ready, ...this.unsent].reduce((most, { index }) => Math.max(most, index), -1);
    for (const [message, { overtakersLeft, until }] of this.held) {
      if (overtakersLeft > 0 && (this.now() < until || last > message.index)) continue;
      this.held.delete(message);
      this.ready.unshift(message);
    }
    while (this.underWay.size < (this.options.maxOutstanding ?? 1000)) {
      const message = this.ready.shift();
      if (!message) break;
      this.underWay.add(message);
      this.unsent.add(message);
      this.deliver(message).catch((error: unknown) => {
        this.failure ??= error instanceof Error ? error : new Error(String(error));
        this.tellWaiters();
      });
    }
  }

  private async deliver(message: Message): Promise<void> {
    const headers = (await this.options.headers?.()) ?? {};
    if (this.closed) return;
    const at = this.now();
    const { status, body } = await this.send(message, headers);
    if (this.closed) return;
    this.underWay.delete(message);
    this.noteSent(message);
    const { messageId, attempt, duplicate } = message;
    const acknowledged = acknowledging.includes(status);
    this.ended.push({ messageId, attempt, at, status, body, acknowledged, duplicate });
    message.last = status;
    if (acknowledged) this.acknowledge(message);
    else this.refuse(message);
    this.pump();
    this.tellWaiters();
  }

  /** Its acknowledgement may be lost, and then it is as if there had been none: it is delivered until there is one. */
  private acknowledge(message: Message): void {
    if (message.duplicate || this.chance(message, question.duplicated) >= this.options.duplicateShare) {
      this.open.delete(message);
      return;
    }
    message.duplicate = true;
    const wait = this.chance(message, question.duplicateTime) * this.options.minimumBackoffSeconds * 1000;
    this.queueAt(this.now() + wait, message);
  }

  private refuse(message: Message): void {
    const { maxDeliveryAttempts, minimumBackoffSeconds, maximumBackoffSeconds } = this.options;
    const { messageId, data, attempt } = message;
    if (maxDeliveryAttempts !== null && attempt >= maxDeliveryAttempts) {
      this.dead.push({ messageId, data, attempts: attempt });
      this.open.delete(message);
      return;
    }
    const jitter = 1 + this.chance(message, question.jitter, attempt) * jitterShare;
    const seconds = Math.min(minimumBackoffSeconds * 2 ** (attempt - 1) * jitter, maximumBackoffSeconds);
    message.attempt += 1;
    this.queueAt(this.now() + seconds * 1000, message);
  }

  private async send(message: Message, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const { endpoint, subscription = 'projects/p/subscriptions/s', maxDeliveryAttempts } = this.options;
    const attempt = maxDeliveryAttempts !== null && { deliveryAttempt: message.attempt };
    const body = JSON.stringify({ message: message.wire, subscription, ...attempt });
    // No connection is kept: a later push must not meet one that was closed meanwhile.
    const request = httpRequest(endpoint, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
    });
    request.on('finish', () => {
      this.noteSent(message);
      this.pump();
    });
    const answer = this.answerTo(request);
    this.requests.set(request, answer);
    request.end(body);
    return answer.finally(() => this.requests.delete(request));
  }

  private async answerTo(request: ClientRequest): Promise<Answer> {
    return new Promise((resolve) => {
      let answer: Answer = { status: 'no connection', body: null };
      let response: IncomingMessage | null = null;
      const forgetDeadline = this.at(this.now() + this.ackDeadline, () => {
        answer = { status: 'no answer', body: null };
        request.destroy();
      });
      const settle = (): void => {
        forgetDeadline();
        resolve(answer);
      };
      // To Node 102 is news of an answer to come. To Pub/Sub it is the answer.
      request.on('information', ({ statusCode }) => {
        if (!acknowledging.includes(statusCode)) return;
        answer = { status: statusCode, body: null };
        request.destroy();
      });
      request.on('response', (incoming) => {
        response = incoming;
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          forgetDeadline();
          answer = { status: incoming.statusCode!, body: parse(Buffer.concat(chunks).toString('utf8')) };
        });
        // What broke off has no end, and is as good as no connection.
        incoming.on('error', () => undefined);
      });
      request.on('error', () => undefined);
      request.on('close', () => {
        if (!response || response.closed) settle();
        else response.once('close', settle);
      });
    });
  }

  /** ms on its clock. */
  private get ackDeadline(): number {
    const { ackDeadlineMs, ackDeadlineSeconds, speed } = this.options;
    return ackDeadlineMs === undefined ? ackDeadlineSeconds * 1000 : ackDeadlineMs * speed;
  }

  /** Who is held back and was published earlier has been overtaken. */
  private noteSent(message: Message): void {
    if (!this.unsent.delete(message)) return;
    for (const [{ index }, hold] of this.held) if (index < message.index) hold.overtakersLeft -= 1;
  }

  private tellWaiters(): void {
    for (const look of [...this.waiters]) look();
  }

  private undone(when: string): Error {
    const open = [...this.open].map(
      ({ messageId, attempt, last }) => `${messageId} (attempt ${attempt}, last answer: ${last ?? 'none'})`,
    );
    return new Error(
      `${open.length} of ${this.published} messages are not done ${when}: ${open.slice(0, 10).join(', ')}` +
        (open.length > 10 ? ', …' : ''),
    );
  }

  /** From 0 to 1, the same for the same question about the same message. */
  private chance({ index }: Message, about: number, attempt = 0): number {
    return [index, attempt, about].reduce(mix, mix(0, this.options.seed)) / 2 ** 32;
  }
}

/** One step of mulberry32 (Tommy Ettinger, public domain) from a state that has the number in it. */
function mix(state: number, number: number): number {
  const seeded = (Math.imul(state ^ number, 0x9e3779b1) + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seeded ^ (seeded >>> 15), seeded | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
