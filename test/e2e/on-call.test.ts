/** The command line as whoever is woken up uses it: limits, waiting without starting, the doctor, the handover, errors as JSON. */
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { readdir, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Cli } from '../support/cli';
import { loadNights } from '../support/load-nights';
import { demoNight, movedTo } from '../support/nights';
import { ownEnvironment } from '../../scripts/own-environment';

const [complete, waiting, never] = ['2017-04-15', '2017-05-20', '2017-05-21'];
const late = movedTo(demoNight('2017-04-16'), waiting);
const lateGame = late.nbac_team_boxscore[0]?.['game_id'];
const reason = 'the league sends no team rows';
let cli: Cli;
let webhook: Server;

interface Check {
  readonly name: string;
  readonly status: string;
  readonly detail: string;
  readonly act: string | null;
}

async function checks(): Promise<Record<string, Check>> {
  const { stdout } = await cli.run(['doctor', '--json']);
  const found = (JSON.parse(stdout) as { checks: Check[] }).checks;
  return Object.fromEntries(found.map((check) => [check.name, check]));
}

beforeAll(async () => {
  webhook = createServer((_, response) => response.writeHead(405).end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => webhook.once('listening', resolve));
  cli = await Cli.create({
    PHASE3_WEBHOOK_URL: `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/`,
    PHASE3_GATE_DEADLINE_SECONDS: '3600',
    PHASE3_NOW: '2017-05-21T12:00:00Z',
  });
  await cli.ok('up');
  await loadNights(cli, [
    demoNight(complete),
    { ...late, nbac_team_boxscore: late.nbac_team_boxscore.filter((row) => row['game_id'] !== lateGame) },
  ]);
}, 120_000);
afterAll(async () => {
  await cli.dispose();
  webhook.close();
});

describe('waiting', () => {
  test('wait starts nothing, and ends with 3 at its limit', async () => {
    const { code, stderr } = await cli.run(['wait', complete, '--timeout', '2s']);
    expect(code).toBe(3);
    expect(stderr).toContain(`${complete} is not run yet after 2s. \`phase3 why ${complete}\` explains it.`);
    expect(await cli.json('why', complete)).toMatchObject({ state: 'unknown' });
  });

  test('wait ends with 0 once somebody else has run the date', async () => {
    const waited = cli.run(['wait', complete, '--for', 'published', '--timeout', '60s', '--json']);
    await cli.ok('run', complete, '--wait');
    const { code, stdout } = await waited;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ game_date: complete, state: 'published' });
  });

  test('a state that there is not is named, with those that there are', async () => {
    const { code, stderr } = await cli.run(['wait', complete, '--for', 'finished']);
    expect(code).toBe(2);
    expect(stderr).toContain('--for names finished, which is no state. It takes ended, or one or more of');
  });

  test('run --wait --timeout ends with 3, and the run goes on', async () => {
    const { code, stderr } = await cli.run(['run', waiting, '--wait', '--timeout', '2s']);
    expect(code).toBe(3);
    expect(stderr).toContain(`It goes on; \`phase3 watch ${waiting}\` follows it.`);
    expect(await cli.json('why', waiting)).toMatchObject({ state: 'waiting', is_open: true });
  });

  test('--timeout without --wait is refused', async () => {
    const { code, stderr } = await cli.run(['run', waiting, '--timeout', '2s']);
    expect(code).toBe(2);
    expect(stderr).toContain('--timeout is given without --wait');
  });

  test('watch of a date that was never run ends with 3; of one that waits, at its limit', async () => {
    const nothing = await cli.run(['watch', never]);
    expect(nothing).toMatchObject({ code: 3 });
    expect(nothing.stdout).toContain(never);
    expect(await cli.run(['watch', waiting, '--timeout', '2s'])).toMatchObject({ code: 3 });
  });
});

describe('errors with --json', () => {
  test.each([
    [['why', '2017-13-01'], 2, 'invalid_arguments', null],
    [['nonsense'], 2, 'invalid_arguments', null],
    [['cancel', never, '--reason', reason], 2, 'not_open', 'phase3 backfill cancel NAME'],
    [['wait', never, '--timeout', '1s'], 3, 'timeout', `phase3 why ${never}`],
  ])('%j', async (args, exitCode, code, hint) => {
    const { code: ended, stdout, stderr } = await cli.run([...args, '--json']);
    expect(ended).toBe(exitCode);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string; hint: string | null } };
    expect(error.code).toBe(code);
    if (hint === null) expect(error.hint).toBeNull();
    else expect(error.hint).toContain(hint);
    // The same sentence is there for people.
    expect(stderr).toContain(error.message.split('\n')[0]);
  });

  test('a stack that is down: status ends with 1, what needs it says what to start', async () => {
    const other = await Cli.create();
    try {
      const status = await other.run(['status', '--json']);
      expect(status.code).toBe(1);
      expect(JSON.parse(status.stdout)).toMatchObject({ healthy: false });
      const refused = await other.run(['list', '--json']);
      expect(refused.code).toBe(1);
      expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'not_up', hint: 'phase3 up' } });
    } finally {
      await other.dispose();
    }
  });
});

describe('handover', () => {
  test('says what happened, what was decided, what is open, and what holds until when', async () => {
    await cli.ok('bypass', waiting, '--missing', 'nbac_team_boxscore', '--reason', reason, '--by', 'ana');
    expect(await cli.run(['wait', waiting, '--for', 'partial', '--timeout', '60s'])).toMatchObject({
      code: 0,
    });
    const found = await cli.json('handover');
    expect(found['happened']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ game_date: complete, state: 'published', passes: 1 }),
      ]),
    );
    expect(found['decided']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ game_date: waiting, kind: 'bypass', by: 'ana', reason }),
      ]),
    );
    expect(found['open']).toEqual([expect.objectContaining({ game_date: waiting, is_open: true })]);
    expect(found['in_force']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          game_date: waiting,
          kind: 'bypass',
          until: expect.stringMatching(/^\d{4}-/),
        }),
      ]),
    );
    const nothing = await cli.json('handover', '--since', new Date().toISOString());
    expect(nothing).toMatchObject({ happened: [], decided: [] });
  });
});

describe('doctor', () => {
  test('finds a whole stack whole, and says what is not there yet', async () => {
    const found = await checks();
    const failed = Object.values(found).filter(({ status }) => status === 'fail');
    expect(failed).toEqual([]);
    expect(found['webhooks']).toMatchObject({ status: 'ok', detail: expect.stringContaining('127.0.0.1') });
    expect(found['schedules']).toMatchObject({
      status: 'warn',
      act: expect.stringContaining('schedules apply'),
    });
    await cli.ok('schedules', 'apply');
    expect((await checks())['schedules']).toMatchObject({ status: 'ok' });
  });

  test('finds what is wrong, with what to do, and ends with 1', async () => {
    const gone = { PHASE3_WEBHOOK_URL: 'http://127.0.0.1:1/' };
    const { code, stdout } = await cli.run(['doctor'], gone);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^webhooks +fail +slack: 127\.0\.0\.1:1 does not answer.*\n +→ check the addresses/m,
    );
    const { components } = (await cli.json('status')) as { components: { worker: { pid: number } } };
    process.kill(components.worker.pid, 'SIGKILL');
    const found = await checks();
    expect(found['worker']).toMatchObject({ status: 'fail', act: expect.stringContaining('phase3 up') });
    expect(found['warehouse']).toMatchObject({ status: 'skipped' });
    await cli.ok('up');
    expect((await checks())['worker']).toMatchObject({ status: 'ok' });
  }, 60_000);

  test('finds a port that another process has taken, before `up` does', async () => {
    const { port } = webhook.address() as AddressInfo;
    const elsewhere = { PHASE3_HOME: join(cli.home, 'another'), PHASE3_GATEWAY_PORT: String(port) };
    const { stdout } = await cli.run(['doctor'], elsewhere);
    expect(stdout).toMatch(
      new RegExp(`^ports +fail +another process listens on ${port}, which PHASE3_GATEWAY_PORT names`, 'm'),
    );
    expect((await checks())['ports']).toMatchObject({ status: 'ok' });
  });
});

describe('a terminal', () => {
  /** What a command writes to a terminal. */
  const onTerminal = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> => {
    const script = 'import pty, sys; pty.spawn(sys.argv[1:])';
    const child = spawn('python3', ['-c', script, process.execPath, 'bin/phase3.js', ...args], {
      env: ownEnvironment({ PHASE3_HOME: cli.home, TERM: 'xterm-256color', CI: undefined, ...env }),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return text(child.stdout);
  };

  test('shows states in colour, unless somebody has said NO_COLOR; a pipe gets none', async () => {
    expect(await onTerminal(['list'])).toContain(`${complete}  \u001b[32mpublished\u001b[39m`);
    expect(await onTerminal(['list'], { NO_COLOR: '1' })).not.toContain('\u001b');
    expect(await cli.ok('list')).not.toContain('\u001b');
  });

  test('completes commands and options', async () => {
    expect(await cli.ok('completion', 'bash')).toContain('# bash completion for phase3');
    expect(await cli.ok('complete', '--', 'hand')).toMatch(/^handover\t/m);
    expect(await cli.ok('complete', '--', 'quarantine', 'release', '--')).toMatch(/^--rules\t/m);
  });
});

test('a date that Temporal has forgotten is known by the record', async () => {
  await cli.ok('down');
  for (const file of await readdir(cli.home))
    if (file.startsWith('temporal.db')) await rm(join(cli.home, file));
  await cli.ok('up', '--start-empty');
  expect(await cli.json('wait', complete, '--timeout', '20s')).toMatchObject({
    state: 'published',
    is_open: false,
  });
  const watched = await cli.run(['watch', complete]);
  expect(watched).toMatchObject({ code: 0, stdout: expect.stringContaining(`${complete} is published`) });
}, 60_000);
