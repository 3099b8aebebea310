/** Parses JSON from outside, unless it is nested so deep that code which walks over it would exhaust the stack. Pure. */

/** Our own documents have at most five levels. */
const mostLevels = 64;

export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: 'not_json' | 'too_deep'; readonly problem: string };

/** The value of a JSON text, or why there is none. */
export function parseJson(text: string): ParsedJson {
  if (isTooDeep(text))
    return {
      ok: false,
      code: 'too_deep',
      problem: `is nested more than ${mostLevels} levels deep, expected a JSON object of at most ${mostLevels} levels`,
    };
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return { ok: false, code: 'not_json', problem: 'is not JSON, expected a JSON object' };
  }
}

/** Counts brackets outside of texts; one pass, without recursion. */
function isTooDeep(text: string): boolean {
  let levels = 0;
  let isText = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isText) {
      if (code === backslash) at += 1;
      else if (code === quote) isText = false;
    } else if (code === quote) isText = true;
    else if (code === openList || code === openObject) {
      levels += 1;
      if (levels > mostLevels) return true;
    } else if (code === closeList || code === closeObject) levels -= 1;
  }
  return false;
}

const [quote, backslash] = [0x22, 0x5c];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * A key that an object of a JSON text has twice, or null. The parser takes the last of them, and whoever has judged the text before
 * may have read the first.
 */
export function repeatedKey(text: string): string | null {
  const open: (Set<string> | null)[] = [];
  for (const [token, quoted] of text.matchAll(
    /("[^"\\]*(?:\\.[^"\\]*)*")\s*:|"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/gs,
  ))
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : null);
    else if (token === '}' || token === ']') open.pop();
    else if (quoted !== undefined) {
      const key = JSON.parse(quoted) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  return null;
}
