/** What a canary has found of a build, as a file of the home. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';

const verdict = v.picklist(['go', 'warn', 'stop']);

export const canaryReportSchema = v.object({
  /** The build that was tried, and the one that it was compared with. */
  build: v.string(),
  base: v.string(),
  /** ISO 8601, UTC. */
  at: v.string(),
  dates: v.array(v.string()),
  verdict,
  gates: v.array(
    v.object({ name: v.string(), verdict, figure: v.unknown(), limit: v.unknown(), detail: v.string() }),
  ),
  /** Rows and figures that differ from the live ones. */
  differences: v.number(),
  accepted: v.nullable(v.object({ by: v.string(), reason: v.string(), at: v.string() })),
});
export type CanaryReport = v.InferOutput<typeof canaryReportSchema>;

function pathOf(home: string, build: string): string {
  return join(home, 'deploy', `canary-${build}.json`);
}

/** The report on a build; null where there is none. Throws where the file is not one. */
export async function readCanaryReport(home: string, build: string): Promise<CanaryReport | null> {
  const text = await readFile(pathOf(home, build), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : v.parse(canaryReportSchema, JSON.parse(text));
}

/** Readers see the old report or the new one. */
export async function writeCanaryReport(home: string, report: CanaryReport): Promise<void> {
  const path = pathOf(home, report.build);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, path);
}
