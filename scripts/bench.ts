/**
 * Measures the system on this machine: `npm run bench -- [--noop] [--season DIR] [--nights N] [--window N] [--waiting N]
 * [--pushes-per-second N] [--seconds N] [--only PARTS] [--json FILE]`. Every part has a Temporal server, a worker process and a warehouse of its own in a temporary folder.
 * Exit codes: 0 measured, however slow · 1 something that was measured went wrong · 2 bad arguments.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { readConfig } from '../src/config/config';
import { findTemporal } from '../src/stack/temporal-binary';
import type { Tools } from './bench/bench-stack';
import { describeMachine } from './bench/machine';
import { BadOptionError, readOptions, type BenchOptions, type PartName } from './bench/options';
import { flatNoopPart, flatRealPart } from './bench/parts/flat-part';
import { killedPart } from './bench/parts/killed-part';
import { nightsPart } from './bench/parts/nights-part';
import { noopPart } from './bench/parts/noop-part';
import { runPart, type Part } from './bench/parts/part';
import { pushesPart } from './bench/parts/pushes-part';
import { seasonPart } from './bench/parts/season-part';
import { wakePart } from './bench/parts/wake-part';
import { renderPart, type PartReport } from './bench/report';

/** The compiled script lies in dist/scripts. */
const root = join(__dirname, '..', '..');

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function partsOf({ only, noop }: BenchOptions): Part[] {
  const parts: Record<PartName, Part[]> = {
    nights: [nightsPart],
    season: [seasonPart],
    killed: [killedPart],
    noop: [noopPart],
    flat: noop ? [flatNoopPart] : [flatNoopPart, flatRealPart],
    wake: [wakePart],
    pushes: [pushesPart],
  };
  return only.flatMap((name) => parts[name]);
}

/** Finds Temporal and bundles the workflows, the baseline's too, into `folder`. */
async function prepare(folder: string): Promise<Tools> {
  const config = readConfig();
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const temporal = await findTemporal(config.toolCache, config.path, say, config.environment);
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(__dirname, 'bench', 'flat', 'index.js'),
    logger: new DefaultLogger('WARN'),
  });
  const bundle = join(folder, 'workflow-bundle.js');
  await writeFile(bundle, code);
  return { temporal, bundle };
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), root);
  const folder = await mkdtemp(join(tmpdir(), 'phase3-bench-'));
  try {
    const tools = await prepare(folder);
    const machine = await describeMachine(root, tools);
    for (const line of machine) print(line);
    if (options.isDemo)
      print('There is no season beside the repository: measured on the shipped demo nights.');
    const reports: PartReport[] = [];
    try {
      for (const part of partsOf(options)) {
        const report = await runPart(part, { tools, options });
        reports.push(report);
        print('');
        for (const line of renderPart(report)) print(line);
      }
    } finally {
      // Also of the parts before one that failed.
      if (options.json !== null)
        await writeFile(options.json, `${JSON.stringify({ machine, options, reports }, null, 2)}\n`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof BadOptionError ? 2 : 1;
});
