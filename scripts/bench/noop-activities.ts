/** Activities that do nothing and answer what a night without trouble answers: what remains is the orchestration. */
import { closedVerdict, type ProcessorName, type ProcessorResult } from '../../src/contracts/phase3';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import type { Activities, RunProcessorRequest, RunProcessorResult } from '../../src/contracts/activities';
import type { FlatActivities } from './flat/flat-contract';

/** Rows and games of a usual night. */
const games = 7;
const rows = 150;

export function noopActivities(askDate: Activities['askDate']): Activities & FlatActivities {
  const build = async ({ processor }: RunProcessorRequest): Promise<RunProcessorResult> => ({
    kind: 'settled',
    result: published(processor),
  });
  return {
    openPass: async ({ overrides }) => ({
      policy: policyNow(defaultPolicySettings, overrides, () => new Date()),
      published: {},
      unsatisfied: [],
    }),
    checkDependencies: async ({ processors }) =>
      processors.map((name) => ({
        ...closedVerdict(name),
        canRun: true,
        readyGames: games,
        finalGames: games,
        details: { nbac_schedule: { found: games, expectedMin: 1, status: 'ready' } },
      })),
    buildTeamOffenseGameSummary: build,
    buildTeamDefenseGameSummary: build,
    buildPlayerGameSummary: build,
    restoreVersion: async () => ({ kind: 'refused', why: 'nothing is kept' }),
    recordPass: async () => undefined,
    askDate,
    appendAudit: async ({ entries }) => ({ heads: entries.map((_, seq) => ({ seq: seq + 1, hash: '' })) }),
    notify: async () => undefined,
    planNightly: async () => ({ gameDate: '', isDue: false, reason: 'nothing was done' }),
    buildUngated: async ({ processor }) => published(processor),
  };
}

function published(processor: ProcessorName): ProcessorResult {
  return {
    processor,
    outcome: 'published',
    reason: 'nothing was done',
    version: 1,
    rowCount: rows,
    missing: [],
    missingGames: [],
    warnings: [],
    policyBypass: null,
  };
}
