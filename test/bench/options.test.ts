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
    noop: false,
  });
  expect(readOptions(['--season', '/there'], root)).toMatchObject({ season: '/there', isDemo: false });
});

test('parts run in the order in which they are named', () => {
  expect(readOptions(['--only', 'flat,noop'], root).only).toEqual(['flat', 'noop']);
});

test.each([
  [['--nights', '0'], '--nights is "0"'],
  [['--window', 'many'], '--window is "many"'],
  [['--only', 'speed'], '--only names "speed"'],
  [['--fast'], "'--fast'"],
])('%j is refused with a sentence', (args, sentence) => {
  expect(() => readOptions(args, root)).toThrow(BadOptionError);
  expect(() => readOptions(args, root)).toThrow(sentence);
});
