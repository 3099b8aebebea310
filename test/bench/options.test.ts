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
    pushesPerSecond: 200,
    seconds: 60,
    noop: false,
  });
  expect(readOptions(['--season', '/there'], root)).toMatchObject({ season: '/there', isDemo: false });
});

test('parts run in the order in which they are named', () => {
  expect(readOptions(['--only', 'flat,noop'], root).only).toEqual(['flat', 'noop']);
});

test('what builds nothing has no gates to wake, and nothing to push for', () => {
  expect(readOptions([], root).only).toEqual(expect.arrayContaining(['wake', 'pushes']));
  expect(readOptions(['--noop'], root).only).toEqual(['nights', 'season', 'killed', 'noop', 'flat']);
  expect(readOptions(['--only', 'wake', '--waiting', '10'], root)).toMatchObject({
    only: ['wake'],
    waiting: 10,
  });
  expect(
    readOptions(['--only', 'pushes', '--pushes-per-second', '30', '--seconds', '10'], root),
  ).toMatchObject({ only: ['pushes'], pushesPerSecond: 30, seconds: 10 });
});

test.each([
  [['--nights', '0'], '--nights is "0"'],
  [['--window', 'many'], '--window is "many"'],
  [['--waiting', '9'], '--waiting is "9", expected a whole number from 10 to 5000'],
  [['--pushes-per-second', '401'], '--pushes-per-second is "401", expected a whole number from 30 to 400'],
  [['--seconds', '9'], '--seconds is "9", expected a whole number from 10 to 3600'],
  [['--noop', '--only', 'noop,wake'], '--only names wake'],
  [['--noop', '--only', 'pushes'], '--only names pushes'],
  [['--only', 'speed'], '--only names "speed"'],
  [['--fast'], "'--fast'"],
])('%j is refused with a sentence', (args, sentence) => {
  expect(() => readOptions(args, root)).toThrow(BadOptionError);
  expect(() => readOptions(args, root)).toThrow(sentence);
});
