/** When a pin holds, what questions it, and which live versions are not what a run would build. */
import type { InputsByGame } from '../../src/contracts/manifests';
import { inputsOf } from '../../src/contracts/manifests';
import type { Pin } from '../../src/contracts/pin';
import { judgePinned, pinnedResult } from '../../src/gate/judge-pinned';
import { movedInputs } from '../../src/gate/moved-inputs';
import { pinOf } from '../../src/gate/pins';
import { currentManifest } from '../../src/gate/snapshot';
import { staleTables } from '../../src/gate/stale-tables';
import { processorOf, processors } from '../../src/plan/registry';
import type { ManifestRow } from '../../src/tables/orchestration';
import {
  change,
  defense,
  drop,
  gameIdOf,
  goodNight,
  homeOf,
  offense,
  ofGame,
  ofTeam,
  player,
  published,
  reversed,
  withRows,
  type Night,
} from '../support/fixtures';

const offenseTable = 'team_offense_game_summary';
const playerTable = 'player_game_summary';
const night = goodNight(2);
const once = published(night, offense, defense, player);
const boxscore = 'nbac_team_boxscore';
const corrected = change(once, boxscore, ofTeam(homeOf(0)), { turnovers: 12 });

/** The night with other manifests of a table, of one version or of all. */
function withManifest(given: Night, table: string, changes: Partial<ManifestRow>, version?: number): Night {
  return {
    ...given,
    partition_manifest: given.partition_manifest.map((one) =>
      one.table_name === table && one.version === (version ?? one.version) ? { ...one, ...changes } : one,
    ),
  };
}

function pinFor(name: string, changes: Partial<Pin> = {}): string {
  const processor = processorOf(name);
  const inputs = inputsOf(currentManifest(once, processor.table)!);
  const pin: Pin = {
    ...{ request_id: 'r-1', by: 'ana', reason: 'why', at: '2025-01-16T10:00:00.000Z', version: 1, inputs },
    processor_version: processor.version,
  };
  return JSON.stringify({ ...pin, ...changes });
}

const pinned = withManifest(once, playerTable, { pin: pinFor(player) });
const withIt = withManifest(pinned, offenseTable, { pin: pinFor(offense) });
const unpinned = published(withIt, offense);

test.each<[string, Night, boolean]>([
  ['nothing is pinned', once, false],
  ['nothing is published', night, false],
  ['its upstream is what it was', pinned, true],
  ['its upstream was pinned with it', withIt, true],
  ['its upstream was pinned with it, and unpinned since', unpinned, false],
  [
    'its upstream was pinned with it, and has had its rows put back',
    withManifest(unpinned, offenseTable, { pin: pinFor(offense) }, 2),
    true,
  ],
  [
    'its upstream was restored by another decision since',
    withManifest(
      published(pinned, offense),
      offenseTable,
      { pin: pinFor(offense, { request_id: 'r-2' }) },
      2,
    ),
    false,
  ],
  [
    'its upstream is what it was, and pinned by an earlier decision',
    withManifest(pinned, offenseTable, { pin: pinFor(offense, { request_id: 'r-0' }) }),
    true,
  ],
  [
    'its upstream is what it was, pinned by an earlier decision, and another one is not what it was',
    withManifest(
      withManifest(pinned, offenseTable, { pin: pinFor(offense, { request_id: 'r-0' }) }),
      playerTable,
      {
        upstream_versions: JSON.stringify([
          { table_name: 'team_defense_game_summary', version: 7 },
          { table_name: offenseTable, version: 1 },
        ]),
      },
    ),
    true,
  ],
  ['its upstream was built again, and was never pinned', published(pinned, offense), true],
  [
    'its upstream was pinned by another decision before, and built again',
    published(withManifest(pinned, offenseTable, { pin: pinFor(offense, { request_id: 'r-2' }) }), offense),
    true,
  ],
  [
    'it was built without its upstream',
    withManifest(unpinned, playerTable, { upstream_versions: '[]' }),
    true,
  ],
  [
    'its upstream is not there',
    {
      ...withIt,
      partition_manifest: withIt.partition_manifest.filter((one) => one.table_name !== offenseTable),
    },
    true,
  ],
])('of the players, where %s, a pin holds: %#', (_what, given, holds) => {
  expect(pinOf(processorOf(player), given)).toEqual(
    holds ? expect.objectContaining({ request_id: 'r-1', version: 1 }) : null,
  );
});

describe('inputs that moved', () => {
  const moved = (given: Night, name = offense, changes: Partial<ManifestRow> = {}) =>
    movedInputs(processorOf(name), given, {
      ...currentManifest(given, processorOf(name).table)!,
      ...changes,
    });
  const [first, second] = [gameIdOf(0), gameIdOf(1)];
  const late = drop(night, boxscore, ofGame(1));
  const arrived = withRows(published(late, offense), boxscore, night.rows.nbac_team_boxscore);
  const lateFirst = drop(night, boxscore, ofGame(0));
  const arrivedFirst = change(
    withRows(published(lateFirst, offense), boxscore, night.rows.nbac_team_boxscore),
    ...([boxscore, ofTeam(homeOf(1)), { turnovers: 12 }] as const),
  );
  const unlisted = drop(drop(once, 'nbac_schedule', ofGame(1)), boxscore, ofGame(1));

  test.each<[string, ReturnType<typeof moved>, readonly [string | null, string | null, RegExp][]]>([
    ['none', moved(once), []],
    ['rows of one game', moved(corrected), [[first, boxscore, /^its rows changed$/]]],
    [
      'rows of two games, in their order, after the upstream',
      moved(
        published(
          change(once, 'nbac_gamebook_player_stats', () => true, { dnp_reason: 'x' }),
          offense,
        ),
        player,
      ),
      [
        [null, offenseTable, /^version 2 is live, and it was built on version 1$/],
        [first, 'nbac_gamebook_player_stats', /^its rows changed$/],
        [second, 'nbac_gamebook_player_stats', /^its rows changed$/],
      ],
    ],
    [
      'a game that came',
      moved(arrived),
      [[second, null, /^it can be built now, and the live version is without it$/]],
    ],
    [
      'a game that came, before one whose rows changed',
      moved(arrivedFirst),
      [
        [first, null, /^it can be built now, and the live version is without it$/],
        [second, boxscore, /^its rows changed$/],
      ],
    ],
    [
      'a game that cannot be built any more',
      moved(drop(once, boxscore, ofGame(1))),
      [[second, boxscore, /^it could not be built now: /]],
    ],
    [
      'a game that is not listed any more',
      moved(unlisted),
      [[second, null, /^the schedule of the date does not list it any more$/]],
    ],
    ['what nobody knows', moved(corrected, offense, { inputs: null }), []],
    [
      'an upstream that it did without',
      moved(published(once, offense), player, { upstream_versions: '[]' }),
      [],
    ],
  ])('%s', (_what, found, expected) => {
    expect(found.map(({ gameId, table, detail }) => [gameId, table, detail])).toEqual(
      expected.map(([gameId, table, detail]) => [gameId, table, expect.stringMatching(detail)]),
    );
  });
});

describe('a pinned version', () => {
  const ofOffense = (given: Night, changes: Partial<Pin> = {}, manifest: Partial<ManifestRow> = {}) =>
    judgePinned(
      processorOf(offense),
      withManifest(given, offenseTable, { ...manifest, pin: pinFor(offense, changes) }),
    )!;
  const other: InputsByGame = { [gameIdOf(0)]: { [boxscore]: 'another', nbac_schedule: 'another' } };

  it('can be left as it is, waits for nothing, and is what a run says of it', () => {
    const found = ofOffense(once);
    const pin = {
      ...{ requestId: 'r-1', by: 'ana', reason: 'why', at: '2025-01-16T10:00:00.000Z' },
      ...{ version: 1, questioned: null },
    };
    expect(found).toMatchObject({
      ...{ altered: null, moved: [], pin, manifest: { version: 1 } },
      verdict: { processor: offense, canRun: true, missing: [], missingGames: [], pin },
    });
    expect(pinnedResult(found)).toEqual({
      ...{ processor: offense, outcome: 'unchanged', reason: 'pinned to version 1 by ana: why', pin },
      ...{ version: 1, rowCount: 4, missing: [], missingGames: [], policyBypass: null, warnings: [] },
      bypassIds: [],
    });
  });

  test.each<[string, ReturnType<typeof ofOffense>, RegExp | null]>([
    ['nothing', ofOffense(once), null],
    ['inputs that nobody knew then', ofOffense(corrected, { inputs: null }), null],
    [
      'another version of its processor',
      ofOffense(once, { processor_version: '0.0.1' }),
      /^the processor changed from version 0\.0\.1 to \d/,
    ],
    ['an input that moved', ofOffense(corrected), /^20250115_ATL_BOS, nbac_team_boxscore: its rows changed$/],
    [
      'several, of which the first is named',
      ofOffense(change(once, boxscore, () => true, { turnovers: 12 })),
      /^20250115_ATL_BOS, nbac_team_boxscore: its rows changed; and 1 more$/,
    ],
    [
      'that all is again what the pinned rows were built from',
      ofOffense(once, {
        inputs: { ...inputsOf(currentManifest(once, processorOf(offense).table)!), ...other },
      }),
      /: its rows changed( |;).* - all are again what the pinned rows were built from$/,
    ],
    [
      'the same, where nobody knows what they were built from',
      ofOffense(once, { inputs: other }, { inputs: null }),
      /(more|without it|its rows changed)$/,
    ],
  ])('is questioned by %s', (_what, found, why) => {
    const questioned = why && (expect.stringMatching(why) as string);
    expect(found.pin.questioned).toEqual(questioned);
    expect(pinnedResult(found).warnings).toEqual(
      why ? [expect.stringMatching(/^the pin to version 1 by ana is questioned: /)] : [],
    );
  });

  it('of another version of its processor is compared with nothing', () => {
    expect(ofOffense(corrected, { processor_version: '0.0.1' }).moved).toEqual([]);
  });

  it('says what it was built without, by game', () => {
    const of = (game: number, status: string) => ({
      ...{ game_id: gameIdOf(game), status, table: boxscore, detail: `of ${game}` },
    });
    const games = JSON.stringify([of(1, 'missing'), of(0, 'disputed')]);
    expect(ofOffense(once, {}, { missing_games: games }).verdict.missingGames).toMatchObject([
      { gameId: gameIdOf(0), status: 'held', detail: 'when what is pinned was built: of 0' },
      { gameId: gameIdOf(1), status: 'missing', detail: 'when what is pinned was built: of 1' },
    ]);
  });

  it('is questioned where its inputs cannot be read, and stays', () => {
    const broken = {
      ...processorOf(offense),
      judge: () => {
        throw new TypeError('the test broke it');
      },
    };
    const given = withManifest(corrected, offenseTable, { pin: pinFor(offense) });
    expect(judgePinned(broken, given)).toMatchObject({
      moved: [],
      pin: { questioned: 'its inputs cannot be read: the test broke it' },
    });
  });

  it.each([
    ['oldest', (given: Night) => given],
    ['newest', reversed],
  ])('is questioned by an upstream of other rows, not by one of another number: %s first', (_, inOrder) => {
    const of = (given: Night) => judgePinned(processorOf(player), inOrder(given))?.pin.questioned;
    expect(of(published(pinned, offense))).toBeNull();
    const others = published(change(pinned, boxscore, ofTeam(homeOf(0)), { turnovers: 12 }), offense);
    expect(of(others)).toMatch(
      /^team_offense_game_summary: version 2 is live, and it was built on version 1$/,
    );
    // Of a version that nothing is known of nobody can say that it is the same.
    const without = (given: Night, version: number): Night => ({
      ...given,
      partition_manifest: given.partition_manifest.filter(
        (one) => one.table_name !== offenseTable || one.version !== version,
      ),
    });
    expect(of(without(others, 1))).toBe(of(others));
    expect(of(without(pinned, 1))).toMatch(
      /^team_offense_game_summary: version 0 is live, and it was built on version 1$/,
    );
  });
});

test.each<[string, Night, readonly object[]]>([
  ['nothing', once, []],
  ['what was never published', night, []],
  [
    'inputs that moved',
    corrected,
    [
      { processor: offense, reason: 'its inputs changed since version 1 was published' },
      { processor: defense, reason: 'its inputs changed since version 1 was published' },
    ],
  ],
  [
    'what was adopted',
    withManifest(corrected, offenseTable, { processor_version: 'adopted' }),
    [{ processor: defense, reason: 'its inputs changed since version 1 was published' }],
  ],
  [
    'stored rows that somebody changed, adopted or not',
    withManifest(change(once, offenseTable, ofGame(0), { pace: 1 }), offenseTable, {
      processor_version: 'adopted',
    }),
    [{ processor: offense, reason: 'its stored rows were changed after version 1 was published' }],
  ],
  ['a pin that nothing questions', withManifest(once, offenseTable, { pin: pinFor(offense) }), []],
  [
    'a pin that is questioned',
    withManifest(corrected, offenseTable, { pin: pinFor(offense) }),
    [
      {
        ...{ processor: offense, isQuestioned: true },
        reason: expect.stringMatching(/^the pin to version 1 by ana is questioned: /) as string,
      },
      { processor: defense, reason: 'its inputs changed since version 1 was published' },
    ],
  ],
])('stale is %s', (_what, given, stale) => {
  expect(staleTables(given, processors)).toEqual(stale);
});
