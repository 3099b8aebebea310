/** What `npm run flood` may be asked. */
import { Options } from '../options';

export const partNames = [
  'down-1',
  'down-50',
  'up-1',
  'up-50',
  'recheck',
  'waiting',
  'gateway',
  'pushes',
] as const;
export type PartName = (typeof partNames)[number];

export interface FloodOptions {
  readonly only: readonly PartName[];
  /** New requests, or rechecks, for the one date. */
  readonly messages: number;
  /** Dates that wait at once. */
  readonly waiting: number;
  /** Dates of which pushes come in any order, and messages about each. */
  readonly pushed: { readonly dates: number; readonly messages: number };
  /** How long pushes come at one rate, ms. */
  readonly stepMs: number;
  /** Nights of other dates before the flood: what those during it are compared with. Of few, the p95 is a matter of chance. */
  readonly quietNights: number;
  /** Nights of other dates during the flood, also if it is over before: no more than are needed, since these are slow by it. */
  readonly leastNights: number;
  /** Until everybody must have been answered. */
  readonly limitMs: number;
  /** A short flood, on whatever machine: how long things take is shown and not judged. */
  readonly isShort: boolean;
  readonly json: boolean;
}

const given = new Options(
  'Usage: npm run flood -- [--only PART,PART] [--messages N] [--waiting N] [--small] [--json]',
);
const count = { low: 1, high: 100_000, isWhole: true };

/** Reads the arguments. Throws `BadOptionError`. */
export function readOptions(args: readonly string[]): FloodOptions {
  const { only, messages, waiting, small, json } = given.parse(args, {
    only: { type: 'string' },
    messages: { type: 'string' },
    waiting: { type: 'string' },
    small: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  return {
    only: only === undefined ? partNames : given.only(only, partNames),
    messages: given.number('--messages', messages ?? (small ? '500' : '10000'), count),
    waiting: given.number('--waiting', waiting ?? (small ? '40' : '1000'), count),
    pushed: { dates: small ? 6 : 50, messages: 20 },
    stepMs: small ? 1_500 : 5_000,
    quietNights: small ? 10 : 90,
    leastNights: small ? 10 : 30,
    limitMs: small ? 60_000 : 300_000,
    isShort: small,
    json,
  };
}
