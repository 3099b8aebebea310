/** What `npm run chaos` may be asked, and what it says of anything else. */
import { BadOptionError } from '../../scripts/options';
import { readOptions } from '../../scripts/chaos/options';

const anySeed = (): number => 42;

test('ten minutes of any seed where nothing is asked', () => {
  expect(readOptions([], anySeed)).toMatchObject({
    seed: 42,
    minutes: 10,
    isCalm: false,
    isLoud: true,
    build: null,
  });
});

test('what is asked', () => {
  const asked = ['--seed', '7', '--minutes', '0.5', '--calm', '--patience', '15', '--disk', '512', '--json'];
  expect(readOptions(asked, anySeed)).toMatchObject({
    ...{ seed: 7, minutes: 0.5, isCalm: true, patienceMs: 15_000, diskMegabytes: 512, isLoud: false },
  });
});

test('on BigQuery fewer dates come at once, and what does not move is waited for longer', () => {
  const [duckDb, bigQuery] = [[], ['--bigquery']].map((args) => readOptions(args, anySeed));
  expect(duckDb).toMatchObject({ isBigQuery: false, datesAtOnce: 5, patienceMs: 60_000 });
  expect(bigQuery).toMatchObject({ isBigQuery: true, datesAtOnce: 2, patienceMs: 300_000 });
  expect(readOptions(['--bigquery', '--patience', '15'], anySeed)).toMatchObject({ patienceMs: 15_000 });
});

test.each([
  [['--seed', 'seven'], '--seed is "seven", expected a whole number from 0'],
  [['--minutes', '0'], '--minutes is "0", expected a number from 0.1'],
  [['--minutes', ''], '--minutes is "", expected'],
  [['--disk', '1'], '--disk is "1", expected a whole number from 512'],
  [['--gently'], '--gently'],
])('%j is refused in a sentence', (args, sentence) => {
  expect(() => readOptions(args, anySeed)).toThrow(BadOptionError);
  expect(() => readOptions(args, anySeed)).toThrow(sentence);
});
