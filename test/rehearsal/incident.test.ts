/** The rehearsal ends at the first step that does not go as expected, and names it. */
import { planOf, processorNames, processorOf } from '../../src/plan/registry';
import { judgeProcessor } from '../../src/gate/judge-processor';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import { stateOf, type DateState } from '../../src/contracts/date-state';
import { playIncident } from '../../src/rehearsal/incident';
import { incidentDate, movedNight } from '../../src/rehearsal/incident-data';
import { playInstants } from '../../src/rehearsal/own-home';
import { RehearsalError, type Stage } from '../../src/rehearsal/play';
import type { Row } from '../../src/tables/define-table';
import type { ManifestRow } from '../../src/tables/orchestration';
import { newMemory } from '../../src/workflows/memory';
import { rehearsalNight } from './night';

const given = rehearsalNight();

/** The date as it waits for its team rows. */
function waiting(): DateState {
  const night = movedNight(given, incidentDate);
  const snapshot = {
    ...{ gameDate: incidentDate, isCalendarKnown: true, partition_manifest: [] },
    rows: { ...night, nbac_team_boxscore: [] },
  };
  const at = playInstants.start;
  const policy = policyNow(defaultPolicySettings, { now: at }, () => new Date());
  const verdict = judgeProcessor(processorOf('TeamOffenseGameSummaryProcessor'), snapshot, policy);
  const verdicts = [{ ...verdict, level: 1, liveVersion: 0 }];
  return {
    ...stateOf(newMemory(incidentDate)),
    ...{ runState: 'waiting', plan: planOf(), open: [...processorNames] },
    pending: [{ requestId: 'r-1', kind: 'trigger', source: 'nbac_team_boxscore' }],
    gate: { level: 1, probes: 1, waitingSince: at, nextProbeAt: at, verdicts, askedAt: at },
  };
}

interface Found {
  readonly manifests?: readonly Partial<ManifestRow>[];
  readonly playerRows?: readonly Row[];
  readonly state?: DateState | null;
}

/** A system in which that is found, from the first look or once a trigger was sent. */
function stage(first: Found, afterTrigger: Found): Stage {
  let found = first;
  return {
    client: {
      run: async ({ gameDate }) => {
        found = afterTrigger;
        return { gameDate, requestId: 'r-1', workflowId: `phase3/${gameDate}`, runId: 'run-1' };
      },
      rerun: () => Promise.reject(new Error('nothing was published that could be altered')),
      state: async () => (found.state ? { state: found.state, isOpen: true, runId: 'run-1' } : null),
    },
    control: {
      load: async (_, lines) => ({
        rows: (await lines.toArray()).length,
        replaced: 0,
        dates: [incidentDate],
      }),
      export: async function* (table) {
        if (table === 'player_game_summary') yield* found.playerRows ?? [];
      },
      dateRecord: async () => ({
        partition_manifest: (found.manifests ?? []) as ManifestRow[],
        run_history: [],
        bypass_audit: [],
      }),
      verify: async function* () {},
    },
    changeByHand: () => Promise.resolve(0),
    instants: playInstants,
    tell: () => undefined,
    signal: new AbortController().signal,
    patienceMs: 200,
  };
}

const published = { manifests: [{ table_name: 'player_game_summary', version: 1 }] };

async function failureOf(played: Promise<unknown>): Promise<RehearsalError> {
  const error: unknown = await played.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof RehearsalError) return error;
  throw new Error(`expected the play to break, and it ended with ${String(error)}`);
}

const early = { state: waiting(), playerRows: [{ player_lookup: 'russellwestbrook' }] };
const goesOn: DateState = { ...stateOf(newMemory(incidentDate)), runState: 'published' };

test.each<[string, Found, Found, string, string[]]>([
  [
    'published before the start',
    published,
    published,
    'Step 1 (gamebook_arrives)',
    ['published already: player_game_summary'],
  ],
  [
    'a player row while the date waits',
    {},
    early,
    'Step 3 (date_waits)',
    ['1 rows of player_game_summary are there, expected none yet'],
  ],
  [
    'a manifest while the date waits',
    {},
    { state: waiting(), ...published },
    'Step 3 (date_waits)',
    ['published already: player_game_summary'],
  ],
  [
    'a date that goes on without team rows',
    {},
    { state: goesOn },
    'Step 3 (date_waits)',
    ['expected that 2026-02-03 waits for nbac_team_boxscore', '2026-02-03 is published'],
  ],
  ['a date of which nothing is known', {}, {}, 'Step 3 (date_waits)', ['nothing is known of it']],
  [
    'placeholders that the check does not call so',
    {},
    { state: waiting() },
    'Step 4 (placeholders_arrive)',
    ['the check calls every game of nbac_team_boxscore a placeholder'],
  ],
])('%s', async (_, first, afterTrigger, step, sentences) => {
  const { message, failed, steps } = await failureOf(playIncident(stage(first, afterTrigger), given));
  for (const sentence of [step, ...sentences]) expect(message).toContain(sentence);
  expect(step).toBe(`Step ${steps.length + 1} (${failed})`);
});

test('an interruption is not reported as a failed step', async () => {
  const interrupted = playIncident({ ...stage({}, {}), signal: AbortSignal.abort() }, given);
  await expect(interrupted).rejects.toThrow('aborted');
  await expect(interrupted).rejects.not.toBeInstanceOf(RehearsalError);
});
