/**
 * Floods one date of a throw-away local stack and looks whether anybody is hurt:
 * `npm run flood -- [--only PART,PART] [--messages N] [--waiting N] [--small] [--json]`.
 * Exit codes: 0 every bound is kept · 1 one is not, or nothing could be measured · 2 bad arguments.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownCheckout } from './bench/checkout';
import { circumstances, describeMachine, machineUse } from './bench/machine';
import { BadOptionError } from './options';
import { readSeason, writeMovedNights, type Season } from './bench/season';
import { System } from './bench/system';
import type { FloodContext, Nights } from './flood/nights';
import { readOptions, type FloodOptions } from './flood/options';
import { keepMeasured } from './keep-result';
import { parts } from './flood/parts';
import { isKept, renderRows, untimed, worstByName } from './flood/rows';

/** The compiled script lies in dist/scripts. */
const root = join(__dirname, '..', '..');
/** Long before the demo's; each kind of date has a decade of its own. */
const firstDates = { flooded: '1970-01-01', others: '1980-01-01', crowd: '1990-01-01' };
/** More than run beside the longest flood. */
const otherNights = 900;

async function nightsOf(season: Season, folder: string, from: string, count: number): Promise<Nights> {
  await mkdir(folder);
  const moved = await writeMovedNights(season, folder, from, count);
  return { ...moved, rows: readSeason(moved.first).nights };
}

async function contextOf(folder: string, options: FloodOptions): Promise<FloodContext> {
  const season = readSeason(join(root, 'data', 'demo'));
  const nights = (kind: keyof typeof firstDates, count: number): Promise<Nights> =>
    nightsOf(season, join(folder, kind), firstDates[kind], count);
  return {
    checkout: await ownCheckout(root),
    options,
    flooded: await nights('flooded', 1),
    others: await nights('others', otherNights),
    crowd: await nights('crowd', options.waiting),
  };
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const print = (text: string): void => {
    if (!options.json) process.stdout.write(`${text}\n`);
  };
  const folder = await mkdtemp(join(tmpdir(), 'phase3-flood-nights-'));
  try {
    const context = await contextOf(folder, options);
    print(`${describeMachine()}\n${context.checkout.name}`);
    const reports = [];
    for (const part of options.only) {
      process.stderr.write(`${part}\n`);
      const before = await machineUse();
      const { rows: all, notes } = await parts[part](context);
      const during = circumstances(before, await machineUse());
      const rows = options.isShort ? all.map(untimed) : all;
      reports.push({
        ...{ part, circumstances: during, notes },
        rows: rows.map((row) => ({ ...row, isKept: isKept(row) })),
      });
      print(`\n${part} (${during})\n${renderRows(rows)}`);
      for (const note of notes) print(`  ${note}`);
    }
    const bounds = reports.flatMap(({ rows }) => rows.filter(({ bound }) => bound !== null));
    keepMeasured(root, 'flood', {
      command: 'npm run flood',
      figures: {
        ...{ parts: reports.length, isShort: options.isShort },
        bounds: bounds.length,
        broken: bounds.filter(({ isKept: kept }) => !kept).length,
        ...worstByName(bounds),
      },
    });
    if (options.json) process.stdout.write(`${JSON.stringify({ parts: reports }, null, 2)}\n`);
    if (!reports.every(({ rows }) => rows.every(isKept))) process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

System.closeOnSignals();

main().catch((error: unknown) => {
  // Who looks at the date meanwhile would look for ever at a stack that is gone.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`, () =>
    process.exit(error instanceof BadOptionError ? 2 : 1),
  );
});
