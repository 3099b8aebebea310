/** `phase3 rules`: what must be true of a game before anything of it is published. */
import { gameRules } from '../../games/rules/registry';
import type { GameRule } from '../../games/rules/define-rule';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { printJson } from '../json';

export const addRules: AddCommand = (root, context) => {
  root
    .command('rules')
    .description('list the rules that a game must pass before it is published')
    .option('--json', jsonHelp)
    .action(({ json }: JsonOption) => {
      if (json) printJson(context.print, { rules: gameRules.map(({ find: _, ...rule }) => rule) });
      else for (const line of gameRules.flatMap(render)) context.print(line);
    });
};

function render({ id, name, sentence, blocking, needs, tolerance, since }: GameRule): string[] {
  const sources = ['nbac_schedule', ...needs].join(', ');
  return [
    `${id.padEnd(4)} ${name} (${blocking ? 'blocking' : 'warning'}, since ${since})`,
    `     ${sentence}`,
    `     needs ${sources}${tolerance ? `; tolerance ${`${tolerance.value} ${tolerance.unit}`.trim()}: ${tolerance.why}` : ''}`,
  ];
}
