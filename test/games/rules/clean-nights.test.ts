/** Clean nights: what no rule may hold. Every night of a season, and of the playoffs of 2017. */
import { gamesOf } from '../../../src/games/evidence';
import { gameRules } from '../../../src/games/rules/registry';
import { demoNights, describeWithSeason, seasonNights, type Night } from '../../support/nights';

/** How often each rule was broken, passed or not run, over all games. */
function judged(nights: readonly Night[]): Map<string, { broken: string[]; passed: number; notRun: number }> {
  const found = new Map(gameRules.map(({ id }) => [id, { broken: [] as string[], passed: 0, notRun: 0 }]));
  for (const night of nights)
    for (const { game, rules } of gamesOf(String(night.nbac_schedule[0]?.['game_date']), night))
      for (const { rule, status, contradictions } of rules) {
        const own = found.get(rule.id)!;
        if (status === 'broken') own.broken.push(`${game.gameId}: ${contradictions[0]?.detail ?? ''}`);
        else if (status === 'passed') own.passed += 1;
        else own.notRun += 1;
      }
  return found;
}

function blocks(nights: readonly Night[]): string[] {
  const found = judged(nights);
  return gameRules.filter(({ blocking }) => blocking).flatMap(({ id }) => found.get(id)!.broken);
}

function warnings(nights: readonly Night[]): Record<string, number> {
  const found = judged(nights);
  return Object.fromEntries(
    gameRules.filter(({ blocking }) => !blocking).map(({ id }) => [id, found.get(id)!.broken.length]),
  );
}

/** Warnings of clean nights: one game without a steal of a team, or a block; and turnovers of the teams themselves. */
function rare(ownTurnovers: number): Record<string, number> {
  return {
    ...{ K3: 0, P14: 0, P15: 0, S6: 0, U1: 0 },
    ...{ W1: 0, W2: 0, W3: 1, W4: 0, W5: ownTurnovers, W6: 0 },
  };
}

it('the playoffs of 2017: no game is held, and every rule is run on every game', () => {
  const nights = demoNights();
  expect(blocks(nights)).toEqual([]);
  for (const [, { passed, broken, notRun }] of judged(nights)) {
    expect(passed + broken.length).toBe(79);
    expect(notRun).toBe(0);
  }
  expect(warnings(nights)).toEqual(rare(0));
});

describeWithSeason('the season of 2024-25', () => {
  it('no game of 1,231 is held, and the warnings are few', () => {
    const nights = seasonNights();
    expect(nights.flatMap((night) => night.nbac_schedule)).toHaveLength(1231);
    expect(blocks(nights)).toEqual([]);
    expect(warnings(nights)).toEqual(rare(1));
  });
});
