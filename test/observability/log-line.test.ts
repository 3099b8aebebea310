import { logLine } from '../../src/observability/log-line';

it('a line of the log shows what is not seen, and means what was logged', () => {
  const player = 'a\u001b[2J\u009b\u202e\nb';
  const line = logLine(new Date(0), 'ERROR', `${player} played`, { player, error: player });
  expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(JSON.parse(line)).toEqual({
    time: '1970-01-01T00:00:00.000Z',
    level: 'ERROR',
    message: `${player} played`,
    player,
    error: player,
  });
});
