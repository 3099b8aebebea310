/** Sends pushes as a Pub/Sub subscription does: each again until it is acknowledged, some twice, late or in another order. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Chance } from './chance';
import type { Journal } from './journal';
import type { RawName } from './feed';

const answerMs = 30_000;
const [shortestBackOffMs, longestBackOffMs] = [500, 4_000];
/** The gateway reads no longer bodies. */
const oversizedBytes = 300 * 1024;

interface Message {
  readonly messageId: string;
  readonly gameDate: string;
  readonly source: RawName;
}

/** A message as it is sent, the same at every attempt. */
interface Sent {
  readonly messageId: string;
  readonly data: string;
  readonly gameDate: string | null;
  readonly source: RawName | null;
}

/** A message of a date that was acknowledged: whoever sent it believes that it was heeded. */
export interface Acknowledged {
  readonly gameDate: string;
  /** As its pass has it on record. */
  readonly requestId: string;
}

export class Pusher {
  private readonly underWay = new Set<Promise<void>>();
  private readonly sent: Message[] = [];
  /** Held back until later ones have overtaken them. */
  private readonly held: Message[] = [];
  private count = 0;
  private isStopped = false;
  readonly unanswered = new Set<string>();
  readonly acknowledged: Acknowledged[] = [];
  /** Ids of messages that were acknowledged because they can never be taken. */
  readonly kept: string[] = [];

  constructor(
    /** Where the next attempt goes. */
    private readonly gateway: () => string,
    private readonly chance: Chance,
    private readonly journal: Journal,
  ) {}

  /** Says that rows of a date have come; how the message fares is drawn. */
  tell(gameDate: string, source: RawName): void {
    const message = { messageId: `chaos-${(this.count += 1)}`, gameDate, source };
    this.sent.push(message);
    const fate = this.chance.weighted({ plain: 6, twice: 1, held: 2, repeated: 1 });
    if (fate === 'held') this.held.push(message);
    else this.send(message);
    if (fate === 'twice') this.send(message);
    if (fate === 'repeated') this.send(this.chance.pick(this.sent));
    while (this.held.length > 3 || (this.held.length > 0 && this.chance.is(0.2)))
      this.send(this.chance.take(this.held));
  }

  /** Sends what is held back. */
  release(): void {
    for (const message of this.held.splice(0)) this.send(message);
  }

  /** Sends what can never be taken: what is longer than anything may be, or says nothing. It is kept where that is kept. */
  disturb(): void {
    const messageId = `chaos-bad-${(this.count += 1)}`;
    const isLong = this.chance.is(0.5);
    const data = isLong ? 'x'.repeat(oversizedBytes) : JSON.stringify({ game_date: 'never' });
    this.journal.note(isLong ? 'oversized' : 'malformed', { messageId });
    this.follow({ messageId, data, gameDate: null, source: null });
  }

  get outstanding(): number {
    return this.underWay.size;
  }

  /** Nothing is sent any more. */
  stop(): void {
    this.isStopped = true;
  }

  private send({ messageId, gameDate, source }: Message): void {
    const data = JSON.stringify({
      output_table: `nba_raw.${source}`,
      game_date: gameDate,
      status: 'success',
    });
    this.journal.note('push', { messageId, gameDate, source });
    this.follow({ messageId, data, gameDate, source });
  }

  private follow(message: Sent): void {
    this.unanswered.add(message.messageId);
    const sending = this.untilAcknowledged(message).finally(() => this.underWay.delete(sending));
    this.underWay.add(sending);
  }

  private async untilAcknowledged(message: Sent): Promise<void> {
    const { messageId } = message;
    const publishTime = new Date().toISOString();
    let backOffMs = shortestBackOffMs;
    for (let attempt = 1; !this.isStopped; attempt += 1) {
      const answer = await this.post(message, publishTime).catch(() => null);
      if (answer?.ok) {
        this.unanswered.delete(messageId);
        this.journal.note('acknowledged', { messageId, attempt, status: answer.status });
        this.believe(message, answer.status);
        return;
      }
      await pause(backOffMs);
      backOffMs = Math.min(2 * backOffMs, longestBackOffMs);
    }
  }

  /** What an acknowledged message is to be found as. */
  private believe({ messageId, gameDate, source }: Sent, status: string | undefined): void {
    // By a clock that is behind, a date of today is in the future.
    if (status === 'dead_lettered') this.kept.push(messageId);
    else if (gameDate !== null && source !== null && status !== 'no_processors')
      this.acknowledged.push({ gameDate, requestId: `pubsub/${source}/${messageId}` });
  }

  private async post(
    { messageId, data }: Sent,
    publishTime: string,
  ): Promise<{ ok: boolean; status: string | undefined }> {
    const response = await fetch(`${this.gateway()}/process`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(answerMs),
      body: JSON.stringify({
        message: { data: Buffer.from(data).toString('base64'), messageId, publishTime },
        subscription: 'projects/chaos/subscriptions/phase3',
      }),
    });
    const { status } = (await response.json()) as { status?: string };
    return { ok: response.ok, status };
  }
}
