/** What the bench may be asked, and what it refuses with a sentence. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baselineCheckout } from '../../scripts/bench/checkout';
import { partNames, readOptions } from '../../scripts/bench/options';
import { BadOptionError } from '../../scripts/options';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'phase3-bench-options-'));
  mkdirSync(join(root, 'season', 'nba_raw'), { recursive: true });
  mkdirSync(join(root, 'unbuilt', 'bin'), { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('without arguments: all parts, twice, and the demo where there is no season', () => {
  expect(readOptions([], join(root, 'repository'))).toEqual({
    against: null,
    only: partNames.filter((name) => name !== 'seasons'),
    rounds: 2,
    json: false,
    season: join(root, 'repository', 'data', 'demo'),
    isDemo: true,
    waiting: 200,
  });
});

test('arguments count, and parts keep their order', () => {
  const season = join(root, 'season');
  const args = ['--against', 'v1', '--only', 'pushes, night', '--rounds', '5', '--full', '--json'];
  expect(readOptions([...args, '--season', season], root)).toEqual({
    against: 'v1',
    only: ['night', 'pushes'],
    rounds: 5,
    json: true,
    season,
    isDemo: false,
    waiting: 1_000,
  });
});

test.each([
  [
    ['--only', 'night,flat'],
    '--only names "flat", expected some of night, floor, levels, season, seasons, live, killed, wake, pushes.',
  ],
  [['--rounds', '0'], '--rounds is "0", expected a whole number from 1 to 20.'],
  [['--rounds', '1.5'], '--rounds is "1.5", expected a whole number from 1 to 20.'],
  [['--season', '/nowhere'], '--season is "/nowhere", expected a folder that holds nba_raw.'],
  [['--noop'], "Unknown option '--noop'"],
])('%j is refused', (args, sentence) => {
  expect(() => readOptions(args, root)).toThrow(BadOptionError);
  expect(() => readOptions(args, root)).toThrow(sentence);
});

describe('the baseline', () => {
  const say = (): void => undefined;

  test('is none where nobody asks for one, or the default is not in the repository', async () => {
    expect(await baselineCheckout('none', root, say)).toBeNull();
    expect(await baselineCheckout(null, root, say)).toBeNull();
  });

  test('that is asked for must be there', async () => {
    await expect(baselineCheckout('no-such-commit', root, say)).rejects.toThrow(
      '--against is "no-such-commit", expected a commit of this repository, a folder with bin/phase3.js, or none.',
    );
  });
});
