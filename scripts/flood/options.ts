/** What `npm run flood` may be asked. */
import { parseArgs } from 'node:util';
import { BadOptionError } from '../bench/options';

export const partNames = ['down-1', 'down-50', 'up-1', 'up-50', 'recheck', 'waiting'] as const;
export type PartName = (typeof partNames)[number];

export interface FloodOptions {
  readonly only: readonly PartName[];
  /** New requests, or rechecks, for the one date. */
  readonly messages: number;
  /** Dates that wait at once. */
  readonly waiting: number;
  /** Nights of other dates before the flood: what those during it are compared with. */
  readonly quietNights: number;
  /** Until everybody must have been answered. */
  readonly limitMs: number;
  /** A short flood, on whatever machine: how long things take is shown and not judged. */
  readonly isShort: boolean;
  readonly json: boolean;
}

const usage = `Usage: npm run flood -- [--only PART,PART] [--messages N] [--waiting N] [--small] [--json]`;

/** Reads the arguments. Throws {@link BadOptionError}. */
export function readOptions(args: readonly string[]): FloodOptions {
  const { only, messages, waiting, small, json } = parsed(args);
  return {
    only: partsOf(only),
    messages: numberOf('--messages', messages ?? (small ? '500' : '10000')),
    waiting: numberOf('--waiting', waiting ?? (small ? '40' : '1000')),
    quietNights: small ? 10 : 30,
    limitMs: small ? 60_000 : 300_000,
    isShort: small,
    json,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        messages: { type: 'string' },
        waiting: { type: 'string' },
        small: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new BadOptionError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 100_000) return value;
  throw new BadOptionError(`${name} is "${text}", expected a whole number from 1 to 100000.\n${usage}`);
}

function partsOf(text: string | undefined): readonly PartName[] {
  if (text === undefined) return partNames;
  const asked = text.split(',').map((name) => name.trim());
  const unknown = asked.find((name) => !partNames.some((part) => part === name));
  if (unknown !== undefined)
    throw new BadOptionError(
      `--only names "${unknown}", expected some of ${partNames.join(', ')}.\n${usage}`,
    );
  return partNames.filter((part) => asked.includes(part));
}
