/**
 * What tests and measurements leave behind for the decision about a build: one small file each, `results/<name>.json` in the
 * checkout or in the package that was made of it. The scripts write them, and only what they write is believed.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { read } from '../contracts/schema';

export const resultNames = ['check', 'tests', 'bench', 'season', 'flood'] as const;
export type ResultName = (typeof resultNames)[number];

const figure = v.union([v.number(), v.string(), v.boolean(), v.null()]);

export const resultSchema = v.object({
  name: v.picklist(resultNames),
  /** What a person types to get it. */
  command: v.string(),
  /** Of the tree, with a hash of what was changed in it; null where there is no git. */
  commit: v.nullable(v.string()),
  /** ISO 8601, UTC. */
  at: v.string(),
  /** What the machine had to do meanwhile: the mean of one minute, over its processors. */
  load: v.number(),
  figures: v.record(v.string(), figure),
  /** Of the tests: what came of each file. */
  files: v.exactOptional(
    v.record(v.string(), v.object({ passed: v.number(), failed: v.number(), skipped: v.number() })),
  ),
});
export type Result = v.InferOutput<typeof resultSchema>;

const pathOf = (root: string, name: ResultName): string => join(root, 'results', `${name}.json`);

/** Writes a result; readers see the old one or the new one. */
export function writeResult(root: string, result: Result): void {
  mkdirSync(join(root, 'results'), { recursive: true });
  const path = pathOf(root, result.name);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(result, null, 2)}\n`);
  renameSync(draft, path);
}

/** A result; null where there is none, or what is there is not one. */
export function readResult(root: string, name: ResultName): Result | null {
  try {
    const found = read(resultSchema, JSON.parse(readFileSync(pathOf(root, name), 'utf8')));
    return found.ok && found.value.name === name ? found.value : null;
  } catch {
    return null;
  }
}

/** A build as sentences name it: a commit by its beginning. */
function shortId(commit: string | null): string {
  return commit?.replace(/^([0-9a-f]{7})[0-9a-f]+/, '$1') ?? 'no known commit';
}

/** So long a result of the same build counts: what it stood on (a machine, the packages, a server) moves. */
const freshDays = 14;

/** Why a result says nothing of a build, as a clause; null where it does. */
export function whyStale(result: Result | null, build: string | null, now: Date): string | null {
  if (!result) return 'there is no result';
  if (build === null || result.commit !== build)
    return `the result of ${result.at} is of ${shortId(result.commit)}, not of this build`;
  const days = (now.getTime() - Date.parse(result.at)) / 86_400_000;
  return days > freshDays ? `the result is ${Math.floor(days)} days old; ${freshDays} is the most` : null;
}
