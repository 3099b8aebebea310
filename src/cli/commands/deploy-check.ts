/** `phase3 deploy check`: may this build be deployed, and what is to be done where not? */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { badInput, exitCodes, printLines } from '../context';
import { checkDeployment } from '../deploy-check';
import { printJson } from '../json';
import { ownPackage } from '../own-package';
import { renderFindings } from './doctor';

interface CheckOptions extends JsonOption {
  readonly run?: boolean;
}

export const addDeployCheck: AddCommand = (group, context, end) => {
  group
    .command('check')
    .description(
      'check the source by its newest results, the registry, the warehouse and the deployment, and say what to do; exit code 1 when something fails',
    )
    .option('--run', 'run `npm run check` and the replay of recorded histories first, about two minutes')
    .option('--json', jsonHelp)
    .action(async ({ run, json }: CheckOptions) => {
      if (run) runScripts();
      const findings = await checkDeployment(context, ownPackage, new Date());
      if (json) printJson(context.print, { checks: findings });
      else printLines(context.print, renderFindings(findings));
      if (findings.some(({ status }) => status === 'fail')) end(exitCodes.failed);
    });
};

/** They leave their results where the checks look for them. What they say goes to stderr. */
function runScripts(): void {
  const scripts = [[join('scripts', 'check.mjs')], [join('scripts', 'test.mjs'), 'test/replay']];
  if (!existsSync(join(ownPackage, 'test')))
    throw badInput('--run needs the source tree, which is not here. Run it where the build was made.');
  for (const args of scripts)
    spawnSync(process.execPath, args, { cwd: ownPackage, stdio: ['ignore', process.stderr, 'inherit'] });
}
