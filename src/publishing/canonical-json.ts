/** JSON with one spelling per value: sorted keys, no spaces. What hashes are taken over. */

/** The keys of objects of one shape: as they come, and in the order in which they are spelled. */
interface Shape {
  readonly keys: readonly string[];
  readonly spelled: readonly { readonly key: string; readonly prefix: string }[];
}

/** A value that was spelled before: it stands in a larger one as it is. */
export class Spelled {
  constructor(readonly text: string) {}
}

/** Canonical JSON of a plain value. Numbers are as JavaScript prints them: the shortest form that reads back the same. */
export function canonicalJson(value: unknown): string {
  // Rows of a table have one shape, one after another: sorting its keys for each row would be most of the work.
  let last: Shape = { keys: [], spelled: [] };

  const shapeOf = (object: object): Shape => {
    const keys = Object.keys(object);
    const { keys: known } = last;
    if (keys.length !== known.length || keys.some((key, index) => key !== known[index]))
      last = {
        keys,
        spelled: [...keys].sort().map((key) => ({ key, prefix: `${JSON.stringify(key)}:` })),
      };
    return last;
  };

  const spellObject = (object: Readonly<Record<string, unknown>>): string => {
    let text = '';
    for (const { key, prefix } of shapeOf(object).spelled) {
      const field = object[key];
      if (field === undefined) continue;
      text += (text === '' ? prefix : `,${prefix}`) + spell(field);
    }
    return `{${text}}`;
  };

  const spell = (part: unknown): string => {
    if (typeof part === 'number') {
      // JSON would print NaN as null, and the two would hash alike.
      if (!Number.isFinite(part)) throw new TypeError(`${part} is no figure`);
      // As JSON prints it, −0 included.
      return String(part);
    }
    if (typeof part !== 'object' || part === null) return JSON.stringify(part ?? null);
    if (part instanceof Spelled) return part.text;
    if (Array.isArray(part)) return `[${part.map(spell).join(',')}]`;
    return spellObject(part as Readonly<Record<string, unknown>>);
  };

  return spell(value);
}
