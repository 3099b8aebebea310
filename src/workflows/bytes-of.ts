/** How much of what the server takes something is: it counts bytes of JSON, of which a character has up to four. */
const utf8 = new TextEncoder();

export function bytesOf(value: unknown): number {
  return utf8.encode(JSON.stringify(value)).length;
}

export function bytesOfAll(values: readonly unknown[]): number {
  return values.reduce<number>((all, value) => all + bytesOf(value), 0);
}
