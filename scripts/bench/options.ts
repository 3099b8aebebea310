/** What `npm run bench` may be asked. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const partNames = ['nights', 'season', 'killed', 'noop', 'flat'] as const;
export type PartName = (typeof partNames)[number];

export interface BenchOptions {
  /** Whether every part runs with processors that do nothing. */
  readonly noop: boolean;
  /** Folder with `nba_raw`. */
  readonly season: string;
  /** True when the season is not there and the demo nights stand in for it. */
  readonly isDemo: boolean;
  /** Nights run one at a time. */
  readonly nights: number;
  /** Nights under way at once, where many are. */
  readonly window: number;
  readonly only: readonly PartName[];
  /** Where the figures go as JSON; null for nowhere. */
  readonly json: string | null;
}

/** Thrown to end with a sentence and exit code 2. */
export class BadOptionError extends Error {
  override readonly name = 'BadOptionError';
}

const usage =
  'Usage: npm run bench -- [--noop] [--season DIR] [--nights N] [--window N] ' +
  `[--only ${partNames.join(',')}] [--json FILE]`;

/** Reads the arguments. `root` is the repository. Throws {@link BadOptionError}. */
export function readOptions(args: readonly string[], root: string): BenchOptions {
  const values = parsed(args);
  const season = join(root, '..', 'shared', 'data', '2024-25');
  const isDemo = values.season === undefined && !existsSync(season);
  return {
    noop: values.noop,
    season:
      values.season !== undefined ? resolve(values.season) : isDemo ? join(root, 'data', 'demo') : season,
    isDemo,
    nights: whole('--nights', values.nights, 1_000),
    window: whole('--window', values.window, 64),
    only: values.only === undefined ? partNames : values.only.split(',').map(partOf),
    json: values.json === undefined ? null : resolve(values.json),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        noop: { type: 'boolean', default: false },
        season: { type: 'string' },
        nights: { type: 'string', default: '30' },
        window: { type: 'string', default: '8' },
        only: { type: 'string' },
        json: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new BadOptionError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function whole(name: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new BadOptionError(`${name} is "${text}", expected a whole number from 1 to ${most}.\n${usage}`);
}

function partOf(text: string): PartName {
  const part = partNames.find((name) => name === text.trim());
  if (part) return part;
  throw new BadOptionError(`--only names "${text}", expected some of ${partNames.join(', ')}.\n${usage}`);
}
