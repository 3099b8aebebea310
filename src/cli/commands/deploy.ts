/** `phase3 deploy`: what releases a version. Its subcommands are in files of their own. */
import type { AddCommand } from '../command-types';
import { deployVersionCommands } from './deploy-versions';

export const addDeploy: AddCommand = (root, context, end) => {
  const group = root.command('deploy').description('release a version: which build is current');
  for (const add of deployVersionCommands) add(group, context, end);
};
