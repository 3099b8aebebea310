/** One team's side of the estimate of possessions, by hand. */
import { teamSidePossessions, type TeamPlays } from '../../src/games/possessions';

const plays: TeamPlays = {
  ...{ fieldGoalsMade: 40, fieldGoalsAttempted: 90, freeThrowsAttempted: 20 },
  ...{ offensiveRebounds: 10, defensiveRebounds: 33, turnovers: 14 },
};
const opponent = { defensiveRebounds: 30 };

it('is what the formula makes of the figures', () => {
  // 90 + 0.4 · 20 − 1.07 · (10 / 40) · (90 − 40) + 14
  expect(teamSidePossessions(plays, opponent)).toBeCloseTo(98.625, 10);
});

it('takes the share of rebounds as 0 where nothing came back', () => {
  const none = { ...plays, offensiveRebounds: 0 };
  expect(teamSidePossessions(none, { defensiveRebounds: 0 })).toBeCloseTo(112, 10);
  expect(teamSidePossessions(none, opponent)).toBeCloseTo(112, 10);
});

it.each([
  ...['fieldGoalsMade', 'fieldGoalsAttempted', 'freeThrowsAttempted', 'offensiveRebounds', 'turnovers'],
] as const)('is unknown where %s is', (name) => {
  expect(teamSidePossessions({ ...plays, [name]: null }, opponent)).toBeNull();
});

it("is unknown where the opponent's defensive rebounds are, and does not need the team's own", () => {
  expect(teamSidePossessions(plays, { defensiveRebounds: null })).toBeNull();
  expect(teamSidePossessions({ ...plays, defensiveRebounds: null }, opponent)).toBeCloseTo(98.625, 10);
});
