/** The bench's workflow bundle: the product's workflows and the baseline, in one worker. */
export { backfillWorkflow, phase3Workflow } from '../../../src/workflows';
export { flatWorkflow } from './flat.workflow';
