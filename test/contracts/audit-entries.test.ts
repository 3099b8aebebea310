/** What a processor that was run owes to the audit. */
import { policyEntries, usedEntries } from '../../src/contracts/audit-entries';
import type { Outcome } from '../../src/contracts/phase3';
import { gameDate, missingGame, offense, player, resultOf } from '../support/fixtures';

const at = '2025-01-16T08:00:00.000Z';
const missingGames = [missingGame(0), missingGame(1)];
const waiver = {
  bypassId: 'b1',
  by: 'ana',
  reason: 'why',
  tables: ['team_offense_game_summary'],
  until: '2099-01-01T00:00:00.000Z',
};

it('is what policy let pass, when it is published and not when it is found unchanged', () => {
  const policyBypass = { kind: 'policy', rule: 'older_than_two_days', readyGames: 1, finalGames: 4 } as const;
  const result = resultOf(offense, { policyBypass, missingGames, version: 2 });
  expect(policyEntries(gameDate, result, at)).toMatchObject([
    {
      ...{ entryId: `policy/${gameDate}/${offense}/2`, kind: 'policy_bypass', by: 'policy', at },
      ...{ processor: offense, tables: ['nbac_team_boxscore'] },
      reason: 'older_than_two_days: 1 of 4 games are ready',
    },
  ]);
  expect(policyEntries(gameDate, { ...result, outcome: 'unchanged' }, at)).toEqual([]);
  expect(policyEntries(gameDate, { ...result, policyBypass: null }, at)).toEqual([]);
});

it('is that a bypass was used, by the version that stands on it and no other', () => {
  const result = resultOf(player, { version: 2, bypassIds: ['b1', 'b0'], missingGames });
  expect(usedEntries(waiver, result, at)).toMatchObject([
    {
      ...{
        entryId: `b1/${player}/used/2`,
        kind: 'bypass_used',
        by: 'system',
        processor: player,
        tables: waiver.tables,
      },
      evidence: { bypassId: 'b1', version: 2, missingGames },
    },
  ]);
  const others: [typeof waiver | undefined, string[], Outcome][] = [
    ...([
      [undefined, ['b1'], 'published'],
      [waiver, [], 'published'],
      [waiver, ['b0', 'b1'], 'published'],
      [waiver, ['b1'], 'quarantined'],
    ] as [typeof waiver | undefined, string[], Outcome][]),
  ];
  for (const [own, bypassIds, outcome] of others)
    expect(usedEntries(own, { ...result, bypassIds, outcome }, at)).toEqual([]);
});
