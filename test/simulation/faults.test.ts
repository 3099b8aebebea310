/** Known faults, planted one at a time: the simulation finds each of them, or it proves nothing. */
import { pathOf, planted, type Fault } from './plant';

const faults: readonly Fault[] = [
  {
    name: 'a processor has its turn while its upstream is open',
    file: 'gate/frontier.ts',
    from: 'return !Object.values(processor.upstreams).some(',
    to: 'return true || !Object.values(processor.upstreams).some(',
    found: /./,
  },
  {
    name: 'requests that come while a pass is recorded are forgotten',
    file: 'workflows/reduce.ts',
    from: 'pending: memory.pending.filter((request) => isNew(request) && !request.isAnswered)',
    to: 'pending: []',
    found: /./,
  },
  {
    name: 'wants that come while a pass is recorded are forgotten',
    file: 'workflows/reduce.ts',
    from: 'wants: memory.wants.filter(isNew),',
    to: 'wants: [],',
    found: /./,
  },
  {
    name: 'an id that is sent again is taken for a new one',
    file: 'workflows/take-in.ts',
    from: 'pending.has(requestId) || answered.has(requestId)',
    to: 'false',
    found: /./,
  },
  {
    name: 'a bypass is in force before it is on record',
    file: 'workflows/decisions.ts',
    from: "tables: request.missing ?? missing, status: 'granting'",
    to: "tables: request.missing ?? missing, status: 'open'",
    found: /./,
  },
  {
    name: 'what people ask for is done before it is on record',
    file: 'workflows/night.ts',
    from: 'if (!(await isOnRecord(date))) return;',
    to: '',
    found: /./,
  },
  {
    name: 'a publish ignores the fence',
    file: 'warehouse/refusal.ts',
    from: "if (held?.run_id !== fence.runId || held.pass !== fence.pass || held.state !== 'open')",
    to: 'if (false)',
    found: /./,
  },
  {
    name: 'a publish ignores the version that it expects',
    file: 'warehouse/refusal.ts',
    from: 'if ((own?.version ?? 0) !== expectedVersion)',
    to: 'if (false)',
    found: /./,
  },
  {
    name: 'a publish ignores versions of upstreams',
    file: 'warehouse/refusal.ts',
    from: 'if (now !== version)',
    to: 'if (false)',
    found: /./,
  },
  {
    name: 'a stage is the same for all attempts',
    file: 'activities/run-processor.ts',
    from: 'pass, request.liveVersion, attempt]',
    to: 'pass]',
    found: /./,
  },
  {
    name: 'what was built is not looked at again when it is wanted again',
    file: 'gate/frontier.ts',
    from: 'at > own.at && this.namesOf(key).includes(name)',
    to: 'false',
    found: /./,
  },
];

test.each(faults)(
  '$name',
  async (fault) => {
    jest.resetModules();
    jest.doMock('../../src/processors/registry', (): unknown => jest.requireActual('./toy-processors'));
    jest.doMock(pathOf(fault), () => planted(fault));
    const { play } = jest.requireActual<typeof import('./play')>('./play');
    await expect(play({ numRuns: 1_000, endOnFailure: true })).rejects.toThrow(fault.found);
  },
  120_000,
);
