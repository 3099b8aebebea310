/**
 * The dead man's switch: an address that is pinged for as long as all is well, so that silence is the alarm. What follows the address
 * is the convention of healthchecks.io: `/start` when a check begins, the address itself when it found all well, `/fail` when not.
 */
import { postText, type WebhookOptions } from './webhook';

export type Ping = 'start' | 'success' | 'fail';

const endings: Readonly<Record<Ping, string>> = { start: '/start', success: '', fail: '/fail' };

/** Characters of a text that a receiver keeps at the least. */
const longestText = 10_000;

/** Pings once; `text` is for who reads it there. Throws `WebhookError`, which names the host only: the address is a secret. */
export async function ping(
  address: string,
  kind: Ping,
  text: string,
  options: WebhookOptions = {},
): Promise<void> {
  const url = new URL(address);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${endings[kind]}`;
  await postText(url.href, text.slice(0, longestText), options);
}
