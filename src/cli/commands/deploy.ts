/** `phase3 deploy …`: what is done before another build becomes the live one. */
import type { AddCommand } from '../command-types';
import { addDeployCanary } from './deploy-canary';
import { addDeployCheck } from './deploy-check';
import { addDeployDiff } from './deploy-diff';
import { addDeployGoNoGo } from './deploy-go-no-go';
import { addDeployPromote } from './deploy-promote';
import { addDeployRollback } from './deploy-rollback';
import { addDeployStatus } from './deploy-status';

/** In the order in which help lists them. */
const parts: readonly AddCommand[] = [
  ...[addDeployCheck, addDeployCanary, addDeployDiff],
  ...[addDeployPromote, addDeployRollback, addDeployStatus],
  addDeployGoNoGo,
];

export const addDeploy: AddCommand = (root, context, end) => {
  const group = root
    .command('deploy')
    .description('try another build, look at what it changes, make it the current one, or go back');
  for (const add of parts) add(group, context, end);
  for (const command of group.commands) command.exitOverride();
};
