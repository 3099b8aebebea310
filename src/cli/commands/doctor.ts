/** `phase3 doctor`: is everything there that a night needs, and what is to be done where it is not? */
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { exitCodes, printLines } from '../context';
import { examine, type Finding } from '../doctor';
import { printJson } from '../json';

export const addDoctor: AddCommand = (root, context, end) => {
  root
    .command('doctor')
    .description(
      'check everything that a night needs, create tables that are missing, and say what to do; exit code 1 when something fails',
    )
    .option('--json', jsonHelp)
    .action(async ({ json }: JsonOption) => {
      const findings = await examine(context);
      if (json) printJson(context.print, { checks: findings });
      else printLines(context.print, renderFindings(findings));
      if (findings.some(({ status }) => status === 'fail')) end(exitCodes.failed);
    });
};

/** A table of what was found, with what to do. */
export function renderFindings(findings: readonly Finding[]): string {
  const rows = findings.map(
    ({ name, status, detail, act }) =>
      `${name.padEnd(18)} ${status.padEnd(8)} ${detail}${act === null ? '' : `\n${' '.repeat(28)}→ ${act}`}`,
  );
  return rows.join('\n');
}
