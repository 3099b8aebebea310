/** JSON with one spelling per value: sorted keys, no spaces. What hashes are taken over. */

/** The keys of objects of one shape: as they come, and in the order in which they are spelled. */
interface Shape {
  readonly keys: readonly string[];
  /** Each with what stands before its value, where it is the first and where it follows another. */
  readonly spelled: readonly { readonly key: string; readonly first: string; readonly next: string }[];
}

/** A value that was spelled before: it stands in a larger one as it is. */
export class Spelled {
  constructor(readonly text: string) {}
}

/** Canonical JSON of a plain value. Numbers are as JavaScript prints them: the shortest form that reads back the same. */
export function canonicalJson(value: unknown): string {
  return speller()(value);
}

/**
 * Gives canonical JSON of one value after another, faster for objects of one shape: rows. A key that is named to be left
 * out is not in the objects that it spells.
 */
export function speller(leftOut?: string): (value: unknown) => string {
  // Rows of a table have one shape, one after another: sorting its keys for each row would be most of the work.
  let last = shapeOf([], leftOut);

  const spellObject = (object: Readonly<Record<string, unknown>>): string => {
    const keys = Object.keys(object);
    if (!isSame(keys, last.keys)) last = shapeOf(keys, leftOut);
    let text = '';
    // Objects inside this one have shapes of their own.
    for (const { key, first, next } of last.spelled) {
      const field = object[key];
      if (field !== undefined) text += (text === '' ? first : next) + spell(field);
    }
    return text === '' ? '{}' : `${text}}`;
  };

  const spell = (part: unknown): string => {
    if (typeof part === 'number') {
      // JSON would print NaN as null, and the two would hash alike.
      if (!Number.isFinite(part)) throw new TypeError(`${part} is no figure`);
      // As JSON prints it, −0 included.
      return String(part);
    }
    // Half of a row is empty, and JSON takes its time to say so.
    if (part === null || part === undefined) return 'null';
    if (typeof part !== 'object') return JSON.stringify(part);
    if (part instanceof Spelled) return part.text;
    if (Array.isArray(part)) return `[${part.map(spell).join(',')}]`;
    return spellObject(part as Readonly<Record<string, unknown>>);
  };

  return spell;
}

function shapeOf(keys: readonly string[], leftOut: string | undefined): Shape {
  const sorted = keys.filter((key) => key !== leftOut).sort();
  return {
    keys,
    spelled: sorted.map((key) => {
      const text = `${JSON.stringify(key)}:`;
      return { key, first: `{${text}`, next: `,${text}` };
    }),
  };
}

function isSame(keys: readonly string[], known: readonly string[]): boolean {
  return keys.length === known.length && keys.every((key, index) => key === known[index]);
}
