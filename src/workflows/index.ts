/** The workflow bundle's entry: named re-exports, nothing else. */
export { phase3Workflow } from './phase3.workflow';
export { backfillWorkflow } from './backfill.workflow';
export { datesWorkflow } from './dates.workflow';
export { nightlyWorkflow } from './nightly.workflow';
export { sentinelWorkflow } from './sentinel.workflow';
