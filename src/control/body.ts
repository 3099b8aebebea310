/** A body that its schema accepts; anything else is a bad request with a sentence for each fault. */
import { read, sentenceOf, type Schema } from '../contracts/schema';

export function bodyOf<T>(schema: Schema<T>, body: unknown): T {
  const found = read(schema, body);
  if (found.ok) return found.value;
  throw Object.assign(new Error(found.faults.map(sentenceOf).join(' ')), { statusCode: 400 });
}
