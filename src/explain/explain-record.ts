/** Why a date is where it is, from what the warehouse has on record of it. Pure. */
import { standingBypasses } from '../contracts/bypass-mark';
import type { AuditKind, Bypass } from '../contracts/decisions';
import { isTrouble, type ProcessorResult, type RunState, type StaleUpstream } from '../contracts/phase3';
import { recordedDate, type PassRow, type RecordedDate } from '../contracts/run-record';
import { planOf } from '../plan/registry';
import type { AuditRow } from '../tables/orchestration';
import {
  actsOnGames,
  actsOnPins,
  byLevel,
  fromResult,
  notAskedFor,
  rerunAct,
  sentenceOf,
  undecided,
  type Explanation,
  type ProcessorStanding,
} from './explain-date';

/** Explains a date from its rows in the warehouse, which outlive Temporal's history. */
export function explainRecorded(
  gameDate: string,
  record: {
    readonly run_history: readonly PassRow[];
    readonly partition_manifest: Parameters<typeof standingBypasses>[0];
    readonly bypass_audit: readonly DecisionRow[];
    readonly stale?: readonly StaleUpstream[];
  },
): Explanation {
  const recorded = recordedDate(record.run_history);
  const bypasses = standingBypasses(record.partition_manifest);
  return explainRecord(
    gameDate,
    recorded && { ...recorded, bypasses, because: becauseOf(recorded, record.bypass_audit) },
    record.stale,
  );
}

type DecisionRow = Pick<AuditRow, 'seq' | 'run_id' | 'kind' | 'decided_by' | 'reason'>;

/** What a state came of that no processor's result says; null where the audit of its run does not say it either. */
function becauseOf({ state, runId }: RecordedDate, audit: readonly DecisionRow[]): string | null {
  const newest = (kind: AuditKind): DecisionRow | undefined =>
    audit.filter((row) => row.kind === kind && row.run_id === runId).sort((a, b) => b.seq - a.seq)[0];
  if (state === 'cancelled') {
    const decided = newest('cancelled');
    if (!decided) return null;
    // Where nobody decided it through us, the reason says by what it was.
    return decided.decided_by === 'system' ? decided.reason : `by ${decided.decided_by}: ${decided.reason}`;
  }
  return state === 'failed' ? (newest('not_taken')?.reason ?? null) : null;
}

/** Explains a date from what was recorded of it: its newest pass and what processors have come to since. */
export function explainRecord(
  gameDate: string,
  record: {
    readonly state: RunState;
    readonly results: readonly ProcessorResult[];
    readonly bypasses: readonly Bypass[];
    /** What the state came of, where no processor's result says it. */
    readonly because?: string | null;
  } | null,
  stale: readonly StaleUpstream[] = [],
): Explanation {
  const nothing = { isOpen: false, waitingSince: null, probes: 0, nextProbeAt: null, deadline: null };
  if (!record)
    return {
      ...{ gameDate, state: 'unknown', levels: [], bypasses: [], stale, ...nothing },
      headline: `${gameDate} never ran.`,
      acts: [`\`phase3 run ${gameDate} --wait\` runs it.`],
    };
  const plan = planOf().processors;
  const standings = plan.map(({ name }) => {
    const result = record.results.find(({ processor }) => processor === name);
    return result ? fromResult(result) : notAskedFor(name);
  });
  const waits = record.state === 'waiting';
  return {
    ...{
      gameDate,
      state: record.state,
      levels: byLevel(standings, plan),
      bypasses: record.bypasses,
      stale,
      ...nothing,
    },
    headline: waits
      ? `${gameDate} was waiting when its run ended; no run is open.`
      : sentenceOf(gameDate, record.state, standings, record.because),
    acts: actsOf(gameDate, record.state, standings),
  };
}

function actsOf(gameDate: string, state: RunState, standings: readonly ProcessorStanding[]): string[] {
  const games = undecided(standings.flatMap(({ missingGames }) => missingGames));
  if (state === 'partial' || state === 'disputed') return actsOnGames(gameDate, state, games, standings);
  if (state === 'questioned') return actsOnPins(gameDate);
  return isTrouble(state) || state === 'waiting' ? [rerunAct(gameDate)] : [];
}
