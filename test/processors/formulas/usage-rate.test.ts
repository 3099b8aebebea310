import { plays, usageRate, type PlayLine } from '../../../src/processors/formulas/usage-rate';

const regulation: PlayLine = {
  fieldGoalsAttempted: 84,
  freeThrowsAttempted: 25,
  turnovers: 13,
  minutes: 240,
};

function line(changes: Partial<PlayLine>): PlayLine {
  return { fieldGoalsAttempted: 0, freeThrowsAttempted: 0, turnovers: 0, minutes: 0, ...changes };
}

const counts = ['fieldGoalsAttempted', 'freeThrowsAttempted', 'turnovers'] as const;

describe('plays', () => {
  it('are attempts, 0.44 of the free throws, and turnovers', () => {
    expect(plays(regulation)).toBeCloseTo(84 + 11 + 13, 12);
  });

  it.each(counts)('are unknown, and not fewer, where %s are', (count) => {
    expect(plays({ ...regulation, [count]: null })).toBeNull();
  });
});

const unknownRate = { usageRate: null, usageRateRaw: null, valid: false };

describe('usage rate', () => {
  it("is the player's share of his team's plays while on court, in percent", () => {
    const player = line({ fieldGoalsAttempted: 20, freeThrowsAttempted: 5, turnovers: 3, minutes: 36 });
    expect(usageRate(player, regulation)).toEqual({
      usageRate: (100 * 25.2 * 48) / (36 * 108),
      usageRateRaw: (100 * 25.2 * 48) / (36 * 108),
      valid: true,
      anomalyReason: null,
    });
  });

  it("uses the game's own length in overtime, not 48 minutes", () => {
    const player = line({ fieldGoalsAttempted: 20, minutes: 40 });
    const overtime = { ...regulation, minutes: 265 };
    expect(usageRate(player, overtime).usageRate).toBeCloseTo((100 * 20 * 53) / (40 * 108), 12);
  });

  it('is 100 for one who makes every play of his team', () => {
    const everything = { ...regulation, minutes: 48 };
    expect(usageRate(everything, regulation)).toEqual({
      usageRate: 100,
      usageRateRaw: 100,
      valid: true,
      anomalyReason: null,
    });
  });

  it('caps what passes 100 in a few seconds of play, keeps the raw figure, and says so', () => {
    const shooter = line({ fieldGoalsAttempted: 1, minutes: 8 / 60 });
    const usage = usageRate(shooter, regulation);
    expect(usage).toMatchObject({ usageRate: 100, valid: false, anomalyReason: 'exceeds_100' });
    expect(usage.usageRateRaw).toBeCloseTo((100 * 48) / ((8 / 60) * 108), 9);
  });

  it('is a true zero for one who played without a play', () => {
    expect(usageRate(line({ minutes: 1.5 }), regulation)).toEqual({
      usageRate: 0,
      usageRateRaw: 0,
      valid: true,
      anomalyReason: null,
    });
  });

  it('is undefined, not zero, for an active player of 0:00', () => {
    expect(usageRate(line({ minutes: 0 }), regulation)).toEqual({
      usageRate: null,
      usageRateRaw: null,
      valid: null,
      anomalyReason: 'no_minutes',
    });
  });

  it.each([
    ['without plays', line({ minutes: 240 })],
    ['without minutes', { ...regulation, minutes: 0 }],
  ])('is undefined, never infinite, beside a team row %s', (_name, team) => {
    expect(usageRate(line({ fieldGoalsAttempted: 10, minutes: 30 }), team)).toEqual({
      usageRate: null,
      usageRateRaw: null,
      valid: null,
      anomalyReason: 'no_team_plays',
    });
  });

  it.each<[unknown: Partial<PlayLine>, anomalyReason: string]>([
    [{ minutes: null }, 'unknown_minutes'],
    [{ fieldGoalsAttempted: null }, 'unknown_field_goals_attempted'],
    [{ freeThrowsAttempted: null }, 'unknown_free_throws_attempted'],
    [{ turnovers: null }, 'unknown_turnovers'],
    [{ fieldGoalsAttempted: null, turnovers: null }, 'unknown_field_goals_attempted'],
    [{ freeThrowsAttempted: null, turnovers: null }, 'unknown_free_throws_attempted'],
  ])('is not valid, and says what is not known, for a line with %j', (unknown, anomalyReason) => {
    const player = line({ fieldGoalsAttempted: 10, minutes: 20, ...unknown });
    expect(usageRate(player, regulation)).toEqual({ ...unknownRate, anomalyReason });
  });

  it.each([...counts, 'minutes'] as const)('is not valid beside a team whose %s are not known', (count) => {
    const player = line({ fieldGoalsAttempted: 10, minutes: 20 });
    expect(usageRate(player, { ...regulation, [count]: null })).toEqual({
      ...unknownRate,
      anomalyReason: 'no_team_turnovers',
    });
  });

  it('halves when the team made twice the plays, and when the player took twice the minutes', () => {
    const player = line({ fieldGoalsAttempted: 10, minutes: 20 });
    const once = usageRate(player, regulation).usageRate!;
    const busier = { ...regulation, fieldGoalsAttempted: 168, freeThrowsAttempted: 50, turnovers: 26 };
    expect(usageRate(player, busier).usageRate).toBeCloseTo(once / 2, 12);
    expect(usageRate({ ...player, minutes: 40 }, regulation).usageRate).toBeCloseTo(once / 2, 12);
  });
});
