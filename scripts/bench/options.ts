/** What `npm run bench` may be asked. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const partNames = [
  'night',
  'floor',
  'levels',
  'season',
  'seasons',
  'live',
  'killed',
  'wake',
  'pushes',
] as const;
export type PartName = (typeof partNames)[number];

/** Takes many minutes on each side: it is measured where it is named. */
const longPart: PartName = 'seasons';

export interface BenchOptions {
  /** A commit or a folder to compare with; null for the default commit, where the repository has it. */
  readonly against: string | null;
  /** In the order in which they are measured. */
  readonly only: readonly PartName[];
  /** How often each checkout is measured. */
  readonly rounds: number;
  readonly json: boolean;
  /** Folder with `nba_raw`. */
  readonly season: string;
  /** True when the demo nights stand in for the season. */
  readonly isDemo: boolean;
  /** Dates that wait at once. */
  readonly waiting: number;
}

/** Thrown to end with a sentence and exit code 2. */
export class BadOptionError extends Error {
  override readonly name = 'BadOptionError';
}

const usage =
  'Usage: npm run bench -- [--against REF|DIR|none] [--only PART,PART] [--rounds N] [--full] [--season DIR] [--json]';

/** Reads the arguments. `root` is the repository. Throws {@link BadOptionError}. */
export function readOptions(args: readonly string[], root: string): BenchOptions {
  const values = parsed(args);
  const season = resolve(values.season ?? join(root, '..', 'shared', 'data', '2024-25'));
  const hasSeason = existsSync(join(season, 'nba_raw'));
  if (values.season !== undefined && !hasSeason)
    throw new BadOptionError(`--season is "${season}", expected a folder that holds nba_raw.\n${usage}`);
  return {
    against: values.against ?? null,
    only: partsOf(values.only),
    rounds: roundsOf(values.rounds),
    json: values.json,
    season: hasSeason ? season : join(root, 'data', 'demo'),
    isDemo: !hasSeason,
    waiting: values.full ? 1_000 : 200,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        against: { type: 'string' },
        only: { type: 'string' },
        rounds: { type: 'string', default: '2' },
        full: { type: 'boolean', default: false },
        season: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new BadOptionError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function roundsOf(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= 20) return rounds;
  throw new BadOptionError(`--rounds is "${text}", expected a whole number from 1 to 20.\n${usage}`);
}

function partsOf(text: string | undefined): readonly PartName[] {
  if (text === undefined) return partNames.filter((name) => name !== longPart);
  const asked = text.split(',').map((name) => name.trim());
  const unknown = asked.find((name) => !partNames.some((part) => part === name));
  if (unknown !== undefined)
    throw new BadOptionError(
      `--only names "${unknown}", expected some of ${partNames.join(', ')}.\n${usage}`,
    );
  return partNames.filter((part) => asked.includes(part));
}
