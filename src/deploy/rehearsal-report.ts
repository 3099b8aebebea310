/** What came of 3 February when a build was rehearsed: `deploy/rehearsal-<build>.json`. */
import { join } from 'node:path';
import * as v from 'valibot';
import { readReport, reportsOf, writeReport } from './report-files';

export const rehearsalCommand = 'phase3 rehearse incident --deployed';

const count = v.nullable(v.number());

const rehearsalReportSchema = v.object({
  build: v.string(),
  /** ISO 8601, UTC. */
  at: v.string(),
  /** What did not hold, and in which step; null where everything did. */
  failed: v.nullable(v.object({ step: v.string(), reason: v.string() })),
  /** Steps that went as expected. */
  steps: v.number(),
  /** Players with a rate above 100 %: as all at once would have published them, and as they were published. Null: not reached. */
  aboveAllAtOnce: count,
  above: count,
  /** What the machine had to do meanwhile: the mean of one minute, over its processors. */
  load: v.number(),
});
export type RehearsalReport = v.InferOutput<typeof rehearsalReportSchema>;

function pathOf(homePath: string, build: string): string {
  return join(reportsOf(homePath), `rehearsal-${build}.json`);
}

/** The report of a build; null where it was not rehearsed. */
export function readRehearsal(homePath: string, build: string): Promise<RehearsalReport | null> {
  return readReport(rehearsalReportSchema, pathOf(homePath, build), `${rehearsalCommand} --build BUILD`);
}

export async function writeRehearsal(homePath: string, report: RehearsalReport): Promise<void> {
  await writeReport(pathOf(homePath, report.build), report);
}
