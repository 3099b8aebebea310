/** `FROM..TO` is taken wherever a range is; the ends apart are, too. */
import { requireArguments, requireEnds } from '../../src/cli/ranges';

const today = '2017-06-12';
const range = { from: '2017-04-15', to: '2017-04-17' };

it.each<[string, string, string | undefined]>([
  ['one text', '2017-04-15..2017-04-17', undefined],
  ['two', '2017-04-15', '2017-04-17'],
])('a range as %s', (_how, first, last) => {
  expect(requireArguments(first, last, today)).toEqual(range);
});

it.each<[string, string, string | undefined, RegExp]>([
  ['without its end', '2017-04-15', undefined, /^TO is missing/],
  ['that ends before it begins', '2017-04-17..2017-04-15', undefined, /^FROM is 2017-04-17, after TO/],
  ['of two ranges', '2017-04-15..2017-04-17', '2017-04-18', /^FROM is "2017-04-15\.\.2017-04-17"/],
  ['of no date', 'soon', undefined, /^FROM is "soon"/],
])('a range %s is refused', (_what, first, last, sentence) => {
  expect(() => requireArguments(first, last, today)).toThrow(sentence);
});

it('an argument stands for --from and --to, and not beside them', () => {
  expect(requireEnds('2017-04-15..2017-04-17', {})).toEqual(range);
  expect(requireEnds('2017-04-15', {})).toEqual({ from: '2017-04-15', to: '2017-04-15' });
  expect(requireEnds(undefined, range)).toEqual(range);
  expect(requireEnds(undefined, { to: '2017-04-17' })).toEqual({ to: '2017-04-17' });
  expect(requireEnds(undefined, {})).toEqual({});
  expect(() => requireEnds('2017-04-15', { to: '2017-04-17' })).toThrow(/exclude each other/);
  expect(() => requireEnds(undefined, { from: '2017-04-17', to: '2017-04-15' })).toThrow(
    /^--from is 2017-04-17, after --to, 2017-04-15/,
  );
  expect(() => requireEnds('2017-06-20', {}, today)).toThrow(/^FROM\.\.TO is 2017-06-20/);
});
