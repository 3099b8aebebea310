/** One live night of a build that has just become the live one, held against the same criteria as its canary. Only reads. */
import { addDays } from '../contracts/game-date';
import { inOrderOfEnd } from '../contracts/run-record';
import { processors } from '../plan/registry';
import type { ManifestRow, RunHistoryRow } from '../tables/orchestration';
import { worst, type CriterionResult, type Verdict } from './canary-report';
import { fewestDates } from './cohort';
import { criteria, judgeCriteria } from './criteria';
import { rowsOf, type Live } from './live';
import { fullNights, passesOfBuild, troublesOf } from './night-samples';

/** Nights of so many days before are what the watched one is held against. */
const daysBefore = 60;
/** Nobody compares its rows: they are the first of their date. */
const watched = criteria.filter(({ name }) => ['errors', 'rules', 'p95'].includes(name));

export interface WatchedNight {
  readonly gameDate: string;
  readonly build: string;
  readonly verdict: Verdict;
  readonly criteria: readonly CriterionResult[];
}

/** Null while the date has no recorded pass. */
export async function watchNight(live: Live, gameDate: string, build: string): Promise<WatchedNight | null> {
  const { run_history: history, partition_manifest: manifests } = await live.dateRecord(gameDate);
  const newest = inOrderOfEnd(history).at(-1);
  if (!newest) return null;
  const own = passesOfBuild(history, manifests, build);
  const { errors, rulesFailed } = troublesOf(newest, new Set());
  const judged = judgeCriteria(
    {
      ...{ dates: 1, differences: null, rulesFailed },
      // A pass that published nothing names no build; one that did, and not by this one, is not what is watched.
      errors: own.length > 0 ? errors : [...errors, `${gameDate}: nothing was published by build ${build}`],
      nights: fullNights(own, processors.length),
      liveNights: await nightsBefore(live, gameDate, build),
    },
    watched,
  );
  return { gameDate, build, verdict: worst(judged), criteria: judged };
}

/** How long nights took by the builds before; where there are hardly any, by every build. */
async function nightsBefore(live: Live, gameDate: string, build: string): Promise<number[]> {
  const [from, to] = [addDays(gameDate, -daysBefore), addDays(gameDate, -1)];
  const history = await rowsOf<RunHistoryRow>(live, 'run_history', from, to);
  const manifests = await rowsOf<ManifestRow>(live, 'partition_manifest', from, to);
  const its = new Set(passesOfBuild(history, manifests, build));
  const others = fullNights(
    history.filter((row) => !its.has(row)),
    processors.length,
  );
  return others.length >= fewestDates ? others : fullNights(history, processors.length);
}
