/** What a decision must say before it is taken: who, and a reason that says something. Pure. */

const longestWho = 200;
const shortestReason = 10;
const longestReason = 1_000;

/** Names under which the system itself writes to the audit. */
const reserved: readonly string[] = ['policy', 'system', 'temporal'];

/** What is wrong with who decided, as a sentence without its subject; null when nothing is. */
export function faultOfWho(who: unknown): string | null {
  if (typeof who !== 'string' || who.trim() === '') return 'is blank; it names the person who decides';
  if (who.length > longestWho) return `is ${who.length} characters long, at most ${longestWho} are kept`;
  // What is not seen could make one name look like another.
  if (/\p{C}/u.test(who)) return 'holds a character that is not seen, or a line break';
  if (reserved.includes(who.trim().toLowerCase()))
    return `is "${who.trim()}", under which the system itself writes; it names a person`;
  return null;
}

/** What is wrong with a reason, as a sentence without its subject; null when nothing is. */
export function faultOfReason(reason: unknown): string | null {
  if (typeof reason !== 'string' || reason.trim() === '')
    return 'is blank; whoever reads the audit must learn why';
  const text = reason.trim();
  if (reason.length > longestReason)
    return `is ${reason.length} characters long, at most ${longestReason} are kept`;
  // Half a character can be stored nowhere.
  if (/[^\P{Cc}\t\n\r]|\p{Cs}/u.test(reason)) return 'holds a control character, or half of one';
  if (text.length < shortestReason || new Set(text.toLowerCase().match(/\p{L}/gu)).size < 4)
    return `is "${text}", which says too little: at least ${shortestReason} characters that say why`;
  return null;
}
