import type { Readable } from 'node:stream';

/**
 * Lines of a text that comes in pieces. Only \n ends one; a \r before it stays, which JSON takes for a blank. Not
 * readline: since Node 24 it also ends lines at U+2028 and U+2029, which may stand in a text of JSON as they are.
 */
export async function* linesOf(text: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of text.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
