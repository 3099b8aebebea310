/** What somebody sends to a date by hand, whatever it is: taken, or refused with faults; a workflow task never fails of it. */
import fc from 'fast-check';
import { replySchema } from '../../src/contracts/messages';
import { bypassSchema, cancelSchema, extendSchema, recheckSchema } from '../../src/contracts/decisions';
import { defaultPolicySettings } from '../../src/contracts/policy';
import { faultsIn, sentenceOf, shown } from '../../src/contracts/schema';
import { refuseBypass, refuseCancel, refuseExtension } from '../../src/explain/decision-rules';
import { newMemory } from '../../src/workflows/memory';
import { takeIn } from '../../src/workflows/take-in';
import { gameDate } from '../support/fixtures';

const memory = newMemory(gameDate);
const refusedAs = (kind: 'trigger' | 'recheck', given: unknown) =>
  takeIn(memory, [{ kind, given }]).refused[0];
const decoders: Readonly<Record<string, (given: unknown) => string | null>> = {
  trigger: (given) => refusedAs('trigger', given)?.why ?? null,
  'request id': (given) => refusedAs('trigger', given)?.requestId ?? null,
  bypass: (given) => refuseBypass(memory, given, defaultPolicySettings),
  extension: (given) => refuseExtension(memory, given),
  cancellation: (given) => refuseCancel(memory, given),
  recheck: (given) => refusedAs('recheck', given)?.why ?? null,
  answer: (given) => faultsIn(replySchema, given).map(sentenceOf).join(' ') || null,
};
const fields = [
  ...[bypassSchema, cancelSchema, extendSchema, recheckSchema].flatMap((schema) =>
    Object.keys(schema.entries),
  ),
  ...['requestId', 'kind', 'source', 'processors', 'replyTo', 'overrides', 'version', 'gameDate', 'state'],
];

function nested(levels: number, [open, close] = ['[', ']']): unknown {
  return JSON.parse(`${open.repeat(levels)}${open === '[' ? '' : '1'}${close.repeat(levels)}`);
}

test.each(Object.entries(decoders))('any JSON value is no exception: %s', (_, decode) => {
  const value = fc.jsonValue({ stringUnit: 'binary', maxDepth: 5 });
  const message = fc.oneof(value, fc.dictionary(fc.constantFrom(...fields), value));
  fc.assert(
    fc.property(message, (given) => {
      const said = decode(given);
      if (said !== null) expect(said.length).toBeLessThan(6_000);
    }),
    { numRuns: 500 },
  );
});

test.each(Object.entries(decoders))('a body nested 5,000 levels is refused: %s', (name, decode) => {
  for (const deep of [nested(5_000), nested(200_000), nested(5_000, ['{"by":', '}'])]) {
    const within = Object.fromEntries(fields.map((field) => [field, deep]));
    for (const given of [deep, within])
      expect(decode(given)).toEqual(name === 'request id' ? null : expect.stringMatching(/expected/));
  }
});

test('of a deep, a long and an unseen value the beginning is shown, and all of it is seen', () => {
  expect(shown(nested(5_000))).toBe('[[[[[[…]]]]]]');
  expect(shown('x'.repeat(1_000_000))).toMatch(/^"x{119}… \(1000000 characters\)$/);
  expect(shown('a\u202eb\u0000\ud83d')).toBe('"a\\u202eb\\u0000\\ud83d"');
  expect(shown({ a: [1, null, true], b: undefined })).toBe('{"a":[1,null,true],"b":nothing}');
  expect(shown(undefined)).toBe('missing');
});
