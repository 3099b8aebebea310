/** Known faults, planted one at a time: the simulation finds each of them, or it proves nothing. */
import { pathOf, planted, type Edit } from './plant';
import type { play as Play } from './play';

interface Fault {
  /** What is wrong, as a sentence. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** What the simulation says of it. */
  readonly found: RegExp;
  /** Schedules of this seed find it soon; those of any other do so in the end. */
  readonly seed: number;
}

const faults: readonly Fault[] = [
  {
    name: 'processors have their turn while their upstream is open, and nobody minds their level',
    edits: [
      {
        file: 'gate/frontier.ts',
        from: 'return this.open.has(upstream) && !this.isWaived(name, upstream);',
        to: 'return false;',
      },
      {
        file: 'workflows/night.ts',
        from: 'verdict.level === level?.level && verdict.canRun',
        to: 'verdict.canRun',
      },
    ],
    found: /was started (while|after a check that began before)/,
    seed: 1,
  },
  {
    name: 'a run ends although something has come while its last pass was recorded',
    edits: [
      {
        file: 'workflows/phase3.workflow.ts',
        from: 'date.show();\n    if (date.news !== seen) continue;',
        to: 'date.show();',
      },
    ],
    found: /has ended and forgotten/,
    seed: 1,
  },
  {
    name: 'what is wanted again is taken for settled',
    edits: [
      { file: 'gate/frontier.ts', from: 'at > own.at && this.namesOf(key).includes(name)', to: 'false' },
    ],
    found: /since it was sent no version of it was what the rows come to|at the end \w+ holds/,
    seed: 3,
  },
  {
    name: 'an id that is sent again is taken for a new one',
    edits: [
      {
        file: 'workflows/take-in.ts',
        from: 'pending.has(requestId) || answered.has(requestId)',
        to: 'false',
      },
    ],
    found: /is answered, and pending|was answered \d+ times|was sent \d+ times, and/,
    seed: 3,
  },
  {
    name: 'a decision is in force before it is on record',
    edits: [
      {
        file: 'workflows/decisions.ts',
        from: 'const written = await',
        to: 'date.memory = { ...date.memory, bypasses: takesEffect().bypasses ?? [] };\n  const written = await',
      },
    ],
    found: /comes before its entry in the audit|the audit says nothing of it/,
    seed: 5,
  },
  {
    name: 'what people ask for is done before it is on record',
    edits: [{ file: 'workflows/night.ts', from: 'await putOnRecord(date);', to: '' }],
    found: /before that is in the audit|comes before its entry in the audit/,
    seed: 3,
  },
  {
    name: 'a publish ignores the fence',
    edits: [
      {
        file: 'warehouse/refusal.ts',
        from: "if (held?.run_id !== fence.runId || held.pass !== fence.pass || held.state !== 'open')",
        to: 'if (false)',
      },
    ],
    found: /while the date is held by/,
    seed: 2,
  },
  {
    name: 'a publish ignores the version that it expects',
    edits: [
      {
        file: 'warehouse/refusal.ts',
        from: 'if ((own?.version ?? 0) !== expectedVersion)',
        to: 'if (false)',
      },
    ],
    found: /are not those of its newest version/,
    seed: 4,
  },
  {
    name: 'a publish ignores that its upstream has moved',
    edits: [{ file: 'warehouse/refusal.ts', from: 'if (now !== version)', to: 'if (false)' }],
    found: /was built on version|ended with version/,
    seed: 2,
  },
  {
    name: 'nobody reads back what was published',
    edits: [
      {
        file: 'publishing/publish-rows.ts',
        from: 'return readBack({ own: put.manifest, fence, table, built: put.staged }, options);',
        to: "return { kind: 'published', manifest: put.manifest };",
      },
    ],
    found: /its live rows are not what was built/,
    seed: 1,
  },
  {
    name: 'nobody minds what a late attempt has published',
    edits: [
      {
        file: 'activities/record-pass.ts',
        from: 'isSatisfied(outcome) && live.get(processor) !== version',
        to: 'false',
      },
    ],
    found: /ended with version \d+ of \w+, and version \d+ is live/,
    seed: 1,
  },
];

/** How many schedules a fault may take. */
const numRuns = 4_000;
const limitMs = 600_000;

afterEach(() => {
  for (const { edits } of faults) for (const edit of edits) jest.dontMock(pathOf(edit));
});

function withFault(edits: readonly Edit[]): typeof Play {
  jest.resetModules();
  jest.doMock('../../src/processors/registry', (): unknown => jest.requireActual('./toy-processors'));
  jest.doMock('../../src/games/rules/registry', (): unknown => jest.requireActual('./toy-rules'));
  for (const edit of edits) jest.doMock(pathOf(edit), () => planted(edit));
  return jest.requireActual<{ play: typeof Play }>('./play').play;
}

test.each(faults)(
  '$name',
  async ({ edits, found, seed }) => {
    const play = withFault(edits);
    await expect(play({ seed, numRuns, endOnFailure: true })).rejects.toThrow(found);
  },
  limitMs,
);

test(
  'what is printed of a failure plays it again, and the shortest of it',
  async () => {
    const [fault] = faults;
    const play = withFault(fault?.edits ?? []);
    const messageOf = (parameters: Parameters<typeof Play>[0]): Promise<string> =>
      play(parameters).then(
        () => 'nothing was found',
        (error: unknown) => (error as Error).message,
      );
    const stepsOf = (message: string): string[] => message.split('\n').filter((line) => line.startsWith('{'));
    const first = await messageOf({ seed: 1, numRuns });
    expect(first).toMatch(fault?.found ?? '');
    const [, seed, path = ''] = /PHASE3_SIMULATION_SEED=(\S+) PHASE3_SIMULATION_PATH=(\S+)/.exec(first) ?? [];
    const again = await messageOf({ seed: Number(seed), path });
    expect(stepsOf(again)).toEqual(stepsOf(first));
    expect(stepsOf(first).length).toBeGreaterThan(0);
  },
  limitMs,
);
