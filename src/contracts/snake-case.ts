/** Results as the JSON that scripts rely on, in the terminal and over HTTP. Pure. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Keys of plain data from camelCase to snake_case. Keys that are names (tables, processors) have none to change. */
export function toSnakeCase(value: unknown): Json {
  if (Array.isArray(value)) return value.map(toSnakeCase);
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => [
        /^[a-z]+([A-Z][a-z0-9]*)+$/.test(key)
          ? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
          : key,
        toSnakeCase(field),
      ]),
    );
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return null;
}
