/** What `npm run chaos` may be asked. */
import { parseArgs } from 'node:util';
import { BadOptionError } from '../bench/options';

export interface ChaosOptions {
  /** Of every choice. */
  readonly seed: number;
  /** How long things happen, before everything is left to settle. */
  readonly minutes: number;
  /** A built copy of this checkout to run instead of it; null for this one. */
  readonly build: string | null;
  /** Puts the home on a disk of so many megabytes, which is filled now and then; null for none. */
  readonly diskMegabytes: number | null;
  /** Without kills and stops: what is proved is the judge. */
  readonly isCalm: boolean;
  /** What does not move for so long after the faults have ended is stuck. */
  readonly patienceMs: number;
  /** Sentences of each act on stderr. */
  readonly isLoud: boolean;
  readonly json: boolean;
}

const usage =
  'Usage: npm run chaos [-- --seed N --minutes M] [--disk MEGABYTES] [--build FOLDER] [--calm] [--patience SECONDS] [--quiet] [--json]';
const longestMinutes = 24 * 60;
const seeds = 2 ** 31;

/** Reads the arguments. Throws {@link BadOptionError}. */
export function readOptions(args: readonly string[], anySeed: () => number): ChaosOptions {
  const { seed, minutes, build, disk, calm, patience, quiet, json } = parsed(args);
  return {
    seed: seed === undefined ? anySeed() : numberOf('--seed', seed, { low: 0, high: seeds, isWhole: true }),
    minutes: numberOf('--minutes', minutes ?? '10', { low: 0.1, high: longestMinutes, isWhole: false }),
    build: build ?? null,
    diskMegabytes:
      disk === undefined ? null : numberOf('--disk', disk, { low: 512, high: 65_536, isWhole: true }),
    isCalm: calm,
    patienceMs: 1000 * numberOf('--patience', patience ?? '60', { low: 5, high: 3600, isWhole: false }),
    isLoud: !quiet && !json,
    json,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        minutes: { type: 'string' },
        build: { type: 'string' },
        disk: { type: 'string' },
        calm: { type: 'boolean', default: false },
        patience: { type: 'string' },
        quiet: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new BadOptionError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

interface Range {
  readonly low: number;
  readonly high: number;
  readonly isWhole: boolean;
}

function numberOf(name: string, text: string, { low, high, isWhole }: Range): number {
  const value = Number(text);
  const isGood = value >= low && value <= high && (!isWhole || Number.isInteger(value));
  if (text.trim() !== '' && isGood) return value;
  const expected = `${isWhole ? 'a whole number' : 'a number'} from ${low} to ${high}`;
  throw new BadOptionError(`${name} is "${text}", expected ${expected}.\n${usage}`);
}
