import { parseMinutes } from '../../src/sources/parse-minutes';

describe('minutes', () => {
  it.each([
    ['12:30', 12.5],
    ['0:00', 0],
    ['00:00', 0],
    ['01:50', 1 + 50 / 60],
    ['0:01', 1 / 60],
    ['48:59', 48 + 59 / 60],
    ['240:00', 240],
    ['265:00', 265],
    ['35', 35],
    ['35.7', 35.7],
    ['0', 0],
    [' 12:30 ', 12.5],
  ])('reads %j as %d', (text, minutes) => {
    expect(parseMinutes(text)).toBe(minutes);
  });

  it.each([
    null,
    '',
    ' ',
    '-',
    '12:60',
    '12:5',
    ':30',
    '12:',
    '-1:00',
    '-5',
    '1:02:03',
    '12:30.5',
    'DNP',
    '12m30s',
    'NaN',
    'Infinity',
    '1e3',
    '1000:00',
  ])('takes %j for no minutes at all, never for zero', (text) => {
    expect(parseMinutes(text)).toBeNull();
  });
});
