/** `phase3 completion SHELL`: commands and options by the Tab key. */
import { Argument, type Command } from 'commander';
import type { AddCommand } from '../command-types';

/** Shells that the library writes scripts for. */
const shells = ['bash', 'zsh', 'fish', 'powershell'];

/** What a shell's script asks us with; nobody types it. */
export const completeCommand = 'complete';

export const addCompletion: AddCommand = (root) => {
  root
    .command('completion')
    .addArgument(new Argument('<SHELL>', 'your shell').choices(shells))
    .description('print a script that completes commands and options; bash: source <(phase3 completion bash)')
    .action(async (shell: string) => {
      const { default: completion } = await import('@bomb.sh/tab');
      completion.setup(root.name(), root.name(), shell);
    });
};

/** Lets the root answer a shell's script. Only then: it walks all commands. */
export async function answerCompletion(root: Command): Promise<void> {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  tab(root, { completionCommandName: 'completion-script' });
}
