/** What a version stands on that keeps live rows: what those rows stand on, and nothing that only their neighbours did. */
import type { BypassMark } from '../../src/contracts/bypass-mark';
import { closedVerdict, type GateVerdict } from '../../src/contracts/phase3';
import { processorOf } from '../../src/plan/registry';
import { bypassMark } from '../../src/publishing/bypass-mark';
import { currentManifest } from '../../src/gate/snapshot';
import { defense, goodNight, offense, player, published } from '../support/fixtures';

const processor = processorOf(offense);
const manifest = currentManifest(published(goodNight(1), offense, defense), processor.table)!;
const person: BypassMark = {
  ...{ kind: 'person', bypass_id: 'b-1', by: 'ana', reason: 'why' },
  until: '2099-01-01T00:00:00.000Z',
  ...{ tables: ['nbac_team_boxscore'], inherited: ['release-1', 'upstream-1'] },
};

const released = { decisions: { 'release-1': 'release' as const } };

/** The mark of a build that keeps rows with these ids of a version with this mark. */
function markOf(
  live: BypassMark,
  rows: readonly (string | null)[],
  decided: readonly string[] = [],
  bypass: GateVerdict['bypass'] = null,
) {
  const verdict: GateVerdict = { ...closedVerdict(offense), bypass };
  return bypassMark(
    processor,
    (own) => (own === processor ? { ...manifest, bypass: JSON.stringify(live) } : null),
    verdict,
    () => false,
    {
      kept: rows.map((id) => ({ bypass_id: id })),
      decided: decided.map((decisionId) => ({ gameId: decisionId, decisionId })),
    },
    (id) => (id.startsWith('release') ? { gameId: `game-${id}`, kind: 'release' } : null),
  );
}

it.each<[string, readonly (string | null)[], BypassMark | null]>([
  ['a clean game', [null], null],
  ['nothing', [], null],
  ['a released game', [null, 'release-1'], { kind: 'inherited', inherited: ['release-1'], ...released }],
  ['a game over the bypass', ['b-1'], { ...person, inherited: ['upstream-1'] }],
  ['both', ['b-1', 'release-1'], { ...person, ...released }],
  // Built over an earlier bypass, which the mark has as inherited.
  ['a game over another bypass', ['upstream-1'], { kind: 'inherited', inherited: ['upstream-1'] }],
])('a version that keeps %s of one with a bypass', (_, rows, mark) => {
  expect(markOf(person, rows)).toEqual(mark);
});

it('a version whose game is built by a release stands on that release, whatever it keeps', () => {
  const live: BypassMark = { kind: 'inherited', inherited: ['release-1', 'upstream-1'] };
  expect(markOf(live, [null], ['release-1'])).toEqual({
    kind: 'inherited',
    inherited: ['release-1'],
    ...released,
  });
  expect(markOf(live, ['upstream-1'])).toEqual({ kind: 'inherited', inherited: ['upstream-1'] });
});

it('what two releases were for stays with the games of each', () => {
  const live: BypassMark = { kind: 'inherited', inherited: ['release-1', 'release-2'] };
  expect(markOf(live, ['release-2'])).toMatchObject({ inherited: ['release-2'] });
});

it('what is built over a bypass stands on that one, and on others only besides', () => {
  const { bypass_id: bypassId, by, reason, tables, until } = person;
  const bypass = { bypassId, by, reason, tables: [...tables], until };
  const own = { kind: 'person', bypass_id: bypassId, by, reason, tables, until };
  const nothing: BypassMark = { kind: 'inherited', inherited: [] };
  expect(markOf(nothing, [], [], bypass)).toEqual({ ...own, inherited: [] });
  expect(markOf(person, ['b-1', 'release-1'], [], bypass)).toEqual({
    ...{ ...own, inherited: ['release-1', 'upstream-1'], ...released },
  });
});

it('what is built on an upstream stands on what that stands on, unless it does without', () => {
  const of = (isIgnored: boolean) =>
    bypassMark(
      processorOf(player),
      (one) => (one === processor ? { ...manifest, bypass: JSON.stringify(person) } : null),
      closedVerdict(player),
      () => isIgnored,
      { kept: [], decided: [] },
      () => null,
    );
  expect(of(false)).toEqual({ kind: 'inherited', inherited: ['b-1', 'release-1', 'upstream-1'] });
  expect(of(true)).toBeNull();
});
