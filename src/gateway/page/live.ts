/**
 * What pages show, read once for everybody who looks at it. While somebody follows it, it is looked at again and again; nobody
 * else causes more than one look at a time. Nothing here is state that matters: it is read again by the next gateway.
 */
import { createHash } from 'node:crypto';
import { Semaphore } from 'async-mutex';

/** Something that is shown, and how to find out whether it is another by now. */
export interface Topic<T> {
  /** Reads it where something has changed since the last look; null where nothing has. */
  look(): Promise<T | null>;
}

/** What is known of a topic. */
export interface Known<T> {
  readonly view: T;
  /** A hash of it: equal tags, equal pages, from whichever gateway. */
  readonly tag: string;
  /** Why the last look came to nothing, as a sentence: then `view` is what was so before. */
  readonly trouble: string | null;
}

/** What followers get. */
export type News = Pick<Known<unknown>, 'tag' | 'trouble'>;

export interface LiveOptions {
  /** The shortest time between two looks at a topic that somebody follows. */
  readonly everyMs?: number;
  /** Topics that are remembered while nobody follows them. */
  readonly mostRemembered?: number;
}

export class Live {
  private readonly topics = new Map<string, LiveTopic<unknown>>();
  private readonly turns = new Semaphore(4);
  private readonly everyMs: number;
  private readonly mostRemembered: number;
  private isClosed = false;

  constructor({ everyMs = 1_000, mostRemembered = 60 }: LiveOptions = {}) {
    this.everyMs = everyMs;
    this.mostRemembered = mostRemembered;
  }

  /** A topic, under a key that tells it from others. `make` is called where it is not known. */
  topic<T>(key: string, make: () => Topic<T>): LiveTopic<T> {
    const known = this.topics.get(key) as LiveTopic<T> | undefined;
    const topic =
      known ??
      new LiveTopic(make(), { turns: this.turns, everyMs: this.everyMs, isClosed: () => this.isClosed });
    // The order of the map is that of use.
    this.topics.delete(key);
    this.topics.set(key, topic);
    for (const [old, { isWatched }] of this.topics)
      if (this.topics.size > this.mostRemembered && !isWatched && old !== key) this.topics.delete(old);
    return topic;
  }

  /** Ends all looking after. */
  close(): void {
    this.isClosed = true;
  }
}

interface Surroundings {
  readonly turns: Semaphore;
  readonly everyMs: number;
  readonly isClosed: () => boolean;
}

export class LiveTopic<T> {
  private known: { readonly view: T; readonly tag: string } | null = null;
  private trouble: string | null = null;
  private looking: Promise<void> | null = null;
  private isLookedAfter = false;
  private readonly listeners = new Set<(news: News) => void>();

  constructor(
    private readonly topic: Topic<T>,
    private readonly at: Surroundings,
  ) {}

  get isWatched(): boolean {
    return this.listeners.size > 0;
  }

  /** What is so now. Throws where nothing is known and nothing can be found out. */
  async now(): Promise<Known<T>> {
    await this.look();
    if (!this.known) throw new TopicError(this.trouble ?? 'nothing is known');
    return { ...this.known, trouble: this.trouble };
  }

  /** What was so at the last look, for those who come to be told of changes; an empty tag where nothing is known. */
  get last(): News {
    return { tag: this.known?.tag ?? '', trouble: this.trouble };
  }

  /** Tells of each change from now on, until the returned function is called. */
  subscribe(tell: (news: News) => void): () => void {
    this.listeners.add(tell);
    void this.lookAfter();
    return () => void this.listeners.delete(tell);
  }

  /** Looks for as long as anybody follows. There is one such loop, however often followers go and come back within its pause. */
  private async lookAfter(): Promise<void> {
    if (this.isLookedAfter) return;
    this.isLookedAfter = true;
    while (this.isWatched && !this.at.isClosed()) {
      const begun = Date.now();
      await this.look();
      // What is slow to answer is asked less often.
      await pause(Math.max(this.at.everyMs, 2 * (Date.now() - begun)));
    }
    this.isLookedAfter = false;
  }

  /** Those who come while a look is under way join it. */
  private async look(): Promise<void> {
    this.looking ??= this.at.turns
      .runExclusive(() => this.lookOnce())
      .finally(() => {
        this.looking = null;
      });
    await this.looking;
  }

  private async lookOnce(): Promise<void> {
    const before = this.last;
    try {
      const view = await this.topic.look();
      this.trouble = null;
      if (view !== null) this.known = { view, tag: tagOf(view) };
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    }
    const now = this.last;
    if (now.tag === before.tag && now.trouble === before.trouble) return;
    for (const tell of [...this.listeners]) tell(now);
  }
}

/** A page cannot be shown now (503); asking again may help. */
export class TopicError extends Error {
  override readonly name = 'TopicError';
}

export function tagOf(view: unknown): string {
  return createHash('sha256').update(JSON.stringify(view)).digest('hex').slice(0, 16);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
