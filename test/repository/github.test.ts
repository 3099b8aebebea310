/** What GitHub reads of this repository. It says nothing about a file that it cannot read: forms are then just not there. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { parse } from 'yaml';
import { allCommands } from '../../src/cli/all-commands';
import type { Context } from '../../src/cli/context';

const root = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const yamlOf = (path: string): unknown => parse(read(path), { strict: true, uniqueKeys: true });
const manifest = JSON.parse(read('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
};

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly on: unknown;
  readonly permissions?: unknown;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<
    Record<string, { readonly 'timeout-minutes'?: number; readonly steps: readonly Step[] }>
  >;
}

/** Rights that are not needed, what is not pinned, and commands and files that are not there. */
function workflowFaults({ permissions, concurrency, jobs }: Workflow): string[] {
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  return [
    ...(JSON.stringify(permissions) === '{"contents":"read"}' ? [] : ['it may do more than read']),
    ...(concurrency === undefined ? ['runs of one branch are not bounded'] : []),
    ...Object.entries(jobs).flatMap(([name, job]) =>
      job['timeout-minutes'] === undefined ? [`${name} may run for six hours`] : [],
    ),
    ...steps.flatMap(({ uses, run, with: options = {} }) => [
      ...(uses !== undefined && !/^[\w.-]+\/[\w./-]+@(v\d+|[0-9a-f]{40})$/.test(uses)
        ? [`${uses} is not pinned`]
        : []),
      ...(uses?.startsWith('actions/checkout@') && options['persist-credentials'] !== false
        ? ['the token stays in the checkout']
        : []),
      ...Object.entries(options)
        .filter(([key, value]) => key.endsWith('-file') && !existsSync(join(root, String(value))))
        .map(([, value]) => `there is no ${String(value)}`),
      ...(run ?? '').split('\n').filter(Boolean).flatMap(commandFaults),
    ]),
  ];
}

function commandFaults(line: string): string[] {
  const [program = '', verb = '', name = ''] = line.trim().split(/\s+/);
  if (program === 'npm')
    return verb !== 'run' || manifest.scripts[name] ? [] : [`there is no script ${name}`];
  if (!existsSync(join(root, program))) return [`there is no ${program}`];
  return (statSync(join(root, program)).mode & 0o111) === 0 ? [`${program} may not be executed`] : [];
}

describe('the workflow', () => {
  const text = read('.github/workflows/ci.yml');
  const workflow = yamlOf('.github/workflows/ci.yml') as Workflow;

  it('may read only, is bounded, pins what it uses and runs what is there', () => {
    expect(workflowFaults(workflow)).toEqual([]);
  });

  it('runs .ci/run with all tests but those whose data no clone has', () => {
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
    expect(steps.filter(({ run }) => run !== undefined)).toEqual([
      { run: '.ci/run', env: { CI: 'true', PHASE3_TEST_WITHOUT: 'season' } },
    ]);
    expect(read('test/support/nights.ts')).toContain("process.env['PHASE3_TEST_WITHOUT'] !== 'season'");
  });

  it.each([
    ['more rights', 'contents: read', 'contents: write'],
    ['no rights named', 'permissions:\n  contents: read\n', ''],
    ['a branch of an action', 'setup-node@v4', 'setup-node@main'],
    ['a script that is not there', '.ci/run\n        env', '.ci/go\n        env'],
    ['a file that is not there', 'file: .nvmrc', 'file: .node-version'],
    ['a token that stays', 'persist-credentials: false', 'persist-credentials: true'],
    ['no end', 'timeout-minutes: 60', 'name: endless'],
  ])('with %s would be found', (_name, old, fault) => {
    const planted = text.replace(old, fault);
    expect(planted).not.toBe(text);
    expect(workflowFaults(parse(planted) as Workflow)).not.toEqual([]);
  });
});

describe('the issue forms', () => {
  const folder = '.github/ISSUE_TEMPLATE';
  const forms = readdirSync(join(root, folder)).filter((name) => name !== 'config.yml');
  const phase3 = new Command('phase3');
  for (const add of allCommands) add(phase3, {} as Context, () => undefined);

  it.each(forms)('%s is one that GitHub takes', (name) => {
    const form = yamlOf(`${folder}/${name}`) as {
      readonly name: string;
      readonly description: string;
      readonly body: readonly {
        readonly type: string;
        readonly id?: string;
        readonly attributes: { readonly label?: string; readonly value?: string };
      }[];
    };
    expect([typeof form.name, typeof form.description]).toEqual(['string', 'string']);
    for (const { type, id, attributes } of form.body) {
      expect(['markdown', 'textarea', 'input', 'dropdown', 'checkboxes']).toContain(type);
      expect(type === 'markdown' ? attributes.value : (id ?? '') && attributes.label).toBeTruthy();
    }
    const ids = form.body.flatMap(({ id }) => id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('ask for the version, the stack and the date, by commands that are there', () => {
    const asked = [...read(`${folder}/bug.yml`).matchAll(/`npx phase3 ([^`]+)`/g)].map(
      ([, line = '']) => line,
    );
    expect(asked).toEqual(['--version', 'status --json', 'why DATE --json']);
    for (const line of asked.filter((one) => !one.startsWith('-'))) {
      const [name, ...rest] = line.split(' ');
      const command = phase3.commands.find((one) => one.name() === name);
      expect(command?.options.map(({ long }) => long)).toEqual(
        expect.arrayContaining(rest.filter((word) => word.startsWith('--'))),
      );
    }
  });
});

it('updates come for packages, actions and images; the packages of Temporal come together', () => {
  const { version, updates } = yamlOf('.github/dependabot.yml') as {
    readonly version: number;
    readonly updates: readonly {
      readonly 'package-ecosystem': string;
      readonly directory: string;
      readonly groups?: Readonly<Record<string, { readonly patterns?: readonly string[] }>>;
    }[];
  };
  expect(version).toBe(2);
  expect(updates.map((one) => one['package-ecosystem'])).toEqual(['npm', 'github-actions', 'docker']);
  expect(updates[0]?.groups?.['temporalio']?.patterns).toEqual(['@temporalio/*']);
  expect(
    Object.keys(manifest.dependencies).filter((name) => name.startsWith('@temporalio/')).length,
  ).toBeGreaterThan(3);
});
