/**
 * Measures the system on this machine, beside a baseline: `npm run bench -- [--against REF|DIR|none] [--only PART,PART]
 * [--rounds N] [--full] [--season DIR] [--json]`. Every measurement has a stack of its own in a temporary home, and both
 * checkouts are driven through what users have, so that versions of any inner make can be compared.
 * Exit codes: 0 measured, however slow · 1 something that was measured went wrong · 2 bad arguments.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baselineCheckout, ownCheckout } from './bench/checkout';
import { circumstances, describeMachine, machineUse } from './bench/machine';
import { readOptions, type PartName } from './bench/options';
import { BadOptionError } from './options';
import { parts, type Part, type PartContext } from './bench/parts';
import { compareRounds, renderTable, type Compared, type Figure, type Round } from './bench/report';
import { readSeason, writeMovedNights } from './bench/season';
import { System } from './bench/system';
import { keepMeasured } from './keep-result';

/** The compiled script lies in dist/scripts. */
const root = join(__dirname, '..', '..');
/** Long before any season that is measured. */
const firstWaiting = '2010-01-01';

interface PartReport {
  readonly part: PartName;
  readonly circumstances: string;
  readonly figures: readonly Compared[];
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Both sides in turn, A B B A, so that a machine whose speed drifts favours neither. */
async function inTurn(
  rounds: number,
  measureOurs: () => Promise<Figure[]>,
  measureBaseline: (() => Promise<Figure[]>) | null,
): Promise<Round[]> {
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const isOursFirst = round % 2 === 0;
    const early = isOursFirst ? await measureOurs() : null;
    const baseline = measureBaseline ? await measureBaseline() : null;
    measured.push({ ours: early ?? (await measureOurs()), baseline });
  }
  return measured;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), root);
  const print = (text: string): void => {
    if (!options.json) process.stdout.write(`${text}\n`);
  };
  const ours = await ownCheckout(root);
  const baseline = await baselineCheckout(options.against, root, say);
  const machine = describeMachine();
  print(machine);
  print(`${ours.name}${baseline ? ` against ${baseline.name}; ratios are the first by the second` : ''}`);
  const season = readSeason(options.season);
  print(`${options.isDemo ? 'No season beside the repository: the demo, ' : ''}${season.nights.size} nights`);

  const folder = await mkdtemp(join(tmpdir(), 'phase3-bench-nights-'));
  try {
    const moved = await writeMovedNights(season, folder, firstWaiting, options.waiting);
    const context: PartContext = { season, moved, root };
    const reports: PartReport[] = [];
    for (const part of options.only) {
      const measure: Part = parts[part];
      const before = await machineUse();
      const run = (checkout: typeof ours) => (): Promise<Figure[]> => {
        say(`${part}: ${checkout.name}`);
        return measure(checkout, context);
      };
      const rounds = await inTurn(options.rounds, run(ours), baseline && run(baseline));
      const report: PartReport = {
        part,
        circumstances: circumstances(before, await machineUse()),
        figures: compareRounds(rounds),
      };
      reports.push(report);
      print(`\n${part} (${report.circumstances})`);
      print(renderTable(report.figures, [ours.name, baseline?.name ?? null]));
    }
    keepMeasured(root, 'bench', { command: 'npm run bench', figures: figuresOf(reports, options.isDemo) });
    if (options.json) {
      const document = {
        machine,
        ours: ours.name,
        baseline: baseline?.name ?? null,
        season: { demo: options.isDemo, nights: season.nights.size },
        rounds: options.rounds,
        parts: reports,
      };
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The medians of this checkout by their names, and whether they are the demo's. */
function figuresOf(reports: readonly PartReport[], isDemo: boolean): Record<string, number | boolean> {
  const all = reports.flatMap(({ figures }) => figures.map(({ name, ours }) => [name, ours.median] as const));
  return { isDemo, ...Object.fromEntries(all) };
}

System.closeOnSignals();

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof BadOptionError ? 2 : 1;
});
