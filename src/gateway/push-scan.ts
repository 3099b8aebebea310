/**
 * What is known of a push whose body is too large or too deep to be parsed: read as it streams by, in constant memory. It
 * looks at the few short texts by which a message is known, and is no judge of whether the rest is JSON.
 */
import { createHash } from 'node:crypto';

/** Where what is kept of a body stands. */
const paths: Readonly<Record<string, keyof KnownPush>> = {
  'message.messageId': 'messageId',
  'message.message_id': 'messageId',
  'message.publishTime': 'publishTime',
  'message.publish_time': 'publishTime',
  subscription: 'subscription',
  deliveryAttempt: 'deliveryAttempt',
};

/** As they came; each is null where it was not found. */
export interface KnownPush {
  messageId: unknown;
  publishTime: unknown;
  subscription: unknown;
  deliveryAttempt: unknown;
}

export interface ScannedPush {
  readonly bytes: number;
  /** Of the whole body, in hex. */
  readonly sha256: string;
  /** Whether it has a field `message` that is an object, as pushes have. */
  readonly isPush: boolean;
  readonly known: Readonly<KnownPush>;
}

/** A text that is longer than this is none of those that are looked for. */
const longestToken = 1_100;

/** Takes a body in pieces. */
export class PushScan {
  private readonly hash = createHash('sha256');
  private readonly decoder = new TextDecoder();
  private readonly known: KnownPush = {
    messageId: null,
    publishTime: null,
    subscription: null,
    deliveryAttempt: null,
  };
  private bytes = 0;
  private isPush = false;
  /** How deep the present place is, and the keys of the two levels that matter. */
  private depth = 0;
  private readonly keys = ['', ''];
  /** The text or number that is being read; null outside, and of what is too long. */
  private token: string | null = null;
  private isText = false;
  private isEscaped = false;
  /** The text that was read last: a key, if a colon follows. */
  private last: string | null = null;

  feed(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.hash.update(chunk);
    const text = this.decoder.decode(chunk, { stream: true });
    for (let at = 0; at < text.length; at += 1) {
      if (this.isText) at = this.inText(text, at);
      else this.outside(text.charAt(at));
    }
  }

  /** Takes in a stretch of a text, and returns where it ends. */
  private inText(text: string, from: number): number {
    let at = from;
    for (; at < text.length; at += 1) {
      const letter = text.charAt(at);
      if (this.isEscaped) this.isEscaped = false;
      else if (letter === '\\') this.isEscaped = true;
      else if (letter === '"') {
        this.isText = false;
        this.last = this.token === null ? null : parsed(`"${this.token}"`);
        this.token = null;
        return at;
      }
      if (this.token !== null) {
        this.token += letter;
        if (this.token.length > longestToken) this.token = null;
      }
    }
    return at;
  }

  private outside(letter: string): void {
    switch (letter) {
      case '"':
        this.isText = true;
        this.token = '';
        return;
      case ':':
        if (this.depth === 1 || this.depth === 2) this.keys[this.depth - 1] = this.last ?? '';
        this.last = null;
        this.token = '';
        return;
      case '{':
      case '[':
        if (letter === '{' && this.depth === 1 && this.keys[0] === 'message') this.isPush = true;
        this.depth += 1;
        this.last = this.token = null;
        return;
      case ',':
      case '}':
      case ']':
        this.keep();
        if (letter !== ',') this.depth -= 1;
        return;
      default:
        if (this.token !== null && this.token.length < longestToken && !/\s/.test(letter))
          this.token += letter;
    }
  }

  /** A value has ended: a text, or what stood after a colon. */
  private keep(): void {
    const path = this.depth === 2 ? this.keys.join('.') : this.depth === 1 ? this.keys[0] : '';
    const name = Object.hasOwn(paths, path ?? '') ? paths[path ?? ''] : undefined;
    const value = this.last ?? (this.token === null || this.token === '' ? null : Number(this.token));
    if (name && value !== null) this.known[name] ??= value;
    this.last = this.token = null;
  }

  end(): ScannedPush {
    return { bytes: this.bytes, sha256: this.hash.digest('hex'), isPush: this.isPush, known: this.known };
  }
}

function parsed(text: string): string | null {
  try {
    return JSON.parse(text) as string;
  } catch {
    return null;
  }
}
