import { canonicalJson } from '../../src/publishing/canonical-json';

describe('canonical JSON', () => {
  it('spells a value one way, whatever the order of its keys', () => {
    expect(canonicalJson({ b: 1, a: { d: null, c: [2, { y: 1, x: 2 }] } })).toBe(
      '{"a":{"c":[2,{"x":2,"y":1}],"d":null},"b":1}',
    );
    expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
  });

  it('keeps the order of a list, which says something', () => {
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  });

  it.each([
    ['text and number', '1', 1],
    ['null and zero', null, 0],
    ['null and empty text', null, ''],
    ['false and null', false, null],
    ['nothing and a list of null', [], [null]],
    ['one row and two', [{ a: 1 }], [{ a: 1 }, { a: 1 }]],
    ['neighbours among the numbers', 0.1 + 0.2, 0.3],
    ['what is quoted and what quotes', '","', ['', '']],
  ])('tells %s apart', (_what, one, other) => {
    expect(canonicalJson({ cell: one })).not.toBe(canonicalJson({ cell: other }));
  });

  it('takes an absent field and an undefined one for the same', () => {
    expect(canonicalJson({ a: 1, b: undefined })).toBe(canonicalJson({ a: 1 }));
  });

  it('is JSON that reads back as it was', () => {
    const value = { name: 'Dončić "Luka"\n', rate: 45.699999999999996, none: null, list: [true, -0.5, 1e-9] };
    expect(JSON.parse(canonicalJson(value))).toEqual(value);
  });
});
