/** The last judge of what may enter the workflow sandbox: the bundler that production uses. */
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type LogEntry } from '@temporalio/worker';
import { workflowModules } from '../../scripts/workflow-modules';

const repository = join(__dirname, '..', '..');
/** Source map included. Every worker reads it when it starts. The schema library is 0.6 MB of it: ADR 28. */
const largestBundle = 3.25 * 1024 * 1024;

/** The code with its source map; what webpack said is part of the error. */
async function bundle(root: string): Promise<string> {
  const said: LogEntry[] = [];
  const logger = new DefaultLogger('INFO', (entry) => said.push(entry));
  try {
    const { code } = await bundleWorkflowCode({
      ...workflowModules(join(root, 'src'), 'ts'),
      logger,
    });
    return code;
  } catch (cause) {
    throw new Error([cause, ...said.map((entry) => entry.message)].join('\n'), { cause });
  }
}

describe('the workflow bundle', () => {
  let copy: string;

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'phase3-bundle-'));
    cpSync(join(repository, 'src'), join(copy, 'src'), { recursive: true });
    symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'), 'dir');
    appendFileSync(join(copy, 'src/workflows/index.ts'), "import '../plan/planted';\n");
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  /** Bundles the copy, in which a module that workflows reach holds this code. */
  function bundleWith(code: string): Promise<string> {
    writeFileSync(join(copy, 'src/plan/planted.ts'), code);
    return bundle(copy);
  }

  /** Modules of ours by their paths: the plan comes from a look, so a changed registry line breaks no run under way. */
  const registries = /\/src\/(processors|sources)\/[\w/-]+\.ts|\/src\/plan\/registry\.ts/;

  it('is made, stays small, and holds no registry', async () => {
    const code = await bundle(repository);
    expect(code.length).toBeLessThan(largestBundle);
    expect(registries.exec(code)?.[0]).toBeUndefined();
  });

  it('holds what workflows reach, and would hold a registry', async () => {
    const code = await bundleWith("export const planted = 'planted here';\nexport * from './registry';\n");
    expect(code).toContain('planted here');
    expect(registries.exec(code)?.[0]).toBeDefined();
  });

  it.each([
    ['node:fs', /Reading from "node:fs" is not handled/],
    ['fs', /disallowed modules:\s+- 'fs'/],
    ['@temporalio/client', /disallowed modules:\s+- '@temporalio\/client'/],
  ])('is refused when one of them imports %s', async (module, complaint) => {
    const code = `import * as it from '${module}';\nexport const planted = () => it;\n`;
    await expect(bundleWith(code)).rejects.toThrow(complaint);
  });
});
