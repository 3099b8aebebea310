/** Faults that our own lint rules and typescript-eslint must refuse, and code that looks like one and is right. */

interface Fault {
  readonly what: string;
  readonly code: string;
  readonly rule: string;
}

interface LintFault extends Fault {
  /** The rooms that must refuse it. */
  readonly rooms: readonly string[];
}

const typed = (name: string): string => `@typescript-eslint/${name}`;

const inWorkflows: readonly Fault[] = [
  {
    what: 'calls an activity itself',
    code: "import { greet } from '../activities'; export const y = greet;",
    rule: typed('no-restricted-imports'),
  },
  {
    what: 'uses the client',
    code: "import { Client } from '@temporalio/client'; export const y = Client;",
    rule: typed('no-restricted-imports'),
  },
  {
    what: 'reads the configuration',
    code: "import { config } from '../config/config'; export const y = config;",
    rule: typed('no-restricted-imports'),
  },
  {
    what: 'uses Node',
    code: "import { hostname } from 'node:os'; export const y = hostname;",
    rule: typed('no-restricted-imports'),
  },
  {
    what: 'leaves a promise alone',
    code: "import { sleep } from '@temporalio/workflow'; export async function w(): Promise<void> { await sleep(1); sleep(1); }",
    rule: typed('no-floating-promises'),
  },
  {
    what: 'has an async update validator',
    code: `import { defineUpdate, setHandler } from '@temporalio/workflow';
      const bypass = defineUpdate<void, [string]>('bypass');
      export function register(): void {
        setHandler(bypass, () => undefined, { validator: async (reason) => { if (reason === '') throw new Error(); } });
      }`,
    rule: typed('no-misused-promises'),
  },
  {
    what: 'is async for nothing',
    code: 'export async function w(): Promise<number> { return 1; }',
    rule: typed('require-await'),
  },
];

/** Refused in every room that enters the sandbox or a verdict. */
const inPureRooms: readonly Fault[] = [
  {
    what: 'keeps a variable',
    code: 'let n = 0; export const next = () => ++n;',
    rule: 'no-restricted-syntax',
  },
  { what: 'exports a variable', code: 'export let n = 0; n++;', rule: 'no-restricted-syntax' },
  {
    what: 'keeps a map',
    code: 'export const seen = new Map<string, string>();',
    rule: 'no-restricted-syntax',
  },
  { what: 'keeps a list', code: 'export const seen: string[] = [];', rule: 'no-restricted-syntax' },
  {
    what: 'keeps an object',
    code: 'const seen: Record<string, 1> = {}; export { seen };',
    rule: 'no-restricted-syntax',
  },
  { what: 'imports late', code: "export const y = () => import('./ok');", rule: 'no-restricted-syntax' },
  { what: 'looks at the process', code: 'export const y = process.pid;', rule: 'no-restricted-globals' },
  {
    what: 'looks at it by way of globalThis',
    code: 'export const y = globalThis.process.pid;',
    rule: 'no-restricted-globals',
  },
  { what: 'fetches', code: "export const y = () => fetch('http://x');", rule: 'no-restricted-globals' },
];

/** Refused there too, but for workflows, where Temporal replaces the clock and the dice. */
const inTimelessRooms: readonly Fault[] = [
  { what: 'reads the clock', code: 'export const y = () => Date.now();', rule: 'no-restricted-properties' },
  {
    what: 'makes the present date',
    code: 'export const y = () => new Date();',
    rule: 'no-restricted-syntax',
  },
  { what: 'throws dice', code: 'export const y = () => Math.random();', rule: 'no-restricted-properties' },
];

/** Refused in all of src but src/config. */
const environment: readonly Fault[] = [
  { what: 'reads a variable', code: "export const y = process.env['X'];", rule: 'no-restricted-properties' },
  {
    what: 'takes the environment',
    code: 'export const { env } = process;',
    rule: 'no-restricted-properties',
  },
  {
    what: 'reads it by way of globalThis',
    code: "export const y = globalThis.process.env['X'];",
    rule: 'no-restricted-syntax',
  },
  {
    what: 'reads it under another name',
    code: "import { env as e } from 'node:process'; export const y = e;",
    rule: 'no-restricted-imports',
  },
];

const anywhere: readonly Fault[] = [
  { what: 'prints', code: "console.log('x');", rule: 'no-console' },
  { what: 'has a default export', code: 'export default 1;', rule: 'no-restricted-syntax' },
  { what: 'says any', code: 'export const y = (x: any): unknown => x;', rule: typed('no-explicit-any') },
  {
    what: 'insists',
    code: 'export const y = (x: string[]): string => x[0]!;',
    rule: typed('no-non-null-assertion'),
  },
  {
    what: 'imports a type as a value',
    code: "import { Ok } from './ok'; export const y = (ok: Ok): Ok => ok;",
    rule: typed('consistent-type-imports'),
  },
  {
    what: 'exports a type as a value',
    code: "import type { Ok } from './ok'; export { Ok };",
    rule: typed('consistent-type-exports'),
  },
  {
    what: 'forgets a case',
    code: "export function y(x: 'a' | 'b'): void { switch (x) { case 'a': return; } }",
    rule: typed('switch-exhaustiveness-check'),
  },
  {
    what: 'leaves a promise alone',
    code: 'export function y(x: () => Promise<void>): void { x(); }',
    rule: typed('no-floating-promises'),
  },
  {
    what: 'loses the cause',
    code: "export function y(x: () => void): void { try { x(); } catch (error) { throw new Error('no'); } }",
    rule: 'preserve-caught-error',
  },
];

const pureRooms = [...['workflows', 'contracts', 'plan', 'tables', 'sources', 'games', 'processors', 'gate']];
const timelessRooms = pureRooms.filter((room) => room !== 'workflows');
const otherRooms = ['publishing', 'activities', 'warehouse', 'control', 'stack', 'observability'];
export const everywhere = [...pureRooms, ...otherRooms];

export const lintFaults: readonly LintFault[] = [
  ...inRooms(['workflows'], inWorkflows),
  ...inRooms(pureRooms, inPureRooms),
  ...inRooms(timelessRooms, inTimelessRooms),
  ...inRooms([...everywhere, 'cli'], environment),
  ...inRooms(everywhere, anywhere),
];

function inRooms(rooms: readonly string[], faults: readonly Fault[]): LintFault[] {
  return faults.map((fault) => ({ ...fault, rooms }));
}

/** The module that faults import, with nothing wrong in it. */
export const okModule = 'export type Ok = string;\nexport const ok = 1;\n';

/** Path to text: right where it stands, though refused elsewhere. */
export const innocents: Readonly<Record<string, string>> = {
  'src/workflows/innocent.workflow.ts': `
import {
  allHandlersFinished, condition, continueAsNew, defineSignal, proxyActivities, setHandler, workflowInfo,
} from '@temporalio/workflow';
import type { Client } from '@temporalio/client';
import type { Activities } from '../activities';

export type Asked = Parameters<Client['workflow']['getHandle']>[0];
export interface Input { readonly greeted: number }

const greet = defineSignal<[{ name: string }]>('greet');
const kinds: ReadonlySet<string> = new Set(['friend', 'stranger']);
const activities = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '5 minutes',
  retry: { maximumAttempts: 3 },
});

export async function greetWorkflow(input: Input): Promise<number> {
  let greeted = input.greeted;
  const inbox: string[] = [];
  setHandler(greet, ({ name }) => void inbox.push(name));
  for (;;) {
    await condition(() => inbox.length > 0 || allHandlersFinished(), '1 hour');
    const name = inbox.shift();
    if (name === undefined) return greeted;
    await activities.greet(kinds.has(name) ? name : \`\${name} at \${new Date().toISOString()}\`);
    greeted += 1;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof greetWorkflow>({ greeted });
  }
}
`,
  'src/workflows/helper.ts': `
export function latest(of: ReadonlyMap<string, Date>, name: string): Date | null { return of.get(name) ?? null; }
`,
  'src/activities/index.ts': `
export interface Activities { greet(name: string): Promise<string> }
export async function greet(name: string): Promise<string> { return name; }
`,
  'src/config/config.ts': "export const config = { home: process.env['PHASE3_HOME'] ?? '.' };\n",
  'src/cli/print.ts': 'export function print(text: string): void { console.log(text); }\n',
  'test/innocent.test.ts': `
it('may know better than the types', () => {
  const names: string[] = JSON.parse('["a"]');
  console.log(names[0]!.length, process.env['HOME']);
});
`,
  'scripts/innocent.mjs': "console.log(process.env['HOME']);\n",
};
