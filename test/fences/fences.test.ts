/** Every fence is seen to stop what it is there to stop: faults planted in a tree under our own configuration. */
import { moduleTexts, refusedImports } from './arrows';
import { everywhere, innocents, lintFaults, okModule } from './lint-faults';
import { plantTree, type PlantedTree } from './planted-tree';
import { workflowFaults } from './workflow-faults';

const tools = {
  eslint: 'eslint/bin/eslint.js',
  cruiser: 'dependency-cruiser/bin/dependency-cruise.mjs',
};

describe('imports', () => {
  interface Report {
    readonly summary: {
      readonly violations: readonly {
        readonly rule: { readonly name: string };
        readonly from: string;
        readonly to: string;
      }[];
      readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
    };
  }

  const reach = 'src/workflows/innocent-itself.ts';
  let tree: PlantedTree;
  let report: Report;

  beforeAll(async () => {
    tree = plantTree({
      ...moduleTexts(),
      [reach]: "import { helped } from '../explain/helper';\nexport const planted = helped;\n",
      'src/explain/helper.ts':
        "import { deeper } from '../contracts/deeper';\nexport const helped = deeper;\n",
      'src/contracts/deeper.ts': `
import * as fs from 'node:fs';
import { Command } from 'commander';
import { planted } from '../warehouse/target';
import { planted as plan } from '../plan/target';
export const deeper = [fs, Command, planted, plan];
`,
      'src/games/cycle.ts': "import { back } from './cycle-back';\nexport const there = () => back;\n",
      'src/games/cycle-back.ts': "import { there } from './cycle';\nexport const back = () => there;\n",
    });
    const folders = ['src', 'test', 'scripts'];
    report = (await tree.run(tools.cruiser, ...folders, '--output-type', 'json')) as Report;
  });
  afterAll(() => tree.remove());

  /** `from -> to` of every violation of these rules, packages and builtins by their names. */
  function refused(
    of: (rule: string) => boolean,
    from = /(source|main|worker|client|registry|catalogue|named-fields|explain-record|preview-restore)\.ts$/,
  ): Set<string> {
    const violations = report.summary.violations.filter((each) => of(each.rule.name) && from.test(each.from));
    return new Set(violations.map((each) => `${each.from} -> ${importedName(each.to)}`));
  }

  it('lets each room import what the design allows, and nothing else', () => {
    const direct = refused((rule) => rule !== 'no-circular' && !rule.startsWith('sandbox-'));
    expect([...direct].sort()).toEqual(refusedImports().sort());
  });

  it('lets types pass', () => {
    expect([...refused(() => true, /-types-only\.ts$/)]).toEqual([]);
  });

  it("sees what a workflow reaches through a helper's helper", () => {
    const reached = report.summary.violations.filter((each) => each.from === reach);
    expect(reached.map((each) => `${each.rule.name}: ${importedName(each.to)}`).sort()).toEqual([
      'sandbox-reaches-no-builtin: node:fs',
      'sandbox-reaches-no-other-room: src/plan/target.ts',
      'sandbox-reaches-no-other-room: src/warehouse/target.ts',
      'sandbox-reaches-no-package: commander',
    ]);
  });

  it('sees a cycle', () => {
    // It is reported once, from whichever end was met first.
    expect(refused((rule) => rule === 'no-circular', /cycle/).size).toBe(1);
  });

  it('has no rule that was not seen to refuse something', () => {
    const broken = new Set(report.summary.violations.map((each) => each.rule.name));
    expect(
      report.summary.ruleSetUsed.forbidden.map((rule) => rule.name).filter((name) => !broken.has(name)),
    ).toEqual([]);
  });
});

function importedName(resolved: string): string {
  if (resolved === 'fs' || resolved === 'crypto') return `node:${resolved}`;
  return /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(resolved)?.[1] ?? resolved;
}

describe('code', () => {
  interface Result {
    readonly filePath: string;
    readonly messages: readonly { readonly ruleId: string | null; readonly message: string }[];
  }

  const faults = lintFaults.map((fault, n) => ({
    ...fault,
    where: fault.rooms.join(', '),
    paths: fault.rooms.map((room) => `src/${room}/fault-${n}.ts`),
  }));

  let tree: PlantedTree;
  /** By path in the tree: the rules that were broken, each with its message. */
  let broken: Map<string, string[]>;

  beforeAll(async () => {
    tree = plantTree({
      ...innocents,
      ...Object.fromEntries(everywhere.map((room) => [`src/${room}/ok.ts`, okModule])),
      ...Object.fromEntries(faults.flatMap(({ paths, code }) => paths.map((path) => [path, `${code}\n`]))),
      ...Object.fromEntries(
        [...workflowFaults].map(([rule, code]) => [`src/workflows/${rule}.workflow.ts`, code]),
      ),
    });
    const results = (await tree.run(tools.eslint, '.', '--format', 'json')) as readonly Result[];
    broken = new Map(
      results.map((result) => [
        result.filePath.slice(tree.root.length + 1),
        result.messages.map((message) => `${message.ruleId ?? 'fatal'}: ${message.message}`),
      ]),
    );
  });
  afterAll(() => tree.remove());

  function rulesBrokenIn(path: string): string[] {
    return (broken.get(path) ?? ['not linted']).map((line) => line.split(':', 1)[0]!);
  }

  it.each(faults)('$rule refuses what $what ($where)', ({ paths, rule }) => {
    expect(paths.filter((path) => !rulesBrokenIn(path).includes(rule))).toEqual([]);
  });

  it.each([...workflowFaults.keys()])('%s refuses its fault', (rule) => {
    expect(rulesBrokenIn(`src/workflows/${rule}.workflow.ts`)).toContain(rule);
  });

  it.each([...Object.keys(innocents), ...everywhere.map((room) => `src/${room}/ok.ts`)])(
    'nothing is wrong in %s',
    (path) => {
      expect(broken.get(path)).toEqual([]);
    },
  );

  it('has no workflow rule that was not seen to refuse something', async () => {
    const used = (await tree.run(tools.eslint, '--print-config', 'src/workflows/innocent.workflow.ts')) as {
      rules: Record<string, readonly [severity: number]>;
    };
    const on = Object.entries(used.rules).filter(
      ([rule, [severity]]) => rule.startsWith('temporal/') && severity > 0,
    );
    expect(on.map(([rule]) => rule).sort()).toEqual([...workflowFaults.keys()].sort());
  });
});
