import { effectiveFieldGoals, trueShooting } from '../../../src/processors/formulas/shooting';

describe('true shooting', () => {
  it('is points per two true attempts, a free throw counting 0.44', () => {
    // Jalen Brunson, 15 January 2025: 38 points, 22 field goal and 9 free throw attempts.
    expect(trueShooting(38, 22, 9)).toBeCloseTo(38 / (2 * (22 + 0.44 * 9)), 12);
    expect(trueShooting(38, 22, 9)).toBeCloseTo(0.732, 3);
  });

  it('passes 1 where threes make it so', () => {
    expect(trueShooting(13, 5, 2)).toBeCloseTo(1.105, 3);
  });

  it('is undefined without an attempt', () => {
    expect(trueShooting(0, 0, 0)).toBeNull();
  });

  it('is a true zero for a player who missed everything', () => {
    expect(trueShooting(0, 3, 0)).toBe(0);
    expect(trueShooting(0, 0, 2)).toBe(0);
  });

  it.each<Parameters<typeof trueShooting>>([
    [null, 22, 9],
    [38, null, 9],
    [38, 22, null],
  ])('is not known of %j points, %j field goal and %j free throw attempts', (...line) => {
    expect(trueShooting(...line)).toBeNull();
  });

  it('is defined by free throws alone', () => {
    expect(trueShooting(2, 0, 2)).toBeCloseTo(2 / (2 * 0.88), 12);
  });
});

describe('effective field goals', () => {
  it('counts a three for one and a half', () => {
    expect(effectiveFieldGoals(10, 8, 18)).toBeCloseTo(14 / 18, 12);
  });

  it.each<Parameters<typeof effectiveFieldGoals>>([
    [null, 8, 18],
    [10, null, 18],
    [10, 8, null],
  ])('is not known of %j made, %j of them threes, of %j', (...line) => {
    expect(effectiveFieldGoals(...line)).toBeNull();
  });

  it('is undefined without a field goal attempt, even with free throws', () => {
    expect(effectiveFieldGoals(0, 0, 0)).toBeNull();
  });

  it('is a true zero for a player who missed everything', () => {
    expect(effectiveFieldGoals(0, 0, 4)).toBe(0);
  });
});
