/** For each rule of eslint-plugin-temporal that we turn on, workflow code that it must refuse. */

const workflowApi = [
  ...[
    'CancellationScope',
    'allHandlersFinished',
    'condition',
    'continueAsNew',
    'defineQuery',
    'defineSignal',
  ],
  ...['defineUpdate', 'patched', 'proxyActivities', 'proxyLocalActivities', 'setHandler', 'sleep'],
];

const preamble = `
import { ${workflowApi.join(', ')} } from '@temporalio/workflow';
interface Activities { send(input: { text: string }): Promise<void> }
const { send } = proxyActivities<Activities>({ startToCloseTimeout: '1 minute', retry: { maximumAttempts: 3 } });
const signal = defineSignal('signal');
const query = defineQuery<number>('query');
const update = defineUpdate<number>('update');
`;

const atTop: Readonly<Record<string, string>> = {
  'no-temporal-internal-imports':
    "import { x } from '@temporalio/workflow/lib/internals'; export const y = x;",
  'workflow-local-activity-options-required': 'export const local = proxyLocalActivities<Activities>();',
  'workflow-message-name-literal': "const name = 'a' + 'b'; export const named = defineSignal(name);",
  'workflow-no-activity-definitions-import': "import { greet } from '../activities'; export const y = greet;",
  'workflow-no-any-in-workflow-public-api': 'export async function aWorkflow(x: any): Promise<void> {}',
  'workflow-no-bigint-in-payload': 'export async function aWorkflow(x: bigint): Promise<void> {}',
  'workflow-no-client-import': "import { Client } from '@temporalio/client'; export const y = Client;",
  'workflow-no-date-object-in-payload': 'export async function aWorkflow(x: Date): Promise<void> {}',
  'workflow-no-error-as-payload': 'export async function aWorkflow(x: Error): Promise<void> {}',
  'workflow-no-fs-in-workflow': "import { readFileSync } from 'node:fs'; export const y = readFileSync;",
  'workflow-no-logger-library-in-workflow': "import winston from 'winston'; export const y = winston;",
  'workflow-no-mixed-scope-exports': "export { Worker } from '@temporalio/worker';",
  'workflow-no-node-or-dom-imports': "import os from 'node:os'; export const y = os;",
  'workflow-no-nonserializable-types-in-payloads':
    'export async function aWorkflow(x: Map<string, string>): Promise<void> {}',
  'workflow-no-top-level-workflow-side-effects': 'void sleep(1000);',
  'workflow-no-unsafe-global-mutation': 'globalThis.last = 1;',
  'workflow-no-unsafe-package-imports': "import axios from 'axios'; export const y = axios;",
  'workflow-no-uuid-library-in-workflow': "import { v4 } from 'uuid'; export const y = v4;",
  'workflow-no-worker-import': "import { Worker } from '@temporalio/worker'; export const y = Worker;",
  'workflow-prefer-single-object-args':
    'export async function aWorkflow(x: string, y: string): Promise<void> {}',
  'workflow-require-activity-retry-policy':
    "export const { send: again } = proxyActivities<Activities>({ startToCloseTimeout: '1 minute' });",
  'workflow-require-activity-timeouts': 'export const { send: again } = proxyActivities<Activities>({});',
  'workflow-require-all-handlers-finished':
    "export async function aWorkflow(): Promise<void> { setHandler(signal, async () => { await send({ text: 'a' }); }); await sleep(1); }",
};

const inBody: Readonly<Record<string, string>> = {
  'workflow-no-async-query-handler': 'setHandler(query, async () => 3);',
  'workflow-no-busy-wait': 'while (count < 3) {}',
  'workflow-no-console': "console.log('x');",
  'workflow-no-continue-as-new-in-update-handler':
    'setHandler(update, async () => { await continueAsNew(1); return 3; });',
  'workflow-no-continue-as-new-without-state-argument': 'await continueAsNew();',
  'workflow-no-crypto-random': 'crypto.getRandomValues(new Uint8Array(3));',
  'workflow-no-crypto-random-uuid': 'crypto.randomUUID();',
  'workflow-no-duplicate-patch-ids': "if (patched('p')) count++; if (patched('p')) count++;",
  'workflow-no-dynamic-import': "await import('./other');",
  'workflow-no-dynamic-require': "require('./' + count);",
  'workflow-no-finalization-registry': 'new FinalizationRegistry(() => {});',
  'workflow-no-network-in-workflow': "await fetch('http://x');",
  'workflow-no-process-env': "if (process.env['X']) count++;",
  'workflow-no-query-mutation': 'setHandler(query, () => { count = 4; return count; });',
  'workflow-no-setinterval': 'setInterval(() => {}, 10);',
  'workflow-no-settimeout-in-cancellation-scope':
    'await CancellationScope.cancellable(async () => { setTimeout(() => {}, 5); });',
  'workflow-no-shared-array-buffer': 'new SharedArrayBuffer(3);',
  'workflow-no-weakref': 'new WeakRef({});',
  'workflow-no-workflow-apis-in-query': 'setHandler(query, () => { void sleep(3); return 3; });',
  'workflow-patch-id-literal': "const id = 'p' + count; patched(id);",
  'workflow-prefer-condition-over-polling': 'while (count < 3) { await sleep(100); }',
  'workflow-prefer-sleep': 'setTimeout(() => {}, 10);',
  'workflow-require-message-definitions-at-module-scope': "const late = defineSignal('late');",
  'workflow-signal-handler-returns-void': 'setHandler(signal, () => { return 3; });',
};

/** The one rule that needs a file without the word that quiets it. */
const handlerWithoutGuard = `
export async function aWorkflow(): Promise<void> {
  setHandler(signal, async () => { await send({ text: 'a' }); });
}`;

function body(statement: string): string {
  return `export async function aWorkflow(): Promise<void> {
  let count = 0;
  ${statement}
  await condition(allHandlersFinished);
}`;
}

/** Rule to the text of a module of src/workflows. */
export const workflowFaults: ReadonlyMap<string, string> = new Map(
  [
    ...Object.entries(atTop),
    ...Object.entries(inBody).map(([rule, statement]) => [rule, body(statement)] as const),
    ['workflow-no-await-in-handler-without-exit-guard', handlerWithoutGuard] as const,
  ].map(([rule, text]) => [`temporal/${rule}`, `${preamble}${text}\n`]),
);
