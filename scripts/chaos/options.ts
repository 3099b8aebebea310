/** What `npm run chaos` may be asked. */
import { Options } from '../options';

export interface ChaosOptions {
  /** Of every choice. */
  readonly seed: number;
  /** How long things happen, before everything is left to settle. */
  readonly minutes: number;
  /** A built copy of this checkout to run instead of it; null for this one. */
  readonly build: string | null;
  /** On the BigQuery emulator, with two workers and two gateways; else on DuckDB, with one of each. */
  readonly isBigQuery: boolean;
  /** Dates of which rows come at the same time. */
  readonly datesAtOnce: number;
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

const given = new Options(
  'Usage: npm run chaos [-- --seed N --minutes M] [--bigquery] [--disk MEGABYTES] [--build FOLDER] [--calm] [--patience SECONDS] [--quiet] [--json]',
);
const longestMinutes = 24 * 60;
const seeds = 2 ** 31;

/** Reads the arguments. Throws `BadOptionError`. */
export function readOptions(args: readonly string[], anySeed: () => number): ChaosOptions {
  const { seed, minutes, build, bigquery, disk, calm, patience, quiet, json } = given.parse(args, {
    seed: { type: 'string' },
    minutes: { type: 'string' },
    build: { type: 'string' },
    bigquery: { type: 'boolean', default: false },
    disk: { type: 'string' },
    calm: { type: 'boolean', default: false },
    patience: { type: 'string' },
    quiet: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  return {
    seed:
      seed === undefined ? anySeed() : given.number('--seed', seed, { low: 0, high: seeds, isWhole: true }),
    minutes: given.number('--minutes', minutes ?? '10', { low: 0.1, high: longestMinutes, isWhole: false }),
    build: build ?? null,
    diskMegabytes:
      disk === undefined ? null : given.number('--disk', disk, { low: 512, high: 65_536, isWhole: true }),
    isCalm: calm,
    isBigQuery: bigquery,
    // A night costs the emulator some ten seconds of processor time.
    datesAtOnce: bigquery ? 2 : 5,
    patienceMs:
      1000 *
      given.number('--patience', patience ?? (bigquery ? '300' : '60'), {
        low: 5,
        high: 3600,
        isWhole: false,
      }),
    isLoud: !quiet && !json,
    json,
  };
}
