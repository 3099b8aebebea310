/** The front door as it is started and called: `up`, the plan's curl commands, what it refuses to start with, tokens. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inOrderOfEnd } from '../../src/contracts/run-record';
import { ControlClient } from '../../src/control/client';
import { Home } from '../../src/stack/home';
import { freePort, isAlive } from '../../src/stack/processes';
import { startBuilt } from '../support/built-process';
import { Cli } from '../support/cli';
import { startIssuer, type Issuer } from '../support/issuer';
import { loadNights } from '../support/load-nights';
import { demoNight, movedTo } from '../support/nights';

const run = promisify(execFile);
/** The dates of the plan's commands. */
const [lateDate, incidentDate] = ['2026-02-06', '2026-02-03'];
const offense = 'TeamOffenseGameSummaryProcessor';
const player = 'PlayerGameSummaryProcessor';
/** What gcloud would print: as long as Google's, and of the same letters. */
const token = ['eyJhbGciOiJSUzI1NiJ9', 'a'.repeat(600), 'Zm9v-_'.repeat(57)].join('.');
jest.setTimeout(60_000);

let cli: Cli;
/** What `up` has said. */
let said: string;
let stack: Status;

interface Status {
  readonly gateway: string;
  readonly temporal_ui: string;
  readonly temporal: string;
  readonly components: Readonly<Record<'temporal' | 'worker' | 'gateway', { readonly pid: number }>>;
}

/** Starts what is not up. */
async function up(env: NodeJS.ProcessEnv = {}): Promise<void> {
  const { code, stdout, stderr } = await cli.run(['up'], env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  said = stdout;
  stack = (await cli.json('status')) as unknown as Status;
}

beforeAll(async () => {
  // The day after the later of the dates, so that no rule for old rows has a say.
  cli = await Cli.create({ PHASE3_NOW: '2026-02-07T17:00:00Z', USER: 'ana' });
  await up();
  const late = movedTo(demoNight('2017-04-15'), lateDate);
  await loadNights(cli, [
    { ...late, nbac_team_boxscore: [] },
    movedTo(demoNight('2017-04-16'), incidentDate),
  ]);
}, 120_000);
afterAll(() => cli.dispose());

/** The lines of a log that are JSON. */
async function logOf(name: 'gateway' | 'worker'): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(cli.home, 'logs', `${name}.log`), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Asks until the answer is as wanted. */
async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The passes of a date on record: how each ended, and who had asked for it. */
async function passesOf(date: string): Promise<[string, unknown[]][]> {
  const worker = await new Home(cli.home).readWorker();
  const { run_history: rows } = await new ControlClient(worker!).dateRecord(date);
  return inOrderOfEnd(rows).map(({ state, requests }) => [
    state,
    (JSON.parse(requests) as { by: string }[]).map(({ by }) => by),
  ]);
}

describe('up', () => {
  test('starts the gateway beside Temporal and the worker, and it is where status says', async () => {
    // No trailing slashes: scripts put paths behind them.
    const address = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string;
    expect(stack).toMatchObject({
      ...{ healthy: true, gateway: address, temporal_ui: address },
      components: { temporal: { up: true }, worker: { up: true }, gateway: { up: true, tokens: false } },
    });
    const { temporal, worker, gateway } = stack.components;
    expect(new Set([temporal.pid, worker.pid, gateway.pid]).size).toBe(3);
    const live = await fetch(`${stack.gateway}/health/live`);
    expect(await live.json()).toMatchObject({ status: 'live', pid: gateway.pid });
    const ready = await fetch(`${stack.gateway}/health/ready`);
    const isUp = { up: true, problem: null };
    expect({ status: ready.status, body: await ready.json() }).toEqual({
      status: 200,
      body: {
        status: 'ready',
        components: { gateway: isUp, temporal: isUp, warehouse: isUp, worker: isUp },
      },
    });
  });

  test('says that no token is needed, and so do status, the log and the description', async () => {
    expect(said).toContain(`gateway ${stack.gateway} (loopback, no token needed)`);
    expect(await cli.ok('status')).toContain(`\ngateway    ${stack.gateway} (loopback, no token needed)\n`);
    expect(await logOf('gateway')).toContainEqual(
      expect.objectContaining({
        message: `serving ${stack.gateway}`,
        tokens: 'none required: loopback only',
      }),
    );
    const description = await (await fetch(`${stack.gateway}/openapi.json`)).text();
    expect(description).toContain('This gateway serves loopback without tokens.');
  });

  test('does not take a gateway on one port for one on another, and leaves it up', async () => {
    const port = Number(new URL(stack.gateway).port);
    const [same, other] = [String(port), String(port === 65_535 ? port - 1 : port + 1)];
    expect(await cli.run(['up'], { PHASE3_GATEWAY_PORT: other })).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(
        `The gateway that is up is on port ${same}, and the environment sets PHASE3_GATEWAY_PORT to ${other}. Set it to the same, or restart the gateway with \`phase3 down\` and \`phase3 up\`.`,
      ) as string,
    });
    const { gateway } = stack.components;
    await up({ PHASE3_GATEWAY_PORT: same });
    expect(stack.components.gateway.pid).toBe(gateway.pid);
  });

  test('binds to one address, and to no other of this machine', async () => {
    const { port } = new URL(stack.gateway);
    // Who listens on every address listens on this one too.
    await expect(fetch(`http://127.0.0.2:${port}/health/live`)).rejects.toThrow('fetch failed');
  });
});

describe("the plan's curl commands, as written", () => {
  const news = `curl -X POST "$URL/process" -d '{"source_table": "nbac_gamebook_player_stats", "game_date": "2026-02-06"}'`;
  const range = [
    'curl -X POST "$URL/process-date-range" -H "Authorization: Bearer $(gcloud auth print-identity-token)" \\',
    `  -d '{"start_date": "2026-02-03", "end_date": "2026-02-03", "processors": ["TeamOffenseGameSummaryProcessor", "PlayerGameSummaryProcessor"]}'`,
  ].join('\n');
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phase3-curl-'));
    // The status goes behind the body by curl's own settings, so that the commands stay as they are.
    await writeFile(
      join(folder, '.curlrc'),
      'silent\nshow-error\nnoproxy = "*"\nwrite-out = "\\n%{http_code}"\n',
    );
    await writeFile(join(folder, 'gcloud'), `#!/bin/sh\necho ${token}\n`);
    await chmod(join(folder, 'gcloud'), 0o755);
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** What a shell gets by a command: the status that curl has met, and the JSON. */
  async function typed(command: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const { stdout, stderr } = await run('sh', ['-c', command], {
      env: {
        PATH: `${folder}:${process.env['PATH'] ?? ''}`,
        CURL_HOME: folder,
        URL: stack.gateway,
      },
    });
    expect(stderr).toBe('');
    const [body = '', code] = stdout.split(/\n(?=\d+$)/);
    return { status: Number(code), body: JSON.parse(body) as Record<string, unknown> };
  }

  test('news of a night: 500 with what is missing while team rows are, 200 when they are there', async () => {
    expect(await typed(news)).toMatchObject({
      status: 500,
      body: {
        status: 'dependency_not_ready',
        processor: offense,
        missing_dependencies: ['nbac_team_boxscore'],
        details: { nbac_team_boxscore: { found: 0, expected_min: 8, status: 'insufficient_data' } },
        retry_after: '5 minutes',
      },
    });
    await loadNights(cli, [movedTo(demoNight('2017-04-15'), lateDate)]);
    expect(await typed(news)).toMatchObject({
      status: 200,
      body: { status: 'completed', game_date: lateDate, processors_run: 3, processors_succeeded: 3 },
    });
    // The second has joined the pass that waited for the first.
    expect(await passesOf(lateDate)).toEqual([['published', ['ana', 'ana']]]);
  });

  test('a range of two processors: 200, a token that nobody asks for is no fault, and the level log has one in each level', async () => {
    expect(await typed(range)).toMatchObject({
      status: 200,
      body: {
        status: 'completed',
        processors: [offense, player],
        results: [{ game_date: incidentDate, status: 'completed', processors_run: 2 }],
      },
    });
    const levels = [
      'Level 1: Running 1 processors - Team stats - foundation for player calculations',
      `✅ ${offense} completed`,
      '✅ Level 1 complete - proceeding to next level',
      'Level 2: Running 1 processors - Player stats - requires team possessions',
      `✅ ${player} completed`,
      '✅ Level 2 complete',
    ];
    const ofLevels = /^(Level \d|✅)/;
    // Lines of a log come a moment after what they tell of.
    const logged = await until(
      async () =>
        (await logOf('worker')).filter(
          ({ gameDate, message }) => gameDate === incidentDate && ofLevels.test(String(message)),
        ),
      ({ length }) => length >= levels.length,
    );
    expect(logged.map(({ message }) => message)).toEqual(levels);
    const { log } = (await cli.json('status', incidentDate)) as { log: { message: string }[] };
    expect(log.map(({ message }) => message).filter((message) => ofLevels.test(message))).toEqual(levels);
    const watched = await cli.ok('watch', incidentDate);
    for (const line of levels) expect(watched).toContain(line);
    expect(watched).not.toContain('TeamDefenseGameSummaryProcessor');
  });

  test('whoever is on this machine is who did it', async () => {
    const logged = await until(
      async () => (await logOf('gateway')).filter(({ message }) => String(message).startsWith('POST ')),
      ({ length }) => length >= 3,
    );
    expect(logged.map(({ message, status: code, principal }) => [message, code, principal])).toEqual([
      ['POST /process', 500, 'ana'],
      ['POST /process', 200, 'ana'],
      ['POST /process-date-range', 200, 'ana'],
    ]);
    expect(await passesOf(incidentDate)).toEqual([['published', ['ana']]]);
  });
});

describe('what cannot start says why', () => {
  /** How a gateway started by hand ends. */
  async function endOf(env: NodeJS.ProcessEnv): Promise<{ code: number | null; message: unknown }> {
    const { code, stderr } = await startBuilt('gateway', { PHASE3_HOME: cli.home, ...env }).ended;
    const lines = stderr.trim().split('\n');
    const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    // Why it ends in one line, and no more.
    const [why, ...more] = logged.filter(({ level }) => level === 'ERROR');
    expect(more).toEqual([]);
    return { code, message: why?.['message'] };
  }

  test('a gateway off loopback that is to ask for no tokens', async () => {
    expect(await endOf({ TEMPORAL_ADDRESS: stack.temporal, PHASE3_GATEWAY_HOST: '0.0.0.0' })).toEqual({
      code: 2,
      message: `the gateway ends: The environment is not valid:
  - PHASE3_GATEWAY_HOST is "0.0.0.0", and the gateway refuses to start there: without tokens it serves loopback only. Set PHASE3_OIDC_AUDIENCE and at least one of PHASE3_OIDC_READERS, PHASE3_OIDC_TRIGGERERS and PHASE3_OIDC_OVERRIDERS, or set PHASE3_GATEWAY_HOST to 127.0.0.1.`,
    });
  });

  test('a gateway on a port that is in use, and one with nobody to send to', async () => {
    const { port } = new URL(stack.gateway);
    expect(await endOf({ TEMPORAL_ADDRESS: stack.temporal, PHASE3_GATEWAY_PORT: port })).toEqual({
      code: 1,
      message: `the gateway ends: Port ${port} of 127.0.0.1 (PHASE3_GATEWAY_PORT) is in use. Choose another.`,
    });
    expect(await endOf({})).toEqual({
      code: 2,
      message: `the gateway ends: The environment is not valid:
  - TEMPORAL_ADDRESS is not set. A gateway needs it or a profile in temporal.toml; \`phase3 up\` sets it.`,
    });
  });

  test('a gateway that cannot have the port of the UI, which it does not serve for a moment', async () => {
    const { port: ui } = new URL(stack.temporal_ui);
    const port = String(await freePort());
    let served = 0;
    let hasEnded = false;
    const asking = (async () => {
      while (!hasEnded)
        served += await fetch(`http://127.0.0.1:${port}/health/live`).then(
          () => 1,
          () => 0,
        );
    })();
    const ended = await endOf({
      ...{ TEMPORAL_ADDRESS: stack.temporal, PHASE3_GATEWAY_PORT: port, PHASE3_TEMPORAL_UI_PORT: ui },
    });
    hasEnded = true;
    await asking;
    expect(ended).toEqual({
      code: 1,
      message: `the gateway ends: Port ${ui} of 127.0.0.1 (PHASE3_TEMPORAL_UI_PORT) is in use. Choose another.`,
    });
    expect(served).toBe(0);
  });

  test('up starts nothing off loopback that is to ask for no tokens, and names a port that is in use', async () => {
    const other = await Cli.create();
    const open = await other.run(['up'], { PHASE3_GATEWAY_HOST: '0.0.0.0' });
    expect(open).toMatchObject({ code: 2, stdout: '' });
    expect(open.stderr).toContain('PHASE3_GATEWAY_HOST is "0.0.0.0"');
    expect(await new Home(other.home).readStack()).toMatchObject({ temporal: null, worker: null });
    const { port } = new URL(stack.gateway);
    const taken = await other.run(['up'], { PHASE3_GATEWAY_PORT: port });
    expect(taken).toMatchObject({ code: 1, stdout: '' });
    expect(taken.stderr).toContain(
      `Port ${port} (PHASE3_GATEWAY_PORT) is in use. Choose another, or unset PHASE3_GATEWAY_PORT for a free one.`,
    );
    await other.dispose();
  });
});

describe('with an issuer', () => {
  const [pusher, maria] = ['pubsub@nba.example', 'maria@nba.example'];
  let issuer: Issuer;
  const sent: string[] = [];

  /** A token of somebody, which no log may hold. */
  async function tokenOf(email: string, claims: Record<string, unknown> = {}): Promise<string> {
    const made = await issuer.token({ sub: `sub of ${email}`, email, email_verified: true, ...claims });
    sent.push(made);
    return made;
  }

  async function post(
    path: string,
    body: object,
    bearer?: string,
  ): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${stack.gateway}${path}`, {
      method: 'POST',
      headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }

  beforeAll(async () => {
    issuer = await startIssuer();
    const { pid } = stack.components.gateway;
    process.kill(pid, 'SIGTERM');
    await until(
      () => isAlive({ pid, startedAt: '' }),
      (alive) => !alive,
    );
    await up({
      PHASE3_OIDC_ISSUER: issuer.url,
      PHASE3_OIDC_AUDIENCE: issuer.audience,
      PHASE3_OIDC_TRIGGERERS: pusher,
      PHASE3_OIDC_OVERRIDERS: maria,
    });
  });
  afterAll(() => issuer.stop());

  const news = { source_table: 'nbac_gamebook_player_stats', game_date: lateDate };
  const rerun = { reason: 'the league has corrected two box scores' };

  test('up says that tokens required, and so does the log', async () => {
    expect(said).toContain(`gateway ${stack.gateway} (tokens required)`);
    expect(await logOf('gateway')).toContainEqual(
      expect.objectContaining({ tokens: `of ${issuer.url} for ${issuer.audience}` }),
    );
  });

  test('it is told by the gateway and not by the environment of who asks, and up takes neither for the other', async () => {
    expect(await cli.ok('status')).toContain(`gateway    ${stack.gateway} (tokens required)\n`);
    expect(await cli.json('status')).toMatchObject({ components: { gateway: { tokens: true } } });
    const { code, stderr } = await cli.run(['up']);
    expect(stderr).toContain(
      'The gateway that is up requires tokens, and the environment sets no PHASE3_OIDC_AUDIENCE.',
    );
    expect(code).toBe(1);
  });

  test('who brings none, or one that is not good, is refused; who has the right is on record by name', async () => {
    expect(await post('/process', news)).toMatchObject({ status: 401, body: { status: 'unauthenticated' } });
    const expired = await tokenOf(pusher, { exp: 1 });
    expect(await post('/process', news, expired)).toMatchObject({ status: 401 });
    expect(await post('/process', news, await tokenOf(maria))).toMatchObject({ status: 403 });
    expect(await post('/process', news, await tokenOf(pusher))).toMatchObject({
      status: 200,
      body: { status: 'unchanged' },
    });
    // One pass more than before: who was refused has set nothing off.
    expect((await passesOf(lateDate)).slice(1)).toEqual([['unchanged', [pusher]]]);
  });

  test('a decision is in the audit by the name of whom the token is of', async () => {
    const path = `/dates/${incidentDate}/rerun`;
    expect(await post(path, rerun, await tokenOf(pusher))).toMatchObject({ status: 403 });
    expect(await post(path, rerun, await tokenOf(maria))).toMatchObject({ status: 202 });
    const { entries } = await until(
      () => cli.json('audit', incidentDate),
      (audit) => (audit['entries'] as unknown[]).length > 0,
    );
    expect(entries).toMatchObject([{ kind: 'rerun', decided_by: maria, reason: rerun.reason }]);
  });

  test('nothing of a token is in a log', async () => {
    expect(sent).toHaveLength(5);
    // There was something to say it in: each of the six requests has its line.
    await until(
      async () => (await logOf('gateway')).filter(({ principal }) => principal === maria),
      ({ length }) => length === 2,
    );
    for (const name of ['gateway', 'worker', 'temporal']) {
      const log = await readFile(join(cli.home, 'logs', `${name}.log`), 'utf8');
      for (const part of [token, ...sent].flatMap((one) => one.split('.'))) expect(log).not.toContain(part);
    }
  });
});
