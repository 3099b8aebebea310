/** `phase3 up` and `phase3 down`: the local stack. */
import type { AddCommand, JsonOption } from '../command-types';
import { jsonHelp } from '../command-types';
import { printJson } from '../json';
import { stackJson, tokensOf } from './status';

export const addUp: AddCommand = (root, context) => {
  root
    .command('up')
    .description('start the local stack, and return when it answers')
    .option('-d, --detach', 'no effect: the stack always stays up after the command returns')
    .option(
      '--start-empty',
      'make databases of the home anew that are gone; what was in them is lost (without it such a home is refused)',
    )
    .option('--json', jsonHelp)
    .action(async ({ json, startEmpty = false }: JsonOption & { readonly startEmpty?: boolean }) => {
      const status = await context.stack.up({ startEmpty });
      if (json) printJson(context.print, stackJson(context, status));
      else
        context.print(
          `Up. Temporal ${status.temporal ?? '-'}, UI ${status.temporalUi ?? '(of the configured server)'}, gateway ${status.gateway ?? '-'} (${tokensOf(status)}), home ${context.config.home}`,
        );
    });
};

export const addDown: AddCommand = (root, context) => {
  root
    .command('down')
    .description('stop the local stack; keep its data')
    .option('--json', jsonHelp)
    .action(async ({ json }: JsonOption) => {
      const wasUp = await context.stack.down();
      if (json) printJson(context.print, { wasUp });
      else context.print(wasUp ? 'Down.' : 'Nothing was up.');
    });
};
