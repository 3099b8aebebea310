/** What `npm run bench` may be asked. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const partNames = ['nights', 'season', 'killed', 'noop', 'flat', 'wake', 'pushes'] as const;
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
  /** Dates that wait at once. */
  readonly waiting: number;
  readonly pushesPerSecond: number;
  /** How long pushes are sent. */
  readonly seconds: number;
  readonly only: readonly PartName[];
  /** Where the figures go as JSON; null for nowhere. */
  readonly json: string | null;
}

/** Thrown to end with a sentence and exit code 2. */
export class BadOptionError extends Error {
  override readonly name = 'BadOptionError';
}

const usage =
  'Usage: npm run bench -- [--noop] [--season DIR] [--nights N] [--window N] [--waiting N] ' +
  `[--pushes-per-second N] [--seconds N] [--only ${partNames.join(',')}] [--json FILE]`;

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
    nights: whole('--nights', values.nights, 1, 1_000),
    window: whole('--window', values.window, 1, 64),
    // Of ten dates each kind of wake has one at least; five thousand days from 2010 on are over.
    waiting: whole('--waiting', values.waiting, 10, 5_000),
    // Of fewer not every date is told of each source; more would meet the gateway's limit of 500 from one sender.
    pushesPerSecond: whole('--pushes-per-second', values['pushes-per-second'], 30, 400),
    seconds: whole('--seconds', values.seconds, 10, 3_600),
    only: partsOf(values.only, values.noop),
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
        waiting: { type: 'string', default: '1000' },
        'pushes-per-second': { type: 'string', default: '200' },
        seconds: { type: 'string', default: '60' },
        only: { type: 'string' },
        json: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new BadOptionError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new BadOptionError(
    `${name} is "${text}", expected a whole number from ${least} to ${most}.\n${usage}`,
  );
}

/** Where nothing is built no gate ever opens and nothing is published, so there is nothing to wake or to push. */
const needReal: readonly PartName[] = ['wake', 'pushes'];

function partsOf(text: string | undefined, noop: boolean): readonly PartName[] {
  if (text === undefined) return partNames.filter((name) => !noop || !needReal.includes(name));
  const parts = text.split(',').map(partOf);
  const refused = parts.find((name) => noop && needReal.includes(name));
  if (refused)
    throw new BadOptionError(
      `--only names ${refused}, which needs real processors: leave --noop out.\n${usage}`,
    );
  return parts;
}

function partOf(text: string): PartName {
  const part = partNames.find((name) => name === text.trim());
  if (part) return part;
  throw new BadOptionError(`--only names "${text}", expected some of ${partNames.join(', ')}.\n${usage}`);
}
