/** The plan that follows from what is registered, and every fault of a registry that keeps a process from starting. */
import { calendar } from '../../src/games/evidence';
import { downstreamsOf, levelOf, type GraphNode } from '../../src/plan/levels';
import {
  defaultSource,
  findProcessor,
  groupByLevel,
  groupsOf,
  inOrderOfPlan,
  planOf,
  processorNames,
  processorOf,
  processors,
  processorsOf,
  triggerNames,
  triggers,
} from '../../src/plan/registry';
import { InvalidRegistryError, validateRegistry, type Registry } from '../../src/plan/validate-registry';
import type { Processor } from '../../src/processors/define-processor';
import { eachRow } from '../../src/processors/define-rule';
import { defineTrigger, isSource } from '../../src/sources/define-source';
import { nbacGamebookPlayerStats } from '../../src/sources/nbac-gamebook-player-stats';
import { nbacTeamBoxscore } from '../../src/sources/nbac-team-boxscore';
import { orchestrationTables } from '../../src/tables/catalogue';
import type { Row, TableDefinition } from '../../src/tables/define-table';
import { defense, offense, player } from '../support/fixtures';

describe('the plan as shipped', () => {
  it('is valid', () => {
    expect(() => {
      validateRegistry();
    }).not.toThrow();
  });

  it('sets off these groups for the gamebook, in these words', () => {
    expect(groupsOf('nbac_gamebook_player_stats')).toEqual([
      {
        level: 1,
        processors: [offense, defense],
        parallel: true,
        dependencies: [],
        description: 'Team stats - foundation for player calculations',
      },
      {
        level: 2,
        processors: [player],
        parallel: false,
        dependencies: [offense],
        description: 'Player stats - requires team possessions',
      },
    ]);
  });

  it.each([
    ['nbac_gamebook_player_stats', [offense, defense, player]],
    ['nbac_player_boxscores', [offense, defense, player]],
    ['nbac_team_boxscore', [offense, defense]],
    ['nbac_injury_report', [player]],
    ['nbac_schedule', []],
    ['nbac_referees', []],
    ['toString', []],
  ])('%s sets off %j', (source, names) => {
    expect(processorsOf(source)).toEqual(names);
    expect(triggerNames.includes(source)).toBe(names.length > 0);
  });

  it('names the gamebook where nobody names a source', () => {
    expect(defaultSource).toBe('nbac_gamebook_player_stats');
  });

  it('has the processors in the order of a night, by their public names', () => {
    expect(processorNames).toEqual([offense, defense, player]);
    expect(processors.map((processor) => levelOf(processor))).toEqual([1, 1, 2]);
    expect(inOrderOfPlan([{ processor: player }, { processor: offense }])).toEqual([
      { processor: offense },
      { processor: player },
    ]);
  });

  it('gives level 1 thirty minutes and level 2 twenty', () => {
    expect(processors.map(({ timeoutMs }) => timeoutMs / 60_000)).toEqual([30, 30, 20]);
  });

  it('knows that the players read the offence, and nothing else is read', () => {
    const namesAfter = (name: string) => downstreamsOf(processors, name).map((one) => one.name);
    expect([offense, defense, player].map(namesAfter)).toEqual([[player], [], []]);
  });

  it('knows no other processor', () => {
    for (const name of ['NobodyProcessor', '', 'toString', undefined, 7])
      expect(findProcessor(name)).toBeUndefined();
    expect(() => processorOf('NobodyProcessor')).toThrow(/There is no processor NobodyProcessor; there are /);
  });

  it('says what a level builds, each thing once', () => {
    expect(groupByLevel([player, defense, offense])).toEqual([
      {
        ...{ level: 1, processors: [offense, defense] },
        description: 'Team stats - foundation for player calculations',
      },
      { level: 2, processors: [player], description: 'Player stats - requires team possessions' },
    ]);
  });

  it('is what a run keeps on record: plain JSON, with the versions that are being tried', () => {
    const plan = planOf({ [offense]: '9.0.0' });
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(plan).toMatchObject({
      calendar: 'nbac_schedule',
      processors: [
        { name: offense, version: '9.0.0', level: 1, table: 'team_offense_game_summary', upstreams: [] },
        { name: defense, version: processorOf(defense).version, level: 1, upstreams: [] },
        {
          ...{ name: player, version: processorOf(player).version, level: 2, table: 'player_game_summary' },
          ...{ inputs: ['nbac_schedule', 'nbac_gamebook_player_stats'], timeoutMs: 20 * 60_000 },
          // Usage needs the offence; without it the players can do.
          upstreams: [{ processor: offense, table: 'team_offense_game_summary', isNeeded: false }],
        },
      ],
    });
    expect(plan.processors.at(-1)?.triggers).toContain('nbac_injury_report');
  });
});

describe('levels', () => {
  const node = (name: string, ...upstreams: readonly GraphNode[]): GraphNode => ({
    name,
    upstreams: Object.fromEntries(upstreams.map((upstream) => [upstream.name, upstream])),
  });
  const [first, other] = [node('first'), node('other')];
  const second = node('second', first);
  const third = node('third', other, second);

  it('follow what is read through others', () => {
    expect([first, other, second, third].map((one) => levelOf(one))).toEqual([1, 1, 2, 3]);
    const all = [first, other, second, third];
    expect(downstreamsOf(all, 'first')).toEqual([second, third]);
    expect(downstreamsOf(all, 'other')).toEqual([third]);
  });

  it('do not count an upstream that a bypass waives', () => {
    expect(levelOf(third, (name, upstream) => name === 'third' && upstream === 'second')).toBe(2);
    expect(levelOf(third, (name) => name === 'second')).toBe(2);
    expect(levelOf(third, () => true)).toBe(1);
  });
});

describe('a registry is refused, and the fault named,', () => {
  const [offenseOne, defenseOne, playerOne] = processors as [Processor, Processor, Processor];
  const good: Registry = {
    ...{ processors, triggers, calendar },
    ownTables: Object.keys(orchestrationTables),
  };
  const stranger = { ...nbacTeamBoxscore, name: 'nbac_referees' };
  const raw = triggers.filter(isSource);

  /** The registry with its last processor, on which none stands, changed. */
  function withPlayer(changes: Partial<Processor>): Partial<Registry> {
    return { processors: [offenseOne, defenseOne, { ...playerOne, ...changes }] };
  }
  const withPlayerTable = (changes: Partial<TableDefinition>) =>
    withPlayer({ table: { ...playerOne.table, ...changes } });
  const withSource = (changes: Partial<TableDefinition>): Partial<Registry> => {
    const changed = {
      ...raw[0]!,
      name: 'nbac_more',
      table: { ...raw[0]!.table, name: 'nbac_more', ...changes },
    };
    return { triggers: [...triggers, changed] };
  };
  const { data_hash: _, ...withoutHash } = playerOne.table.columns;
  const rule = eachRow('a_rule', true, (_row: Row) => null);

  function faultsOf(changes: Partial<Registry>): readonly string[] {
    try {
      validateRegistry({ ...good, ...changes });
      return [];
    } catch (error) {
      if (error instanceof InvalidRegistryError) return error.faults;
      throw error;
    }
  }

  it.each<[fault: string, registry: Partial<Registry>, expected: string | RegExp]>([
    [
      'two processors of one name',
      withPlayer({ name: defense }),
      `There are two of the processor ${defense}.`,
    ],
    [
      'two sources of one name',
      { triggers: [...triggers, defineTrigger({ name: 'nbac_injury_report', description: 'again' })] },
      'There are two of the source nbac_injury_report.',
    ],
    [
      'two processors of one table',
      withPlayerTable({ name: 'team_offense_game_summary' }),
      'There are two of the table team_offense_game_summary.',
    ],
    [
      'a table named as one of ours',
      withPlayerTable({ name: 'run_history' }),
      'There are two of the table run_history.',
    ],
    [
      'a name that is no name of a processor',
      withPlayer({ name: 'player summary' }),
      'player summary: its name is not written like NameProcessor.',
    ],
    [
      'a version that is none',
      withPlayer({ version: 'two' }),
      `${player}: its version is "two", expected one such as 1.0.0.`,
    ],
    [
      'a limit that nothing keeps',
      withPlayer({ timeoutMs: 999 }),
      `${player}: timeoutMs is 999, expected 1000 at the least.`,
    ],
    [
      'a source and an upstream under one name',
      withPlayer({ reads: { ...playerOne.reads, offense: nbacTeamBoxscore } }),
      `${player}: There are two of the name offense.`,
    ],
    [
      'an upstream that is not registered',
      { processors: [defenseOne, playerOne] },
      `${player}: it reads the table of ${offense}, which is not registered.`,
    ],
    [
      'a source that is not registered',
      withPlayer({ reads: { ...playerOne.reads, referees: stranger } }),
      `${player}: it names the source nbac_referees, which is not registered.`,
    ],
    [
      'a trigger that is not registered',
      withPlayer({ triggers: [stranger] }),
      `${player}: it names the source nbac_referees, which is not registered.`,
    ],
    [
      'a processor without the calendar',
      withPlayer({ reads: { gamebook: nbacGamebookPlayerStats } }),
      `${player}: it does not read nbac_schedule, which says what games there are.`,
    ],
    [
      'rows that are expected of what is not read',
      withPlayer({ expected: { teams: { perGame: 2 } } }),
      `${player}: it expects rows of teams, which it does not read.`,
    ],
    [
      'something to do without that is no upstream',
      withPlayer({ waivable: { gamebook: 'nobody plays' } }),
      `${player}: it can do without gamebook, which is none of its upstreams.`,
    ],
    [
      'two rules of one name',
      withPlayer({ rules: [rule, rule] }),
      `${player}: There are two of the rule a_rule.`,
    ],
    [
      'a published table elsewhere',
      withPlayerTable({ dataset: 'nba_raw' }),
      'player_game_summary is in nba_raw, expected nba_analytics.',
    ],
    [
      'a raw table elsewhere',
      withSource({ dataset: 'nba_analytics' }),
      'nbac_more is in nba_analytics, expected nba_raw.',
    ],
    [
      'a key that does not begin with the date',
      withPlayerTable({ key: ['player_lookup', 'game_date'] }),
      'The key of player_game_summary does not begin with game_date.',
    ],
    [
      'a key of a column that may be empty',
      withPlayerTable({ key: ['game_date', 'points'] }),
      'The key of player_game_summary names points, which is no required column of it.',
    ],
    [
      'a key of a column that is not there',
      withSource({ key: ['game_date', 'referee'] }),
      'The key of nbac_more names referee, which is no required column of it.',
    ],
    [
      'a table without its provenance',
      withPlayerTable({ columns: withoutHash }),
      'player_game_summary has no column data_hash, which every published table has.',
    ],
    [
      'no default source',
      {
        triggers: triggers.map((one) =>
          one === nbacGamebookPlayerStats ? { ...one, isDefault: undefined } : one,
        ) as Registry['triggers'],
      },
      /^0 sources are the default, expected one: \.$/,
    ],
    [
      'two default sources',
      {
        triggers: [...triggers, { isTrigger: true, name: 'nbac_more', description: 'more', isDefault: true }],
      },
      '2 sources are the default, expected one: nbac_gamebook_player_stats, nbac_more.',
    ],
  ])('for %s', (_fault, registry, expected) => {
    expect(faultsOf(registry)).toContainEqual(
      typeof expected === 'string' ? expected : (expect.stringMatching(expected) as string),
    );
  });

  it('for all faults at once, in one error that shows each', () => {
    const faults = faultsOf({ ...withPlayer({ version: 'x', timeoutMs: 1 }), ownTables: ['nbac_schedule'] });
    expect(faults).toHaveLength(3);
    const { message } = new InvalidRegistryError(faults);
    for (const fault of faults) expect(message).toContain(fault);
  });
});
