/** What a process tells Prometheus of itself. */
import { growthOf, meanBetween, sumOf } from '../../scripts/bench/prometheus-text';

const before = `# HELP lag_seconds Lag.
# TYPE lag_seconds gauge
lag_seconds 0.0125
waits_sum{task_queue="phase3",kind="a b"} 100
waits_count{task_queue="phase3",kind="a b"} 10
`;
const after = `waits_sum{task_queue="phase3",kind="a b"} 130
waits_sum{task_queue="other"} 20 1795634252
waits_count{task_queue="phase3",kind="a b"} 14
waits_count{task_queue="other"} 1
waits_count_more 7
`;

test('series of a metric are added up, and no other metric with them', () => {
  expect(sumOf(before, 'lag_seconds')).toBe(0.0125);
  expect(sumOf(after, 'waits_sum')).toBe(150);
  expect(sumOf(after, 'waits_count')).toBe(15);
  expect(sumOf(after, 'waits')).toBeNull();
});

test('growth, and the mean of what was observed meanwhile', () => {
  expect(growthOf(before, after, 'waits_sum')).toBe(50);
  expect(growthOf('', after, 'waits_count')).toBe(15);
  expect(growthOf(before, '', 'waits_count')).toBeNull();
  expect(meanBetween(before, after, 'waits')).toBe(10);
  expect(meanBetween(after, after, 'waits')).toBeNull();
});
