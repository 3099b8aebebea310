/**
 * What a canary has found of a build, as a file of the home: `deploy/canary-<build>.json`, with the row differences beside it.
 * Whoever promotes a build reads it.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { readReport, reportsOf, writeReport } from './report-files';

const verdicts = ['go', 'warn', 'stop'] as const;
const verdict = v.picklist(verdicts);
export type Verdict = v.InferOutput<typeof verdict>;

/** What one criterion says. */
const criterionResultSchema = v.object({
  name: v.string(),
  verdict,
  /** What was measured, in the criterion's own unit; null where nothing could be. */
  figure: v.nullable(v.number()),
  /** The most at which the criterion lets a build pass. */
  limit: v.number(),
  detail: v.string(),
});
export type CriterionResult = v.InferOutput<typeof criterionResultSchema>;

export const canaryReportSchema = v.object({
  build: v.string(),
  /** The build that is live; null where it does not say which it is. */
  base: v.nullable(v.string()),
  /** ISO 8601, UTC. */
  at: v.string(),
  dates: v.array(v.string()),
  verdict,
  criteria: v.array(criterionResultSchema),
  /** Cells, rows and columns in which the build differs from what is live. */
  differences: v.number(),
  /** Who has accepted the differences, and why. */
  accepted: v.nullable(v.object({ by: v.string(), reason: v.string(), at: v.string() })),
});
export type CanaryReport = v.InferOutput<typeof canaryReportSchema>;

/** The criterion that an acceptance speaks about. */
export const differencesCriterion = 'differences';

/** One row or figure that is not as it is live. */
const rowDifferenceSchema = v.object({
  /** `column`: the live table has no such column, and nothing was compared. */
  kind: v.picklist(['changed', 'only_live', 'only_new', 'column']),
  table: v.string(),
  game_date: v.string(),
  key: v.record(v.string(), v.unknown()),
  column: v.nullable(v.string()),
  old: v.unknown(),
  new: v.unknown(),
});
export type RowDifference = v.InferOutput<typeof rowDifferenceSchema>;

export const rowDifferencesSchema = v.object({
  build: v.string(),
  /** Those beyond {@link mostKept}. */
  left_out: v.number(),
  differences: v.array(rowDifferenceSchema),
});
export type RowDifferences = v.InferOutput<typeof rowDifferencesSchema>;

/** So many are kept in the file: a wrong formula moves every row of every date, and nobody reads all of them. */
export const mostKept = 5_000;

export const canaryCommand = 'phase3 deploy canary';

const beginning = 'canary-';
const ending = '.json';
const differencesEnding = '.differences.json';

/** The path of a build's report. */
export function canaryReportPath(homePath: string, build: string): string {
  return join(reportsOf(homePath), `${beginning}${build}${ending}`);
}

/** The report of a build; null where it has had no canary. */
export function readCanaryReport(homePath: string, build: string): Promise<CanaryReport | null> {
  return readReport(canaryReportSchema, canaryReportPath(homePath, build), canaryCommand);
}

export async function writeCanaryReport(homePath: string, report: CanaryReport): Promise<void> {
  await writeReport(canaryReportPath(homePath, report.build), report);
}

/** The row differences of a build; null where it has had no canary. */
export function readDifferences(homePath: string, build: string): Promise<RowDifferences | null> {
  return readReport(rowDifferencesSchema, differencesPath(homePath, build), canaryCommand);
}

export async function writeDifferences(homePath: string, differences: RowDifferences): Promise<void> {
  await writeReport(differencesPath(homePath, differences.build), differences);
}

function differencesPath(homePath: string, build: string): string {
  return join(reportsOf(homePath), `${beginning}${build}${differencesEnding}`);
}

/** Reports of the builds whose id begins so, the one that was written last at the end. Others are not read. */
export async function canaryReports(homePath: string, begins = ''): Promise<CanaryReport[]> {
  const names = await readdir(reportsOf(homePath)).catch(() => [] as string[]);
  const builds = names
    .filter((name) => name.startsWith(beginning) && name.endsWith(ending))
    .filter((name) => !name.endsWith(differencesEnding))
    .map((name) => name.slice(beginning.length, -ending.length))
    .filter((build) => build.startsWith(begins));
  const reports = await Promise.all(builds.map((build) => readCanaryReport(homePath, build)));
  return reports.filter((report) => report !== null).sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** The report with the differences accepted: they stop nothing any more, and the other criteria say what they said. */
export function accept(
  report: CanaryReport,
  { by, reason, at }: NonNullable<CanaryReport['accepted']>,
): CanaryReport {
  const criteria = report.criteria.map((criterion) =>
    criterion.name === differencesCriterion && criterion.verdict === 'stop'
      ? {
          ...criterion,
          verdict: 'warn' as const,
          detail: `${criterion.detail}; accepted by ${by}: ${reason}`,
        }
      : criterion,
  );
  return { ...report, criteria, verdict: worst(criteria), accepted: { by, reason, at } };
}

/** The worst that a criterion says. */
export function worst(criteria: readonly Pick<CriterionResult, 'verdict'>[]): Verdict {
  const rank = (one: Verdict): number => verdicts.indexOf(one);
  return criteria.reduce<Verdict>((so, { verdict: own }) => (rank(own) > rank(so) ? own : so), 'go');
}
