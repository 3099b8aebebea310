/** The table that the bench prints. */
import { atLeast, atMost, renderPart, type PartReport } from '../../scripts/bench/report';

const part: PartReport = {
  title: 'One night at a time',
  seconds: 12.34,
  loadBefore: 0.5,
  loadAfter: 1.25,
  others: 0.418,
  figures: [
    { name: 'trigger to published, p50', value: 187.4, unit: 'ms', samples: 30, mark: atMost(200) },
    { name: 'nights', value: 18.25, unit: 'a second', samples: 160, aim: atLeast(25) },
    { name: 'lag', value: 0.4123, unit: 'ms', samples: 30 },
  ],
  notes: ['published: the player activity is completed'],
};

test('figures stand in columns, each bound with its verdict', () => {
  expect(renderPart(part)).toEqual([
    'One night at a time (took 12.3 s, load 0.50 before, 1.25 after, others took 42 % of the machine)',
    '                                  measured  samples     mark     aim',
    '  trigger to published, p50         187 ms       30  ≤ 200 ✓',
    '  nights                     18.3 a second      160           ≥ 25 ✗',
    '  lag                              0.41 ms       30',
    '  published: the player activity is completed',
  ]);
});
