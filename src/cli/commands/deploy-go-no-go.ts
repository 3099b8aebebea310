/** `phase3 deploy go-no-go`: the page on which a build is decided about, written from what was measured of it. */
import { writeFile } from 'node:fs/promises';
import { readBuildInfo } from '../../config/build-info';
import { readCanaryReport } from '../../deploy/canary-report';
import { decide, renderDecision, type BuildEvidence } from '../../deploy/go-no-go';
import { readRehearsal } from '../../deploy/rehearsal-report';
import { readResult, resultNames } from '../../deploy/results';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { badInput, exitCodes, printLines, type Context } from '../context';
import { printJson } from '../json';
import { ownPackage } from '../own-package';

interface PageOptions extends JsonOption {
  readonly out?: string;
}

export const addDeployGoNoGo: AddCommand = (group, context, end) => {
  group
    .command('go-no-go')
    .description(
      'write the page that decides about this build, from what was measured of it; exit code 1 for NO-GO',
    )
    .option('--out <FILE>', 'write the page into this file')
    .option('--json', jsonHelp)
    .action(async ({ out, json }: PageOptions) => {
      const decision = decide(await evidenceOf(context));
      const page = renderDecision(decision);
      if (out !== undefined) await writePage(out, page);
      if (json) printJson(context.print, decision);
      else if (out === undefined) printLines(context.print, page);
      else context.print(`${decision.verdict}: ${out}`);
      if (decision.verdict !== 'GO') end(exitCodes.failed);
    });
};

async function evidenceOf({ config }: Context): Promise<BuildEvidence> {
  const { id: build } = readBuildInfo();
  const results = Object.fromEntries(resultNames.map((name) => [name, readResult(ownPackage, name)]));
  return {
    build,
    results: results as BuildEvidence['results'],
    canary: build === null ? null : await readCanaryReport(config.home, build),
    rehearsal: build === null ? null : await readRehearsal(config.home, build),
    now: new Date(),
  };
}

async function writePage(path: string, page: string): Promise<void> {
  await writeFile(path, page).catch((error: unknown) => {
    throw badInput(
      `--out is "${path}", which cannot be written (${error instanceof Error ? error.message : String(error)}).`,
    );
  });
}
