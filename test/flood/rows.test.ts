import { readOptions } from '../../scripts/flood/options';
import {
  atLeast,
  atMost,
  exactly,
  figure,
  isKept,
  renderRows,
  untimed,
  worstByName,
} from '../../scripts/flood/rows';
import { readFigures } from '../../scripts/flood/worker-metrics';

it.each([
  [atMost(2, figure('', '', 2)), true],
  [atMost(2, figure('', '', 2.01)), false],
  [atMost(2, figure('', '', Infinity)), false],
  [atLeast(1, figure('', '', 1)), true],
  [atLeast(1, figure('', '', 0)), false],
  [exactly(0, figure('', '', 0)), true],
  [exactly(0, figure('', '', 1)), false],
  [figure('', '', null), true],
])('a bound is kept or not: %j', (row, kept) => {
  expect(isKept(row)).toBe(kept);
});

it('what could not be measured keeps to no bound', () => {
  for (const value of [null, NaN])
    for (const bound of [atMost, atLeast]) expect(isKept(bound(2, figure('', '', value)))).toBe(false);
});

it('of a short flood times have no bound, and everything else has', () => {
  const rows = [
    atMost(2, figure('', 'ms', 9)),
    atMost(2, figure('', 'ratio', 9)),
    exactly(0, figure('', 'count', 9)),
  ];
  expect(rows.map(untimed).map(isKept)).toEqual([true, true, false]);
});

it('a bound that is not kept stands out', () => {
  const lines = renderRows([exactly(0, figure('lost', 'count', 3)), atMost(5, figure('slow', 's', 4))]).split(
    '\n',
  );
  expect(lines.filter((line) => line.includes('FAILED'))).toEqual([expect.stringContaining('lost')]);
});

it('of parts that bound the same, the worst is kept', () => {
  const slow = (value: number | null) => atMost(4, figure('slow', 'ratio', value));
  const sent = (value: number) => atLeast(1, figure('sent', 'count', value));
  expect(worstByName([slow(2), slow(3), slow(1), sent(5), sent(4), sent(6)])).toEqual({ slow: 3, sent: 4 });
  expect(worstByName([slow(2), slow(null), slow(3)])).toEqual({ slow: null });
});

it('the figures of a worker are read from its metrics', () => {
  const text = `# HELP phase3_event_loop_delay_max_seconds The longest
phase3_event_loop_delay_max_seconds{service_name="temporal-core-sdk"} 0.25
temporal_workflow_task_execution_latency_bucket{task_queue="phase3",workflow_type="a",le="0.5"} 3
temporal_workflow_task_execution_latency_bucket{task_queue="phase3",workflow_type="a",le="1"} 4
temporal_workflow_task_execution_latency_bucket{task_queue="phase3",workflow_type="a",le="10"} 5
temporal_workflow_task_execution_latency_bucket{task_queue="phase3",workflow_type="b",le="1"} 1
temporal_workflow_task_execution_latency_count{task_queue="phase3",workflow_type="a"} 6
temporal_workflow_task_execution_latency_count{task_queue="phase3",workflow_type="b"} 1
`;
  expect(readFigures(text)).toEqual({ longestBlock: 0.25, tasks: 7, slowTasks: 2 });
});

it('wrong options end it with a sentence', () => {
  expect(() => readOptions(['--only', 'up-2'])).toThrow('--only names "up-2", expected some of down-1,');
  expect(() => readOptions(['--messages', '0'])).toThrow('--messages is "0", expected a whole number from 1');
});
