/** Two homes that start at one moment choose the same port: each works with its own Temporal. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Home } from '../../src/stack/home';
import { Cli } from '../support/cli';

jest.setTimeout(90_000);

let folder: string;
let cli: Cli;
const real = process.env['PHASE3_TEST_TEMPORAL'] ?? '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-another-'));
  cli = await Cli.create({ PATH: [folder, process.env['PATH']].join(delimiter) });
});
afterAll(async () => {
  await cli.dispose();
  const pid = await readFile(join(folder, 'other.pid'), 'utf8').catch(() => null);
  if (pid !== null) process.kill(Number(pid), 'SIGTERM');
  await rm(folder, { recursive: true, force: true });
});

/** The first server that is asked for finds that another has been faster: its port is taken, and answers. */
test('a server of another home that answers on the chosen port is not taken for our own', async () => {
  const script = join(folder, 'temporal');
  await writeFile(
    script,
    `#!/bin/sh
if mkdir '${folder}/was-asked' 2>/dev/null; then
  '${real}' server start-dev --ip 127.0.0.1 --port "$6" --headless >'${folder}/other.log' 2>&1 &
  echo $! >'${folder}/other.pid'
  until grep -q Server: '${folder}/other.log'; do sleep 0.1; done
  sleep 2
  echo "bind: address already in use" >&2
  exit 1
fi
exec '${real}' "$@"
`,
  );
  await chmod(script, 0o755);
  await cli.ok('up');
  const { temporal } = await new Home(cli.home).readStack();
  const other = /Server:\s+\S+:(\d+)/.exec(await readFile(join(folder, 'other.log'), 'utf8'))?.[1];
  expect(other).toMatch(/^\d+$/);
  expect(temporal?.address).not.toBe(`127.0.0.1:${other ?? ''}`);
  expect(await cli.json('status')).toMatchObject({ healthy: true, problems: [] });
});
