/** `phase3 rules`: what must be true of a game before anything of it is published. */
import { listedRules, type ListedRule } from '../../plan/rules';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { printJson } from '../json';

export const addRules: AddCommand = (root, context) => {
  root
    .command('rules')
    .description('list the rules that a game must pass before it is published')
    .option('--json', jsonHelp)
    .action(({ json }: JsonOption) => {
      if (json) printJson(context.print, { rules: listedRules });
      else for (const line of listedRules.flatMap(render)) context.print(line);
    });
};

function render({ id, name, sentence, blocking, sources, tolerance, since }: ListedRule): string[] {
  const within = tolerance
    ? `; tolerance ${`${tolerance.value} ${tolerance.unit}`.trim()}: ${tolerance.why}`
    : '';
  return [
    `${id.padEnd(4)} ${name} (${blocking ? 'blocking' : 'warning'}, since ${since})`,
    `     ${sentence}`,
    `     needs ${sources.join(', ')}${within}`,
  ];
}
