/** What `npm run bench` may be asked. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Options } from '../options';

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

const given = new Options(
  'Usage: npm run bench -- [--against REF|DIR|none] [--only PART,PART] [--rounds N] [--full] [--season DIR] [--json]',
);

/** Reads the arguments. `root` is the repository. Throws `BadOptionError`. */
export function readOptions(args: readonly string[], root: string): BenchOptions {
  const values = given.parse(args, {
    against: { type: 'string' },
    only: { type: 'string' },
    rounds: { type: 'string', default: '2' },
    full: { type: 'boolean', default: false },
    season: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const season = resolve(values.season ?? join(root, '..', 'shared', 'data', '2024-25'));
  const hasSeason = existsSync(join(season, 'nba_raw'));
  if (values.season !== undefined && !hasSeason)
    throw given.fault(`--season is "${season}", expected a folder that holds nba_raw.`);
  return {
    against: values.against ?? null,
    only:
      values.only === undefined
        ? partNames.filter((name) => name !== longPart)
        : given.only(values.only, partNames),
    rounds: given.number('--rounds', values.rounds, { low: 1, high: 20, isWhole: true }),
    json: values.json,
    season: hasSeason ? season : join(root, 'data', 'demo'),
    isDemo: !hasSeason,
    waiting: values.full ? 1_000 : 200,
  };
}
