/** Names of the datasets of a shadow: a deployment of its own beside a live one, for as long as a build is tried in it. Pure. */

/** What tells the shadows of one live deployment from each other. */
export const shadowToken = /^[0-9a-f]{6}$/;

/** What is put before the datasets of a shadow; the live deployment may have a prefix itself. */
export function shadowPrefix(livePrefix: string | null, token: string): string {
  return livePrefix === null ? `canary_${token}` : `${livePrefix}_canary_${token}`;
}
