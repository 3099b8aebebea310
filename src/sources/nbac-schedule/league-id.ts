/** The league's id of a game: ten digits. Some senders take it for a number and lose its zeros. */

/** The id with the zeros that it begins with; any other text as it is. */
export function leagueId(id: string): string {
  const trimmed = id.trim();
  return /^\d{8,9}$/.test(trimmed) ? trimmed.padStart(10, '0') : trimmed;
}

/** Whether it is the id of a game of the season, or of one that is left out, of any year. */
export function isLeagueId(id: string): boolean {
  return /^00[1-6]\d{7}$/.test(leagueId(id));
}

/** Games of other teams or of another length: they are no part of a season's figures. */
const leftOut: Readonly<Record<string, string>> = {
  '001': 'a preseason game',
  '003': 'an All-Star game',
};

/** Why a game is left out, by the first digits of its id; null for a game of the season. */
export function whyLeftOut(id: string): string | null {
  return leftOut[leagueId(id).slice(0, 3)] ?? null;
}
