/** What the bench may be asked, and what it says to the rest. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BadOptionError, readOptions } from '../../scripts/bench/options';

/** A folder beside which there is no season. */
const root = join(mkdtempSync(join(tmpdir(), 'phase3-options-')), 'repository');

test('without a season the demo nights stand in', () => {
  expect(readOptions([], root)).toMatchObject({
    season: join(root, 'data', 'demo'),
    isDemo: true,
    nights: 30,
    window: 8,
    waiting: 1000,
    noop: false,
  });
  expect(readOptions(['--season', '/there'], root)).toMatchObject({ season: '/there', isDemo: false });
});

test('parts run in the order in which they are named', () => {
  expect(readOptions(['--only', 'flat,noop'], root).only).toEqual(['flat', 'noop']);
});

test('what builds nothing has no gates to wake', () => {
  expect(readOptions([], root).only).toContain('wake');
  expect(readOptions(['--noop'], root).only).not.toContain('wake');
  expect(readOptions(['--only', 'wake', '--waiting', '10'], root)).toMatchObject({
    only: ['wake'],
    waiting: 10,
  });
});

test.each([
  [['--nights', '0'], '--nights is "0"'],
  [['--window', 'many'], '--window is "many"'],
  [['--waiting', '9'], '--waiting is "9", expected a whole number from 10 to 5000'],
  [['--noop', '--only', 'noop,wake'], '--only names wake'],
  [['--only', 'speed'], '--only names "speed"'],
  [['--fast'], "'--fast'"],
])('%j is refused with a sentence', (args, sentence) => {
  expect(() => readOptions(args, root)).toThrow(BadOptionError);
  expect(() => readOptions(args, root)).toThrow(sentence);
});
