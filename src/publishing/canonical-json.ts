/** JSON with one spelling per value: sorted keys, no spaces. What hashes are taken over. */

/** Canonical JSON of a plain value. Numbers are as JavaScript prints them: the shortest form that reads back the same. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`);
    return `{${entries.join(',')}}`;
  }
  // JSON would print NaN as null, and the two would hash alike.
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} is no figure`);
  return JSON.stringify(value ?? null);
}
