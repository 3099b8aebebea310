/** A small flood of the built stack, as CI can afford it, judged by what came of it; `npm run flood` is the whole one, with times. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const script = join(__dirname, '..', '..', 'dist', 'scripts', 'flood.js');
jest.setTimeout(180_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-flood-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Report {
  readonly parts: readonly {
    readonly part: string;
    readonly rows: readonly {
      readonly name: string;
      readonly value: number | null;
      readonly isKept: boolean;
    }[];
    readonly notes: readonly string[];
  }[];
}

function flood(...args: string[]): Promise<{ code: number; report: Report; stderr: string }> {
  return new Promise((resolve) => {
    // The home of a stack that failed is kept: here it goes with the rest.
    const env = { ...process.env, TMPDIR: folder };
    execFile(process.execPath, [script, '--small', '--json', ...args], { env }, (error, stdout, stderr) =>
      resolve({
        code: Number(error?.code ?? 0),
        report: JSON.parse(stdout || '{"parts":[]}') as Report,
        stderr,
      }),
    );
  });
}

test.each(['down-50', 'recheck', 'gateway'])('nobody is hurt by a small flood: %s', async (part) => {
  const { code, report, stderr } = await flood('--only', part);
  const [flooded] = report.parts;
  const broken = flooded?.rows.filter(({ isKept }) => !isKept);
  expect({ broken, notes: flooded?.notes, stderr, code }).toEqual({
    ...{ broken: [], notes: [], code: 0 },
    stderr: `${part}\n`,
  });
});
