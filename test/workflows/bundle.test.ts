/** The last judge of what may enter the workflow sandbox: the bundler that production uses. */
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type LogEntry } from '@temporalio/worker';

const repository = join(__dirname, '..', '..');
/** Source map included. Every worker reads it when it starts. The schema library is 0.6 MB of it: ADR 28. */
const largestBundle = 3.25 * 1024 * 1024;

/** The code with its source map; what webpack said is part of the error. */
async function bundle(root: string): Promise<string> {
  const said: LogEntry[] = [];
  const logger = new DefaultLogger('INFO', (entry) => said.push(entry));
  try {
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(root, 'src/workflows/index.ts'),
      workflowInterceptorModules: [join(root, 'src/workflows/merge-signals.ts')],
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

  it('is made, and stays small', async () => {
    expect((await bundle(repository)).length).toBeLessThan(largestBundle);
  });

  it('holds what workflows reach', async () => {
    await expect(bundleWith("export const planted = 'planted here';\n")).resolves.toContain('planted here');
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
