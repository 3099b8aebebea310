/** The play believes nobody: where what it promises does not come it ends, and names the step. */
import { processorOf } from '../../src/plan/registry';
import { judgeProcessor } from '../../src/gate/judge-processor';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import type { DateState } from '../../src/contracts/date-state';
import { playIncident, RehearsalError, type Stage } from '../../src/rehearsal/incident';
import { incidentDate, movedNight } from '../../src/rehearsal/incident-data';
import { playInstants } from '../../src/rehearsal/own-home';
import type { Row } from '../../src/tables/define-table';
import type { ManifestRow } from '../../src/tables/orchestration';
import { initialState } from '../../src/workflows/run-state';
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
  const verdicts = [judgeProcessor(processorOf('TeamOffenseGameSummaryProcessor'), snapshot, policy)];
  return {
    ...initialState(incidentDate),
    runState: 'waiting',
    pending: [{ requestId: 'r-1', kind: 'trigger', source: 'nbac_team_boxscore' }],
    gate: { level: 1, probes: 1, waitingSince: at, nextProbeAt: at, verdicts, askedAt: at, wokenAt: null },
  };
}

interface Found {
  readonly manifests?: readonly Partial<ManifestRow>[];
  readonly playerRows?: readonly Row[];
  readonly state?: DateState | null;
}

/** A system in which that is found, from the first look or once a trigger was sent. */
function stage(first: Found, afterTrigger: Found = first): { stage: Stage; told: string[] } {
  const told: string[] = [];
  let found = first;
  return {
    told,
    stage: {
      client: {
        run: async ({ gameDate }) => {
          found = afterTrigger;
          return { gameDate, requestId: 'r-1', workflowId: `phase3/${gameDate}`, runId: 'run-1' };
        },
        state: async () => (found.state ? { state: found.state, isOpen: true } : null),
      },
      control: {
        load: async (_, lines) => ({ rows: (await lines.toArray()).length, dates: [incidentDate] }),
        export: async function* (table) {
          if (table === 'player_game_summary') yield* found.playerRows ?? [];
        },
        dateRecord: async () => ({
          partition_manifest: (found.manifests ?? []) as ManifestRow[],
          run_history: [],
          bypass_audit: [],
        }),
      },
      instants: playInstants,
      tell: (line) => told.push(line),
      tellLog: () => undefined,
      signal: new AbortController().signal,
      patienceMs: 200,
    },
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

test('a date that is published before anything came: step 1', async () => {
  const { message, failed, steps } = await failureOf(playIncident(stage(published).stage, given));
  expect(failed).toBe('gamebook_arrives');
  expect(message).toBe(
    'Step 1 (gamebook_arrives) did not go as expected: published already: player_game_summary.',
  );
  expect(steps).toEqual([]);
});

test('a player row while the date says that it waits: step 3', async () => {
  const early = { state: waiting(), playerRows: [{ player_lookup: 'russellwestbrook' }] };
  const { message, steps } = await failureOf(playIncident(stage({}, early).stage, given));
  expect(message).toContain('Step 3 (date_waits)');
  expect(message).toContain('1 rows of player_game_summary are there, expected none yet');
  expect(steps.map(({ name }) => name)).toEqual(['gamebook_arrives', 'flat_launch']);
});

test('a manifest while the date says that it waits: step 3', async () => {
  const early = { state: waiting(), ...published };
  const { message } = await failureOf(playIncident(stage({}, early).stage, given));
  expect(message).toContain('Step 3 (date_waits)');
  expect(message).toContain('published already: player_game_summary');
});

test('a date that goes on without team rows: step 3, with what it says of itself', async () => {
  const { message } = await failureOf(
    playIncident(stage({}, { state: { ...initialState(incidentDate), runState: 'published' } }).stage, given),
  );
  expect(message).toContain('it was promised that 2026-02-03 waits for nbac_team_boxscore');
  expect(message).toContain('2026-02-03 is published');
});

test('a date of which nothing is heard: step 3', async () => {
  const { message } = await failureOf(playIncident(stage({}).stage, given));
  expect(message).toContain('Step 3 (date_waits)');
  expect(message).toContain('nothing is known of it');
});

test('placeholders that the gate does not call so: step 4', async () => {
  const { stage: played, told } = stage({}, { state: waiting() });
  const { message } = await failureOf(playIncident(played, given));
  expect(message).toContain('Step 4 (placeholders_arrive)');
  expect(message).toContain('the check calls every game of nbac_team_boxscore a placeholder');
  expect(told.join('\n')).toContain('20260203_OKC_HOU missing: no team row');
});

test('an interruption is nobody’s fault', async () => {
  const { stage: played } = stage({}, { state: waiting() });
  const interrupted = playIncident({ ...played, signal: AbortSignal.abort() }, given);
  await expect(interrupted).rejects.toThrow('aborted');
  await expect(interrupted).rejects.not.toBeInstanceOf(RehearsalError);
});
