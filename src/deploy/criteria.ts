/** What a new build must keep to, as data: each criterion with its sentence and its limits. Pure. */
import { fewestDates } from './cohort';
import { differencesCriterion, type CriterionResult, type Verdict } from './canary-report';

/** What a build was seen to do. */
export interface Evidence {
  /** Dates that were compared. */
  readonly dates: number;
  /** Sentences: what did not come to an end, failed, or waits for what the live version did not need. */
  readonly errors: readonly string[];
  /** Sentences: tables and games that a rule holds back, and that are live. */
  readonly rulesFailed: readonly string[];
  /** How long nights took that built every table, waiting left out, in ms: of the new build, and of the live one. */
  readonly nights: readonly number[];
  readonly liveNights: readonly number[];
  /** Cells, rows and columns that differ; null where rows were not compared. */
  readonly differences: number | null;
}

interface Measured {
  /** Null where it could not be measured. */
  readonly figure: number | null;
  readonly detail: string;
}

export interface Criterion {
  readonly name: string;
  readonly sentence: string;
  readonly unit: string;
  /** A figure above it warns, and one above `stopsAbove` stops. */
  readonly warnsAbove: number;
  readonly stopsAbove: number;
  readonly measure: (evidence: Evidence) => Measured;
}

/** Below so many samples, p95 is as good as the slowest one. */
const manySamples = 20;
/** Nights take a second or so, and the machine has other work: what is less apart is no difference, in ms. */
export const noiseMs = 250;

export const criteria: readonly Criterion[] = [
  {
    name: 'errors',
    sentence: 'Every date of the cohort comes to an end, without an error.',
    unit: 'errors',
    warnsAbove: 0,
    stopsAbove: 0,
    measure: ({ errors }) => counted(errors, 'no error'),
  },
  {
    name: 'rules',
    sentence: 'No rule holds back what is live.',
    unit: 'tables and games held back',
    warnsAbove: 0,
    stopsAbove: 0,
    measure: ({ rulesFailed }) => counted(rulesFailed, 'no rule failed that had not failed before'),
  },
  {
    name: 'p95',
    sentence: 'The slowest nights are not slower: 95 of 100 take no longer than before, within 20 %.',
    unit: '% slower',
    warnsAbove: 20,
    stopsAbove: 50,
    measure: slower,
  },
  {
    name: differencesCriterion,
    sentence: 'Every row and column is as it is live, or a person has accepted the differences.',
    unit: 'differences',
    warnsAbove: 0,
    stopsAbove: 0,
    measure: ({ differences }) => ({
      figure: differences,
      detail:
        differences === null
          ? 'no rows were compared'
          : differences === 0
            ? 'every row and column is as it is live'
            : `${differences} cells, rows and columns differ from what is live`,
    }),
  },
  {
    name: 'cohort',
    sentence: `At least ${fewestDates} dates were compared.`,
    unit: 'dates too few',
    warnsAbove: 0,
    stopsAbove: fewestDates - 1,
    measure: ({ dates }) => ({
      figure: Math.max(0, fewestDates - dates),
      detail: `${dates} dates were compared; ${fewestDates} is the least that says something`,
    }),
  },
];

/** What each criterion says. */
export function judgeCriteria(evidence: Evidence, all: readonly Criterion[] = criteria): CriterionResult[] {
  return all.map((criterion) => {
    const { figure, detail } = criterion.measure(evidence);
    return {
      name: criterion.name,
      verdict: verdictOf(criterion, figure),
      figure,
      limit: criterion.stopsAbove,
      detail,
    };
  });
}

/** What could not be measured is not known to be good. */
function verdictOf({ warnsAbove, stopsAbove }: Criterion, figure: number | null): Verdict {
  if (figure === null) return 'warn';
  return figure > stopsAbove ? 'stop' : figure > warnsAbove ? 'warn' : 'go';
}

/** Sentences that are shown of what a criterion has counted. */
const mostShown = 5;

function counted(sentences: readonly string[], none: string): Measured {
  const shown = sentences.slice(0, mostShown);
  const more = sentences.length - shown.length;
  return {
    figure: sentences.length,
    detail: sentences.length === 0 ? none : [...shown, ...(more > 0 ? [`${more} more`] : [])].join('; '),
  };
}

function slower({ nights, liveNights }: Evidence): Measured {
  const [ours, theirs] = [percentile95(nights), percentile95(liveNights)];
  if (ours === null || theirs === null)
    return {
      figure: null,
      detail: `not measured: ${ours === null ? 'no night of the new build' : 'no night of the live build'} built every table`,
    };
  const apart = ours - theirs;
  const percent = Math.abs(apart) < noiseMs ? 0 : Math.round((1000 * apart) / theirs) / 10;
  const few = [nights, liveNights].some(({ length }) => length < manySamples);
  return {
    figure: percent,
    detail:
      `p95 of a night ${Math.round(ours)} ms (${nights.length} nights), live ${Math.round(theirs)} ms (${liveNights.length})` +
      (percent === 0 && apart !== 0 ? `; less than ${noiseMs} ms apart counts as the same` : '') +
      (few ? `; few samples: below ${manySamples} it is little more than the slowest` : ''),
  };
}

/** The value that 95 of 100 do not exceed, by nearest rank; null without samples. */
export function percentile95(samples: readonly number[]): number | null {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.ceil(0.95 * sorted.length) - 1] ?? null;
}
