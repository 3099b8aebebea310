import {
  gamePossessions,
  overtimePeriods,
  pace,
  pointsPer100,
} from '../../../src/processors/formulas/possessions';
import { teamSidePossessions, type TeamPlays } from '../../../src/games/possessions';

// The Sixers and the Knicks of 15 January 2025, after one overtime.
const sixers: TeamPlays = {
  fieldGoalsMade: 46,
  fieldGoalsAttempted: 92,
  freeThrowsAttempted: 14,
  offensiveRebounds: 11,
  defensiveRebounds: 24,
  turnovers: 12,
};
const knicks: TeamPlays = {
  fieldGoalsMade: 46,
  fieldGoalsAttempted: 86,
  freeThrowsAttempted: 24,
  offensiveRebounds: 15,
  defensiveRebounds: 30,
  turnovers: 13,
};

describe('possessions', () => {
  it("counts a side's attempts, free throws and turnovers, less what it rebounded itself", () => {
    const ownShare = 11 / (11 + 30);
    expect(teamSidePossessions(sixers, knicks)).toBeCloseTo(
      92 + 0.4 * 14 - 1.07 * ownShare * (92 - 46) + 12,
      12,
    );
  });

  it('is the same for both teams of a game: the mean of the two sides', () => {
    const mean = (teamSidePossessions(sixers, knicks)! + teamSidePossessions(knicks, sixers)!) / 2;
    expect(gamePossessions(sixers, knicks)).toBeCloseTo(mean, 12);
    expect(gamePossessions(knicks, sixers)).toBe(gamePossessions(sixers, knicks));
    expect(teamSidePossessions(sixers, knicks)).not.toBeCloseTo(mean, 1);
  });

  it.each(['turnovers', 'offensiveRebounds', 'defensiveRebounds', 'freeThrowsAttempted'] as const)(
    'are unknown, as pace and rating are, where %s of one team is',
    (figure) => {
      const possessions = gamePossessions({ ...sixers, [figure]: null }, knicks);
      expect([possessions, pace(possessions, 240), pointsPer100(100, possessions)]).toEqual([
        null,
        null,
        null,
      ]);
    },
  );

  it('takes nothing off where nobody rebounded', () => {
    const bare = { ...sixers, offensiveRebounds: 0 };
    expect(teamSidePossessions(bare, { ...knicks, defensiveRebounds: 0 })).toBeCloseTo(
      92 + 0.4 * 14 + 12,
      12,
    );
  });
});

describe('pace', () => {
  it('is possessions per 48 minutes of play, so an overtime game is not a faster one', () => {
    expect(pace(96, 240)).toBe(96);
    expect(pace(106, 265)).toBe(96);
    expect(pace(106, 240)).toBe(106);
  });
});

describe('a rating', () => {
  it('is points per 100 possessions, unrounded', () => {
    expect(pointsPer100(110, 96)).toBe(11000 / 96);
  });
});

describe('overtime periods', () => {
  it.each([
    ['240:00', 240, 0],
    ['265:00', 265, 1],
    ['290:00', 290, 2],
    ['315:00', 315, 3],
    ['a few seconds short of regulation', 239.9, 0],
    ['a few seconds short of one overtime', 264.9, 1],
    ['a few seconds over one overtime', 265.1, 1],
    ['a forfeit', 120, 0],
  ])('are counted from the minutes of the team: %s', (_name, minutes, periods) => {
    expect(overtimePeriods(minutes)).toBe(periods);
  });
});
