/** What a look makes of everything that is wanted: what is named, what is current, whose turn it is, and what stops it. */
import type { CheckDependenciesRequest, Settled, Want } from '../../src/contracts/activities';
import type { ProcessorName } from '../../src/contracts/phase3';
import { frontier, type FrontierInput } from '../../src/gate/frontier';
import type { DateSnapshot } from '../../src/gate/snapshot';
import { processorOf, processors, triggerNames } from '../../src/plan/registry';
import type { Processor } from '../../src/processors/define-processor';
import {
  change,
  defense,
  drop,
  gameIdOf,
  goodNight,
  ofGame,
  ofTeam,
  offense,
  player,
  policyAfter,
  published,
} from '../support/fixtures';

type Request = FrontierInput['request'];

function look(
  snapshot: DateSnapshot,
  request: Partial<Request>,
  input: Partial<Omit<FrontierInput, 'request'>> = {},
): ReturnType<typeof frontier> {
  return frontier({
    registered: { processors, sources: triggerNames },
    snapshot,
    policy: policyAfter(1),
    request: { runId: 'this run', pass: 1, wants: [], settled: {}, owed: [], running: [], ...request },
    ...input,
  });
}

/** A want that came at the second tick of the date's clock: a look at the first has not seen it, one at the third has. */
function want(changes: Partial<Want> = {}): Want {
  return {
    ...{ key: 'w', source: 'nbac_gamebook_player_stats', processors: null },
    ...{ withDownstream: false, onlyToClear: [], at: 2, ...changes },
  };
}

const named = (...names: ProcessorName[]): Want => want({ processors: names });
const from = (source: string): Want => want({ source });
const ofTeams = from('nbac_team_boxscore');
const ofInjuries = from('nbac_injury_report');
const rerun = (name: ProcessorName): Want => want({ processors: [name], withDownstream: true });
const came = (outcome: Settled['outcome'], at = 3): Settled => ({ outcome, at });
const waiver = {
  bypassId: 'b-1',
  by: 'ana',
  reason: 'why',
  tables: ['team_offense_game_summary'],
  until: '2099-01-01T00:00:00.000Z',
};

const teamTable = 'team_offense_game_summary';
const { table: playerTable } = processorOf(player);
/** Another processor that reads the offence, and one that reads the players: a chain of three. */
const other: Processor = {
  ...processorOf(player),
  ...{ name: 'OtherProcessor', table: { ...playerTable, name: 'other' } },
};
const third: Processor = {
  ...processorOf(player),
  ...{ name: 'ThirdProcessor', table: { ...playerTable, name: 'third' } },
  upstreams: { players: processorOf(player) },
};
const withMore = { registered: { processors: [...processors, other, third], sources: triggerNames } };
const nothing = goodNight(3);
const teamsDone = published(nothing, offense, defense);
const allDone = published(nothing, offense, defense, player);
const correction = change(allDone, 'nbac_team_boxscore', ofTeam('ATL'), { turnovers: 40 });
const levelsOf = ({ levels }: ReturnType<typeof frontier>): (readonly ProcessorName[])[] =>
  levels.map((level) => level.processors);
const judged = ({ verdicts }: ReturnType<typeof frontier>): ProcessorName[] =>
  verdicts.map(({ processor }) => processor);
const unchanged = ({ settled }: ReturnType<typeof frontier>): ProcessorName[] =>
  settled.flatMap(({ processor, outcome }) => (outcome === 'unchanged' ? processor : []));
const resultOf = ({ settled }: ReturnType<typeof frontier>, name: ProcessorName) =>
  settled.find(({ processor }) => processor === name);
const verdictOf = (found: ReturnType<typeof frontier>, name: ProcessorName) =>
  found.verdicts.find(({ processor }) => processor === name);

describe('what a look is about', () => {
  const [players, offenseOnly, defenseOnly] = [[[player]], [[offense]], [[defense]]];
  const teams = [[offense, defense]];
  const all = [[offense, defense], [player]];
  const offenseThenPlayers = [[offense], [player]];

  test.each<readonly [string, DateSnapshot, Partial<Request>, readonly (readonly ProcessorName[])[]]>([
    ['a trigger of everything', nothing, { wants: [want()] }, all],
    ['a trigger of the teams', nothing, { wants: [ofTeams] }, teams],
    ['a trigger of the players', nothing, { wants: [ofInjuries] }, players],
    [
      'a rerun, with the downstream of what it names',
      nothing,
      { wants: [rerun(offense)] },
      offenseThenPlayers,
    ],
    ['a rerun of what nothing reads', nothing, { wants: [rerun(defense)] }, defenseOnly],
    ['a run of one', nothing, { wants: [named(offense)] }, offenseOnly],
    ['a run of two levels', nothing, { wants: [named(player, offense)] }, offenseThenPlayers],
    ['a want that came twice', nothing, { wants: [ofTeams, { ...ofTeams, key: 'again' }] }, teams],
    ['two wants, in any order', nothing, { wants: [ofInjuries, { ...ofTeams, key: 'teams' }] }, all],
    // A downstream joins its upstream …
    ['which is published and would stand on older rows', allDone, { wants: [ofTeams] }, all],
    ['which is owed', nothing, { wants: [ofTeams], owed: [player] }, all],
    // … and else it does not.
    ['which does not read what is wanted', allDone, { wants: [named(defense)], owed: [player] }, defenseOnly],
    // An upstream is never pulled in.
    ['players, with published teams', teamsDone, { wants: [ofInjuries] }, players],
    [
      'players, with teams that are owed',
      nothing,
      { wants: [ofInjuries], owed: [offense, defense] },
      players,
    ],
    ['what runs, though nobody wants it any more', nothing, { running: [defense] }, defenseOnly],
    [
      'what runs of another release, beside what is wanted',
      nothing,
      { wants: [ofTeams], running: ['GoneProcessor'] },
      teams,
    ],
    ['nothing', allDone, { owed: [player] }, []],
    // What the pass has built is left at that, unless what is planned reads it.
    [
      'players, with a defence that was built',
      allDone,
      { wants: [ofInjuries], settled: { [defense]: came('published') } },
      players,
    ],
  ])('%s', (_, snapshot, request, levels) => {
    expect(levelsOf(look(snapshot, request))).toEqual(levels);
  });

  it('says of each want what it names, with the downstream that goes with it', () => {
    const { names } = look(allDone, { wants: [ofTeams, { ...ofInjuries, key: 'injuries' }] });
    expect(names).toEqual({ w: [offense, defense, player], injuries: [player] });
  });

  it('has levels with their numbers and descriptions, as operators read them', () => {
    const { levels } = look(nothing, { wants: [want()] });
    expect(levels).toMatchObject([
      { level: 1, description: 'Team stats - foundation for player calculations' },
      { level: 2, description: 'Player stats - requires team possessions' },
    ]);
  });

  it('puts a processor whose upstream is waived at the level where it can run', () => {
    const waivers = { [player]: waiver };
    const found = look(drop(nothing, 'nbac_team_boxscore'), { wants: [want()], waivers });
    expect(levelsOf(found)).toEqual([[offense, defense, player]]);
    expect(found.levels[0]?.description).toBe(
      'Team stats - foundation for player calculations; Player stats - requires team possessions',
    );
    // It need not wait for the offence's turn.
    expect(verdictOf(found, player)).toMatchObject({ level: 1, canRun: true, bypass: { bypassId: 'b-1' } });
  });

  it('leaves it behind an upstream that can run: what that publishes is not done without', () => {
    const found = look(nothing, { wants: [want()], waivers: { [player]: waiver } });
    expect(levelsOf(found)).toEqual([[offense, defense], [player]]);
    expect(judged(found)).toEqual([offense, defense]);
  });

  it('leaves it behind an upstream that runs, and where the waiver is of another', () => {
    const night = drop(nothing, 'nbac_team_boxscore');
    const runs = look(night, { wants: [want()], waivers: { [player]: waiver }, running: [offense] });
    expect([levelsOf(runs), judged(runs)]).toEqual([[[offense, defense], [player]], [defense]]);
    expect(levelsOf(look(night, { wants: [want()], waivers: { [defense]: waiver } }))).toEqual(all);
  });

  it('leaves it behind an upstream that another reader finds not to be current', () => {
    const request = { wants: [named(player, other.name)], waivers: { [other.name]: waiver } };
    const found = look(correction, request, withMore);
    expect(levelsOf(found)).toEqual([[offense], [player, other.name]]);
    expect(judged(found)).toEqual([offense]);
  });

  it('has the levels in their order, whatever was put at a lower one', () => {
    const request = { wants: [named(player, other.name)], waivers: { [other.name]: waiver } };
    const { levels } = look(teamsDone, request, withMore);
    expect(levels).toMatchObject([
      { level: 1, processors: [other.name] },
      { level: 2, processors: [player] },
    ]);
  });

  it('is about all that the pass has built of a chain, from its last to its first', () => {
    const settled = { [offense]: came('published'), [player]: came('published') };
    expect(levelsOf(look(allDone, { wants: [named(third.name)], settled }, withMore))).toEqual([
      [offense],
      [player],
      [third.name],
    ]);
  });

  test.each<[string, Want, string]>([
    ['processor', named(offense, 'Nobody'), `processors names Nobody, expected some of ${offense}, `],
    [
      'source',
      from('nbac_referees'),
      'source is "nbac_referees", which triggers no processor; expected one of ',
    ],
  ])('refuses a want of a %s that there is not, and goes on with the others', (_, unknown, why) => {
    const found = look(nothing, { wants: [unknown, { ...ofInjuries, key: 'other' }] });
    expect(found.refused).toEqual({ w: expect.stringContaining(why) as string });
    expect(found.names).toEqual({ w: [], other: [player] });
  });
});

describe('whose turn it is', () => {
  it('is that of what no open upstream goes before', () => {
    expect(judged(look(nothing, { wants: [want()] }))).toEqual([offense, defense]);
  });

  it('is not that of what runs, nor of what reads it', () => {
    const found = look(nothing, { wants: [want()], running: [offense] });
    expect(judged(found)).toEqual([defense]);
    expect(found.open).toEqual([offense, defense, player]);
  });

  it('is not that of an upstream while what reads it runs, unless there is nothing to build', () => {
    const again = {
      wants: [want({ at: 4 })],
      settled: { [offense]: came('published'), [defense]: came('published') },
      running: [player],
    };
    const found = look(correction, again);
    expect([judged(found), found.open]).toEqual([[defense], [offense, defense, player]]);
    expect(judged(look(allDone, again))).toEqual([offense, defense]);
    // Whoever runs without it by a bypass does not mind.
    expect(judged(look(correction, { ...again, waivers: { [player]: waiver } }))).toEqual([offense, defense]);
  });

  it('is that of the next level once this one has settled', () => {
    const settled = { [offense]: came('published'), [defense]: came('failed') };
    const found = look(published(nothing, offense), { wants: [want()], settled });
    expect([found.open, judged(found)]).toEqual([[player], [player]]);
    expect(verdictOf(found, player)?.canRun).toBe(true);
  });

  it('comes again for what is wanted since it settled', () => {
    const settled = { [offense]: came('published'), [defense]: came('published', 1) };
    expect(judged(look(teamsDone, { wants: [ofTeams], settled }))).toEqual([defense]);
    const atOnce = { ...settled, [defense]: came('published', 2) };
    expect(judged(look(teamsDone, { wants: [ofTeams], settled: atOnce }))).toEqual([]);
  });

  it('comes again for what was built before its upstream was published', () => {
    const settled = { [player]: came('published', 3), [offense]: came('published', 5) };
    expect(judged(look(allDone, { wants: [want()], settled }))).toEqual([defense, player]);
    for (const other of [came('unchanged', 5), came('published', 3)])
      expect(judged(look(allDone, { wants: [want()], settled: { ...settled, [offense]: other } }))).toEqual([
        defense,
      ]);
  });

  it('brings the version that is live', () => {
    const { verdicts } = look(published(teamsDone, offense), { wants: [want()] });
    expect(verdicts.map(({ liveVersion }) => liveVersion)).toEqual([2, 1, 0]);
  });
});

describe('an upstream that is published and not current', () => {
  const players = { wants: [named(player)] };

  it('is built first, though nobody wants it', () => {
    const found = look(correction, players);
    expect(found.rebuilds).toEqual([
      { processor: offense, reason: 'its inputs changed since version 1 was published', before: player },
    ]);
    expect([levelsOf(found), found.open, judged(found)]).toEqual([
      [[offense], [player]],
      [offense, player],
      [offense],
    ]);
    // The want is not about it: whoever asked is told of the players.
    expect(found.names).toEqual({ w: [player] });
  });

  it('is not built again before somebody wants it again, where that came to nothing', () => {
    const tried = { ...players, settled: { [offense]: came('quarantined') } };
    const found = look(correction, tried);
    expect([found.rebuilds, found.open]).toEqual([[], []]);
    expect(resultOf(found, player)).toMatchObject({ outcome: 'upstream_failed' });
    const again = look(correction, { ...tried, wants: [{ ...named(player), at: 4 }] });
    expect([again.rebuilds.length, again.open]).toEqual([1, [offense, player]]);
  });

  it('is left as it is by what has settled', () => {
    const found = look(correction, { ...players, settled: { [player]: came('published') } });
    expect([found.rebuilds, found.open, levelsOf(found)]).toEqual([[], [], [[player]]]);
  });

  it('brings whatever else is published from it, until that is built too', () => {
    const rebuilt = published(correction, offense, player);
    const manifests = rebuilt.partition_manifest.flatMap((row) =>
      row.table_name === playerTable.name ? [row, { ...row, table_name: 'other' }] : [row],
    );
    const night = { ...rebuilt, partition_manifest: manifests };
    const open = (settled: Request['settled']): ProcessorName[] =>
      look(night, { ...players, settled }, withMore).open;
    const built = { [offense]: came('published'), [player]: came('published', 4) };
    expect(open(built)).toEqual(['OtherProcessor']);
    expect(open({ ...built, OtherProcessor: came('published', 4) })).toEqual([]);
  });
});

describe('what has nothing to build', () => {
  const everything = { wants: [want()] };

  it('is found in one look for all levels: the result says so, as a run would', () => {
    const { settled, open } = look(allDone, everything);
    expect(open).toEqual([]);
    expect(settled).toEqual(
      [offense, defense, player].map((processor) => ({
        ...{ processor, outcome: 'unchanged', version: 1, missing: [], missingGames: [], policyBypass: null },
        ...{ reason: 'inputs and stored rows are the same as in version 1', warnings: [], bypassIds: [] },
        rowCount: expect.any(Number) as number,
      })),
    );
  });

  const marked = { kind: 'person', bypass_id: 'b-1', tables: [teamTable], inherited: [] };
  const onBypass = {
    ...allDone,
    partition_manifest: allDone.partition_manifest.map((row) =>
      row.table_name === 'player_game_summary' ? { ...row, bypass: JSON.stringify(marked) } : row,
    ),
  };
  const ownPass = { runId: 'run', pass: 1 };
  const isLate = (row: { readonly game_id: string }): boolean => [3, 4].some((game) => ofGame(game)(row));
  const partial = published(drop(goodNight(5), 'nbac_team_boxscore', isLate), offense, defense);
  const touched = change(allDone, 'player_game_summary', () => true, { points: 1 });
  it.each<
    [
      string,
      readonly ProcessorName[],
      DateSnapshot,
      Partial<CheckDependenciesRequest>,
      Record<string, string>?,
    ]
  >([
    ['nothing is published', [], nothing, {}],
    ['team rows moved: the players wait for their turn', [], correction, {}],
    ['stored rows of the players were touched', [offense, defense], touched, {}],
    ['it was built without games that are still missing, and waits for them', [], partial, {}],
    ['the offence has another version', [defense], allDone, {}, { [offense]: '9.0.0' }],
    ['this very pass has published them and could not say so', [], allDone, ownPass],
    [
      'this very pass has published and settled them, and they are wanted again',
      [offense, defense, player],
      allDone,
      {
        ...ownPass,
        settled: Object.fromEntries([offense, defense, player].map((name) => [name, came('published', 1)])),
      },
    ],
    ['an earlier pass has published them', [offense, defense, player], allDone, { runId: 'run', pass: 2 }],
    ['something is waived for the players', [offense, defense], allDone, { waivers: { [player]: waiver } }],
    ['the players stand on a bypass whose rows have come', [offense, defense], onBypass, {}],
    ['the players are forced', [offense, defense], allDone, { forced: [player] }],
    ['all that a source sets off is forced', [], allDone, { forced: ['nbac_gamebook_player_stats'] }],
    [
      'all that another source sets off is forced',
      [offense, defense],
      allDone,
      { forced: ['nbac_injury_report'] },
    ],
    [
      'a source is forced that sets off none of them',
      [offense, defense, player],
      allDone,
      { forced: ['none'] },
    ],
  ])('is what is left when %s', (_, expected, snapshot, request, versions = {}) => {
    expect(unchanged(look(snapshot, { ...everything, ...request }, { versions }))).toEqual(expected);
  });

  it('is everything, where every game is left out, and says which', () => {
    const ppd = { game_status: 1, game_status_text: 'PPD' };
    const listed = change(goodNight(1), 'nbac_schedule', () => true, ppd);
    const { settled } = look(
      drop(drop(listed, 'nbac_team_boxscore'), 'nbac_gamebook_player_stats'),
      everything,
    );
    expect(settled).toHaveLength(3);
    for (const result of settled)
      expect(result).toMatchObject({
        ...{ outcome: 'skipped', reason: 'no_games: every game of 2025-01-15 is left out or discarded' },
        missingGames: [{ gameId: gameIdOf(0), status: 'left_out' }],
      });
  });

  it('is everything, where there are no games', () => {
    const { settled } = look(goodNight(0), everything);
    expect(settled.map(({ processor, outcome, reason }) => [processor, outcome, reason])).toEqual(
      [offense, defense, player].map((name) => [
        ...[name, 'skipped', 'no_games: the schedule has no game on 2025-01-15'],
      ]),
    );
  });
});

it('a date without games waits where a message says that rows came, and is blocked with who said so', () => {
  const heard = { nbac_team_boxscore: 'request r-1' };
  const waits = look(goodNight(0), { wants: [want()], heard });
  expect(waits.settled).toEqual([]);
  expect(waits.open).toEqual([offense, defense, player]);
  const { settled } = look(goodNight(0), { wants: [want()], heard, lastChance: 'waited until its deadline' });
  expect(settled.find(({ processor }) => processor === offense)).toMatchObject({
    outcome: 'blocked',
    reason:
      'waited until its deadline: nbac_schedule 0 of at least 1 rows (it has no game on 2025-01-15, but request r-1 says that nbac_team_boxscore came)',
  });
});

describe('an upstream that came to nothing in this pass', () => {
  const stoppedBy = (outcome: Settled['outcome'], request: Partial<Request> = {}) => {
    const tried = { ...came(outcome), reason: 'why', missing: ['a table'] };
    const settled = { [offense]: tried, [defense]: came('published') };
    return resultOf(look(nothing, { wants: [want()], settled, ...request }), player);
  };

  it.each([
    ['failed', 'upstream_failed'],
    ['quarantined', 'upstream_failed'],
    ['upstream_failed', 'upstream_failed'],
    // Nothing failed where the upstream only waits for its input.
    ['blocked', 'blocked'],
    ['waiting', 'waiting'],
  ] as const)('that is %s makes what reads it %s', (outcome, own) => {
    expect(stoppedBy(outcome)).toMatchObject({
      ...{ outcome: own, version: null, missing: ['team_offense_game_summary', 'a table'] },
      reason: `not started: team_offense_game_summary is missing because ${offense} is ${outcome} (why)`,
    });
  });

  it.each(['published', 'unchanged', 'skipped'] as const)('does not when it is %s', (outcome) => {
    expect(stoppedBy(outcome)).toBeUndefined();
  });

  it('stops it also where others are wanted since, or it was tried as soon as it was wanted', () => {
    const others = { ...named(defense), key: 'others', at: 9 };
    expect(stoppedBy('failed', { wants: [want(), others] })).toMatchObject({ outcome: 'upstream_failed' });
    const settled = { [offense]: came('failed', 2), [defense]: came('published') };
    expect(stoppedBy('failed', { settled })).toMatchObject({
      outcome: 'upstream_failed',
      missing: [teamTable],
    });
  });

  it('does not stop what is wanted since, nor what may do without it', () => {
    const later = { ...ofInjuries, key: 'later', at: 4 };
    expect(stoppedBy('failed', { wants: [want(), later] })).toBeUndefined();
    expect(stoppedBy('failed', { waivers: { [player]: waiver } })).toBeUndefined();
  });

  it('is a defence: it does not stop players', () => {
    const settled = { [offense]: came('published'), [defense]: came('failed') };
    const found = look(published(nothing, offense), { wants: [want()], settled });
    expect(verdictOf(found, player)).toMatchObject({ canRun: true });
    expect(resultOf(found, player)).toBeUndefined();
  });
});

describe('where nobody waits for what is missing', () => {
  const lastChance = 'missing, and a backfill does not wait';
  const outcomes = (request: Partial<Request>): unknown[] =>
    look(drop(nothing, 'nbac_team_boxscore'), { wants: [want()], ...request }).settled.map(
      ({ processor, outcome }) => [processor, outcome],
    );

  it('blocks what the lowest open level lacks, and what reads it, in one look', () => {
    expect(outcomes({})).toEqual([]);
    expect(outcomes({ lastChance })).toEqual([offense, defense, player].map((name) => [name, 'blocked']));
    expect(outcomes({ lastChance, running: [offense] })).toEqual([[defense, 'blocked']]);
  });

  it('says which version of what is blocked stays live', () => {
    const { settled } = look(drop(published(nothing, offense), 'nbac_team_boxscore'), {
      ...{ wants: [want()], lastChance },
    });
    expect(settled).toMatchObject([
      { processor: offense, outcome: 'blocked', version: 1, rowCount: 6 },
      { processor: defense, outcome: 'blocked', version: null, rowCount: null },
      { processor: player, outcome: 'blocked', version: null, rowCount: null },
    ]);
  });

  it('does not block a level while something below it runs', () => {
    const night = drop(published(nothing, offense), 'nbac_gamebook_player_stats');
    const request = { wants: [want()], settled: { [offense]: came('published') }, lastChance };
    expect(look(night, { ...request, running: [defense] }).settled).toEqual([]);
    const below = { ...request.settled, [defense]: came('failed') };
    expect(look(night, { ...request, settled: below }).settled).toMatchObject([
      { processor: player, outcome: 'blocked', missing: ['nbac_gamebook_player_stats'] },
    ]);
  });

  it('does not start again what was started in vain too often', () => {
    expect(look(nothing, { wants: [want()], starts: { [offense]: 3 } }).settled).toEqual([]);
    expect(look(nothing, { wants: [want()], starts: { [offense]: 4 } }).settled).toMatchObject([
      {
        processor: offense,
        outcome: 'failed',
        reason: 'its inputs changed while it ran, four times in a row',
      },
      { processor: player, outcome: 'upstream_failed' },
    ]);
  });
});

describe('a bug in the code of one', () => {
  const broken = () => {
    throw new TypeError('the test broke it');
  };
  const without = (part: Partial<Processor>) => ({
    registered: {
      processors: processors.map((one) => (one.name === player ? { ...one, ...part } : one)),
      sources: triggerNames,
    },
  });
  const sentence =
    /^\w+: The code of PlayerGameSummaryProcessor failed for player_game_summary of 2025-01-15: TypeError: the test broke it/;

  test.each<[string, DateSnapshot, Partial<Request>, object]>([
    ['nothing of it', teamsDone, {}, { version: null, rowCount: null }],
    ['its version', allDone, {}, { version: 1, rowCount: allDone.rows.player_game_summary.length }],
    ['it, with its bypass', allDone, { standing: [player] }, { version: 1 }],
  ])('is a failure of that one, and %s stays live', (_, night, request, live) => {
    const given = { wants: [want({ onlyToClear: [player] })], ...request };
    const found = look(night, given, without({ judge: broken }));
    expect(resultOf(found, player)).toMatchObject({
      ...{ outcome: 'failed', ...live },
      reason: expect.stringMatching(sentence) as string,
    });
    expect(verdictOf(found, player)).toMatchObject({ canRun: false, level: 2 });
    expect([unchanged(found), found.open, found.kept]).toEqual([[offense, defense], [], {}]);
  });

  it('is one also where it shows only when the night is held together', () => {
    const found = look(allDone, { wants: [want()] }, without({ whole: broken }));
    expect(resultOf(found, player)).toMatchObject({
      ...{ outcome: 'failed', reason: expect.stringMatching(sentence) as string },
    });
    expect(unchanged(found)).toEqual([offense, defense]);
  });
});

describe('what is pinned', () => {
  const pin = JSON.stringify({
    ...{ request_id: 'r', by: 'ana', reason: 'why', at: '2025-01-16T10:00:00.000Z', version: 1 },
    ...{ inputs: null, processor_version: processorOf(offense).version },
  });
  const pinned = (night: DateSnapshot, changes: object = {}): DateSnapshot => ({
    ...night,
    partition_manifest: night.partition_manifest.map((one) =>
      one.table_name === teamTable ? { ...one, pin, ...changes } : one,
    ),
  });
  const teams = { wants: [ofTeams] };

  it('is left as it is, whatever its inputs have become, unless somebody forces it', () => {
    const found = look(pinned(correction), teams);
    expect(resultOf(found, offense)).toMatchObject({
      ...{ outcome: 'unchanged', version: 1, reason: 'pinned to version 1 by ana: why', pin: { by: 'ana' } },
    });
    expect(verdictOf(found, offense)).toMatchObject({ canRun: true, level: 1, liveVersion: 1, pin: {} });
    expect(look(pinned(correction), { ...teams, forced: [offense] }).open).toContain(offense);
  });

  it('has its turn where its rows were altered, or an attempt of this pass has put them back', () => {
    const altered = change(allDone, teamTable, ofTeam('ATL'), { pace: 1 });
    const here = { run_id: 'this run', pass: 1 };
    for (const night of [pinned(altered), pinned(allDone, here), pinned(altered, here)]) {
      const found = look(night, teams);
      expect([resultOf(found, offense), found.open.includes(offense)]).toEqual([undefined, true]);
      expect(verdictOf(found, offense)).toMatchObject({ canRun: true, pin: { by: 'ana' } });
    }
  });
});

describe('what stands on a bypass', () => {
  const standing = [player];
  const clear = want({ processors: [player], onlyToClear: [player], at: 4 });
  const news = { ...ofInjuries, key: 'news' };
  const others = change(allDone, 'nbac_team_boxscore', ofTeam('ATL'), { turnovers: 12 });

  test.each<[boolean, string, Partial<Request>]>([
    [true, 'nobody names it', { wants: [clear] }],
    [false, 'somebody names it', { wants: [clear, news] }],
    [true, 'it has settled since', { wants: [clear, news], settled: { [player]: came('unchanged') } }],
    [
      true,
      'it has settled at the very tick',
      { wants: [clear, { ...news, at: 3 }], settled: { [player]: came('unchanged') } },
    ],
    [true, 'there is news of its upstream, whose downstream it is', { wants: [ofTeams] }],
  ])('is looked at only to be rid of it: %s, where %s', (isFreed, _, request) => {
    const night = change(allDone, 'nbac_gamebook_player_stats', () => true, { player_status: 'inactive' });
    const { kept, open, settled } = look(night, { standing, ...request });
    // With nothing to build from, what is looked at only to be rid of its bypass stays as it is; else it waits.
    expect([Object.keys(kept), open.includes(player)]).toEqual(isFreed ? [standing, false] : [[], true]);
    if (isFreed) expect(kept[player]).toContain('20250115_ATL_BOS');
    expect(settled.map(({ processor }) => processor)).not.toContain(player);
  });

  test.each<[string, DateSnapshot, boolean]>([
    ['is built where it lacks nothing', published(others, offense, defense), false],
    // So many turnovers of the team itself nobody believes.
    [
      'stays as it is where a live game is contradicted, though the others could be built',
      published(correction, offense, defense),
      true,
    ],
  ])('%s', (_, night, isKept) => {
    const { kept, open } = look(night, { standing, wants: [clear] });
    expect([Object.keys(kept), open.includes(player)]).toEqual([isKept ? standing : [], !isKept]);
  });
});
