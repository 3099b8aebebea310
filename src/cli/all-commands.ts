/** Every command, in the order in which help lists them. */
import type { AddCommand } from './command-types';
import { addAdopt } from './commands/adopt';
import { addAudit } from './commands/audit';
import { addBackup, addRestoreHome } from './commands/backup';
import { addBackfill } from './commands/backfill';
import { addChanged } from './commands/changed';
import { addCheck } from './commands/check';
import { addBypass, addCancel, addExtend, addRecheck, addRerun } from './commands/control';
import { addCompletion } from './commands/completion';
import { addDemo } from './commands/demo';
import { addDeploy } from './commands/deploy';
import { addDiff } from './commands/diff';
import { addDiffLive } from './commands/diff-live';
import { addDoctor } from './commands/doctor';
import { addExplain } from './commands/explain';
import { addExport } from './commands/export';
import { addGraph } from './commands/graph';
import { addHandover } from './commands/handover';
import { addLoad } from './commands/load';
import { addMissing } from './commands/missing';
import { addNotify } from './commands/notify';
import { addRehearse } from './commands/rehearse';
import { addRestore, addUnpin } from './commands/restore';
import { addRules } from './commands/rules';
import { addApply, addPlan } from './commands/plan';
import { addQuarantine } from './commands/quarantine';
import { addRun } from './commands/run';
import { addSchedules } from './commands/schedules';
import { addStatus } from './commands/status';
import { addDown, addUp } from './commands/up';
import { addWait } from './commands/wait';
import { addWhatsDeployed } from './commands/whats-deployed';
import { addVersions } from './commands/versions';
import { addVerify } from './commands/verify';
import { addList, addWatch, addWhy } from './commands/why';

export const allCommands: readonly AddCommand[] = [
  addUp,
  addDown,
  addStatus,
  addDoctor,
  addWhy,
  addList,
  addMissing,
  addHandover,
  addWatch,
  addWait,
  addExplain,
  addLoad,
  addRun,
  addPlan,
  addApply,
  addBackfill,
  addCheck,
  addVerify,
  addBypass,
  addRerun,
  addRestore,
  addUnpin,
  addRecheck,
  addExtend,
  addCancel,
  addAudit,
  addQuarantine,
  addVersions,
  addDiff,
  addChanged,
  addSchedules,
  addNotify,
  addExport,
  addWhatsDeployed,
  addAdopt,
  addDiffLive,
  addDeploy,
  addGraph,
  addRules,
  addCompletion,
  addBackup,
  addRestoreHome,
  addDemo,
  addRehearse,
];
