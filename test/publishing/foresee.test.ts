/** What a run would come to: each outcome with what it says, and what the next table would stand on. */
import { unbuilt } from '../../src/contracts/code-identity';
import type { Waiver } from '../../src/contracts/decisions';
import type { GameDecision } from '../../src/contracts/game-decisions';
import { currentManifest } from '../../src/gate/snapshot';
import { processorOf, processors } from '../../src/plan/registry';
import type { Processor } from '../../src/processors/define-processor';
import { eachRow } from '../../src/processors/define-rule';
import type { Row } from '../../src/tables/define-table';
import { foresee, withDecision, type ForeseeOptions, type Foreseen } from '../../src/publishing/foresee';
import {
  change,
  defense,
  drop,
  gameDate,
  gameIdOf,
  goodNight,
  homeOf,
  offense,
  ofTeam,
  player,
  policyAfter,
  published,
  type Night,
} from '../support/fixtures';

const night = goodNight(2);
const whole = published(night, offense, defense, player);
const moved = change(whole, 'nbac_team_boxscore', ofTeam(homeOf(0)), { turnovers: 12 });

type Options = Partial<ForeseeOptions>;

function come(snapshot: Night, options: Options = {}, of: readonly Processor[] = processors): Foreseen[] {
  return foresee(of, snapshot, { policy: policyAfter(1), build: unbuilt, ...options });
}

/** The players, by themselves. */
function ofPlayers(snapshot: Night, options: Options = {}, changes: Partial<Processor> = {}): Foreseen {
  return come(snapshot, options, [{ ...processorOf(player), ...changes }])[0]!;
}

const { table } = processorOf(player);
const fewPlayers = expect.stringMatching(/^a_team_lists_its_players: /) as string;
const live = { manifest: currentManifest(whole, table), rows: whole.rows.player_game_summary };

it('what was never published would be, each table on what the one before would publish', () => {
  const found = come(night);
  for (const { processor, outcome, reason, live: before, next, warnings } of found) {
    expect([processor.name, outcome, reason]).toEqual([
      ...[processor.name, 'published', 'it was never published for this date'],
    ]);
    expect(before).toBeNull();
    // Ten players of a team are few.
    expect(warnings).toEqual(processor.name === player ? [fewPlayers] : []);
    const hashes = (rows: readonly { readonly [column: string]: unknown }[] = []) =>
      rows.map((row) => row['data_hash']);
    expect(hashes(next?.rows)).toEqual(hashes(whole.rows[processor.table.name]));
    expect(next?.manifest).toMatchObject({
      ...{ game_date: gameDate, table_name: processor.table.name, version: 1 },
      ...{ run_id: 'dry-run', pass: 0, row_count: next?.rows.length, bypass: null },
    });
  }
  const onPlayers = found.find(({ processor }) => processor.name === player)?.next?.manifest;
  expect(JSON.parse(onPlayers?.upstream_versions ?? '')).toEqual([
    { table_name: 'team_offense_game_summary', version: 1 },
  ]);
});

it('what is live and current would stay as it is', () => {
  expect(ofPlayers(whole)).toMatchObject({
    ...{ outcome: 'unchanged', reason: 'it is what version 1 is', live, next: null, warnings: [] },
  });
});

it('what is forced is built all the same, and says so beside what has changed', () => {
  const forced = { [offense]: 'the test wants it' };
  const only = [processorOf(offense)];
  const [change] = come(moved, {}, only);
  expect(change).toMatchObject({ outcome: 'published', next: { manifest: { version: 2 } } });
  const reasonOf = (snapshot: Night) => come(snapshot, { forced }, only)[0]?.next?.manifest.reason;
  expect(reasonOf(whole)).toBe('the test wants it');
  expect(reasonOf(moved)).toBe(`${change?.reason}; the test wants it`);
});

it('without its inputs it would be held up, and what is live stays', () => {
  const gone = drop(whole, 'nbac_gamebook_player_stats');
  const verdict = { canRun: false, missing: ['nbac_gamebook_player_stats'] };
  expect(ofPlayers(gone)).toMatchObject({
    ...{ outcome: 'blocked', reason: 'missing nbac_gamebook_player_stats', verdict, live, next: null },
  });
});

it('a date without games has nothing to build', () => {
  expect(ofPlayers(goodNight(0))).toMatchObject({
    ...{ outcome: 'skipped', reason: 'the date has nothing to build', live: null, next: null },
  });
});

it('one blocking check that fails would quarantine it; what only warns would be said', () => {
  const warns = eachRow<Row>('only_warns', false, () => 'as the test wants it');
  const blocks = eachRow<Row>('blocks', true, () => 'the test refuses it');
  const own = processorOf(player).rules;
  const warned = ofPlayers(whole, { forced: { [player]: 'why' } }, { rules: [...own, warns] });
  expect(warned).toMatchObject({ outcome: 'published', next: { manifest: { version: 2 } } });
  expect(warned.warnings).toEqual([
    expect.stringMatching(/^only_warns: as the test wants it; /) as string,
    fewPlayers,
  ]);
  expect(ofPlayers(whole, { forced: { [player]: 'why' } }, { rules: [warns, blocks] })).toMatchObject({
    outcome: 'quarantined',
    reason: expect.stringMatching(/^only_warns: as .+; blocks: the test refuses it; /) as string,
    ...{ live, next: null, warnings: [] },
  });
});

it('over a bypass it would be built without its upstream, and its rows have the bypass', () => {
  const alone = published(night, defense);
  const waiver: Waiver = {
    ...{ bypassId: 'b-1', by: 'ana', reason: 'why', until: '2099-01-01T00:00:00.000Z' },
    tables: ['team_offense_game_summary'],
  };
  expect(ofPlayers(alone).outcome).toBe('blocked');
  const found = ofPlayers(alone, { waivers: { [player]: waiver } });
  expect(found.outcome).toBe('published');
  expect(JSON.parse(found.next?.manifest.bypass ?? '')).toMatchObject({ kind: 'person', bypass_id: 'b-1' });
  expect(new Set(found.next?.rows.map((row) => row['bypass_id']))).toEqual(new Set(['b-1']));
  const without = (game: number) =>
    `${gameIdOf(game)} has no rows of team_offense_game_summary: usage rates of its players are null, by the bypass`;
  expect(found.warnings).toEqual([without(0), without(1), fewPlayers]);
});

it.each<[string, Night, typeof live | null]>([
  ['nothing', published(night, offense), null],
  ['a version', moved, live],
])('a bug in its code is an outcome of it alone, and %s stays live', (_what, snapshot, stays) => {
  const judge = () => {
    throw new TypeError('the test broke it');
  };
  const found = ofPlayers(snapshot, {}, { judge });
  expect(found).toMatchObject({
    outcome: 'failed',
    reason: expect.stringMatching(
      /^The code of PlayerGameSummaryProcessor failed for player_game_summary of 2025-01-15: TypeError: the test broke it/,
    ) as string,
    verdict: { processor: player, canRun: false },
    ...{ live: stays, next: null },
  });
  expect(found.warnings).toEqual([]);
});

describe('a decision about a game', () => {
  const decided: GameDecision = {
    ...{ decisionId: 'e-2', kind: 'estimate', gameId: gameIdOf(0), rules: [] },
    estimate: {
      ...{ teams: [homeOf(0)], mean: 0.8, games: 812 },
      ...{ from: '2016-10-25', to: '2017-04-14' },
    },
    ...{ by: 'ana', reason: 'why', until: '2099-01-01T00:00:00Z', over: null, isOverOnRecord: false },
  };

  it('replaces those of its kind about the same game, and no others', () => {
    const others: GameDecision[] = [
      { ...decided, decisionId: 'e-1' },
      { ...decided, decisionId: 'other kind', kind: 'release' },
      { ...decided, decisionId: 'other game', gameId: gameIdOf(1) },
    ];
    const after = withDecision({ ...night, decisions: others }, decided);
    expect(after).toEqual({
      ...night,
      decisions: [{ ...others[0], over: 'replaced' }, others[1], others[2], decided],
    });
    expect(withDecision(night, decided).decisions).toEqual([decided]);
  });

  it('is in the rows of its game, and in the mark of each table that has them', () => {
    const missing: Night = {
      ...drop(night, 'nbac_team_boxscore', ofTeam(homeOf(0))),
      reconstructs: 'all',
    };
    const ofAnother: GameDecision = { ...decided, decisionId: 'r-1', kind: 'release', gameId: gameIdOf(1) };
    const found = come(withDecision({ ...missing, decisions: [ofAnother] }, decided) as Night);
    for (const { next } of found) {
      expect(JSON.parse(next?.manifest.bypass ?? '')).toEqual({
        ...{ kind: 'inherited', inherited: ['e-2'], decisions: { 'e-2': 'estimate' } },
      });
      for (const row of next?.rows ?? [])
        expect(row['bypass_id']).toBe(row['game_id'] === gameIdOf(0) ? 'e-2' : null);
    }
  });
});
