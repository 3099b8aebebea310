import {
  InvalidRegistryError,
  downstreamsOf,
  levelOf,
  validateRegistry,
  type ProcessorGraph,
} from '../../src/plan/graph';
import { processors } from '../../src/plan/registry';
import { levelLimitMs, triggers, type TriggerGroup } from '../../src/plan/registry';
import { processorNames, type ProcessorName } from '../../src/contracts/phase3';
import { defense, offense, player } from '../support/fixtures';

describe('the registry as shipped', () => {
  it('is valid', () => {
    expect(() => validateRegistry(triggers, processors)).not.toThrow();
  });

  it("sets off the plan's groups for the gamebook, in its words", () => {
    expect(triggers['nbac_gamebook_player_stats']).toEqual([
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

  it('knows every processor by its public name, each with a table and an activity of its own', () => {
    expect(Object.keys(processors)).toEqual([...processorNames]);
    const all = Object.values(processors);
    expect(new Set(all.map((processor) => processor.table)).size).toBe(3);
    expect(new Set(all.map((processor) => processor.activity)).size).toBe(3);
  });

  it('gives level 1 thirty minutes and later levels twenty', () => {
    expect(levelLimitMs(1)).toBe(30 * 60_000);
    expect(levelLimitMs(2)).toBe(20 * 60_000);
  });

  it('puts the teams on level 1 and the players on level 2', () => {
    expect(processorNames.map((name) => levelOf(processors, name))).toEqual([1, 1, 2]);
  });

  it('knows that the players read the offence, and nothing else is read', () => {
    expect(downstreamsOf(processors, offense)).toEqual([player]);
    expect(downstreamsOf(processors, defense)).toEqual([]);
    expect(downstreamsOf(processors, player)).toEqual([]);
  });

  it('follows what is read through others', () => {
    const graph: ProcessorGraph = {
      ...processors,
      [defense]: { ...processors[defense], upstreams: [player] },
    };
    expect(downstreamsOf(graph, offense)).toEqual([defense, player]);
    expect(levelOf(graph, defense)).toBe(3);
  });
});

describe('a registry with a fault is refused, and the fault named', () => {
  const teams: TriggerGroup = {
    level: 1,
    processors: [offense, defense],
    parallel: true,
    dependencies: [],
    description: 'teams',
  };
  const players: TriggerGroup = {
    level: 2,
    processors: [player],
    parallel: false,
    dependencies: [offense],
    description: 'players',
  };
  const stranger = 'NobodyProcessor' as ProcessorName;

  function faultsOf(groups: readonly TriggerGroup[], graph: ProcessorGraph = processors): readonly string[] {
    try {
      validateRegistry({ source: groups }, graph);
      return [];
    } catch (error) {
      if (error instanceof InvalidRegistryError) return error.faults;
      throw error;
    }
  }

  it.each<[fault: string, groups: TriggerGroup[], expected: string]>([
    [
      'an unknown processor',
      [{ ...teams, processors: [offense, stranger] }],
      'source: level 1 names an unknown processor, NobodyProcessor.',
    ],
    [
      'a processor twice in a group',
      [{ ...teams, processors: [offense, offense] }],
      `source: ${offense} stands in two places; a trigger runs it once.`,
    ],
    [
      'a processor on two levels',
      [teams, { ...players, processors: [player, defense], parallel: true }],
      `source: ${defense} stands in two places; a trigger runs it once.`,
    ],
    [
      'a dependency on the same level',
      [{ ...teams, processors: [offense, player], dependencies: [offense] }],
      `source: level 1 depends on ${offense}, which runs on level 1; a dependency must be on an earlier level.`,
    ],
    [
      'a dependency on a later level',
      [
        { ...players, level: 1 },
        { ...teams, level: 2 },
      ],
      `source: level 1 depends on ${offense}, which runs on level 2; a dependency must be on an earlier level.`,
    ],
    [
      'a dependency on a later level, whichever group is written first',
      [
        { ...teams, level: 2 },
        { ...players, level: 1 },
      ],
      `source: level 1 depends on ${offense}, which runs on level 2; a dependency must be on an earlier level.`,
    ],
    [
      'an unknown dependency',
      [teams, { ...players, dependencies: [offense, stranger] }],
      'source: level 2 depends on an unknown processor, NobodyProcessor.',
    ],
    [
      'a dependency that is read but not declared',
      [teams, { ...players, dependencies: [] }],
      `source: level 2 reads ${offense} but does not list it as a dependency.`,
    ],
    [
      'a dependency that is declared but not read',
      [teams, { ...players, dependencies: [offense, defense] }],
      `source: level 2 depends on ${defense}, which none of its processors reads.`,
    ],
    [
      'several processors that are not parallel',
      [{ ...teams, parallel: false }],
      'source: level 1 holds several processors but is not parallel; order is by level.',
    ],
    ['a level 0', [{ ...teams, level: 0 }], 'source: level 0 is not a whole number from 1.'],
    ['half a level', [{ ...teams, level: 1.5 }], 'source: level 1.5 is not a whole number from 1.'],
  ])('%s', (_fault, groups, expected) => {
    expect(faultsOf(groups)).toEqual([expected]);
  });

  it.each<[fault: string, graph: ProcessorGraph, expected: string]>([
    [
      'processors that read each other',
      { ...processors, [offense]: { ...processors[offense], upstreams: [player] } },
      `The processors depend on each other in a circle: ${offense} → ${player} → ${offense}.`,
    ],
    [
      'a processor that reads itself',
      { ...processors, [defense]: { ...processors[defense], upstreams: [defense] } },
      `The processors depend on each other in a circle: ${defense} → ${defense}.`,
    ],
    [
      'a processor that reads an unknown one',
      { ...processors, [defense]: { ...processors[defense], upstreams: [stranger] } },
      `${defense} reads an unknown processor, NobodyProcessor.`,
    ],
    [
      'a processor under another name',
      { ...processors, [defense]: { ...processors[defense], name: offense } },
      `Processor ${offense} is registered as ${defense}.`,
    ],
  ])('%s', (_fault, graph, expected) => {
    expect(faultsOf([], graph)).toEqual([expected]);
  });

  it('all faults at once, in one error that shows each', () => {
    const faults = faultsOf([
      { ...teams, parallel: false, processors: [offense, stranger] },
      { ...players, dependencies: [] },
    ]);
    expect(faults).toHaveLength(3);
    const message = new InvalidRegistryError(faults).message;
    for (const fault of faults) expect(message).toContain(fault);
  });

  it('though only one trigger of several has it', () => {
    expect(() => validateRegistry({ ...triggers, nbac_late: [players, players] }, processors)).toThrow(
      /nbac_late: PlayerGameSummaryProcessor stands in two places/,
    );
  });

  it('but a dependency outside the trigger is none: the gate waits for it', () => {
    expect(faultsOf([{ ...players, level: 1 }])).toEqual([]);
  });
});
