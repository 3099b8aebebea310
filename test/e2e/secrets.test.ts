/**
 * What nobody may read: every secret has a word of its own, and is used. Then everything that phase3 has said, kept and sent is
 * searched for the words. Which settings are secrets is asked of the configuration, so that a new one is among them.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { variables } from '../../src/config/variables';
import { startBuilt } from '../support/built-process';
import { Cli } from '../support/cli';
import { startIssuer, type Issuer } from '../support/issuer';
import { loadNights } from '../support/load-nights';
import { demoNight, movedTo, withoutTeamRows } from '../support/nights';
import { startTestServer, type TestServer } from '../support/temporal';
import { makeCertificates, startTlsProxy, type Certificates, type TlsProxy } from '../support/tls-proxy';

jest.setTimeout(240_000);

const [whole, late] = ['2017-04-15', '2017-05-20'];
const [maria, reason] = ['maria@nba.example', 'the league sends no team rows'];

/** What is secret, and the words by which it is found. */
const secrets = new Map<string, readonly string[]>();
/** What was said or kept, by where. */
const said = new Map<string, string>();

let folder: string;
let server: TestServer;
let door: TlsProxy;
let issuer: Issuer;
let receiver: Server;
let cli: Cli;
/** Requests that the receiver of all addresses got: path, headers and body. */
const received: { readonly path: string; readonly text: string }[] = [];
let looks: NodeJS.Timeout;

function plant(name: string, word = `planted${randomBytes(12).toString('hex')}`): string {
  secrets.set(name, [word]);
  return word;
}

/** A token that is used: nothing of its claims and its signature may be found. */
async function tokenOf(name: string, claims: Record<string, unknown> = {}): Promise<string> {
  const token = await issuer.token({ sub: maria, motto: plant(`${name}: claim`), ...claims });
  secrets.set(name, token.split('.').slice(1));
  return token;
}

/** Fails in the ways in which receivers fail, and repeats what it was sent to. */
function answer(path: string, response: ServerResponse): void {
  const times = received.filter((request) => request.path === path).length;
  if (path.startsWith('/v1/traces')) response.end();
  else if (times > 2) response.end('ok');
  else if (times === 2) response.writeHead(302, { location: path }).end(path);
  else response.writeHead(500).end(`cannot post to ${path}`);
}

async function startReceiver(): Promise<string> {
  receiver = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { url: path = '', rawHeaders } = request;
      received.push({ path, text: `${rawHeaders.join('\n')}\n${body.toString('latin1')}` });
      answer(path, response);
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
}

/** What other programs than ours read: Temporal's and OpenTelemetry's SDK, Google's library. */
async function othersSecrets({ ca, client }: Certificates): Promise<NodeJS.ProcessEnv> {
  const key = await readFile(client.key, 'utf8');
  secrets.set('TEMPORAL_TLS_CLIENT_KEY_DATA', key.match(/^[\w+/=]{20,}$/gm) ?? []);
  const account = join(folder, 'account.json');
  await writeFile(account, JSON.stringify({ type: 'service_account', private_key: plant('private_key') }));
  return {
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: ca,
    TEMPORAL_TLS_SERVER_NAME: 'localhost',
    TEMPORAL_TLS_CLIENT_CERT_PATH: client.cert,
    TEMPORAL_TLS_CLIENT_KEY_DATA: key,
    TEMPORAL_API_KEY: plant('TEMPORAL_API_KEY'),
    TEMPORAL_GRPC_META_X_SECRET: plant('TEMPORAL_GRPC_META_X_SECRET'),
    OTEL_EXPORTER_OTLP_HEADERS: `x-secret=${plant('OTEL_EXPORTER_OTLP_HEADERS')}`,
    GOOGLE_APPLICATION_CREDENTIALS: account,
    SOMEBODY_ELSES_TOKEN: plant('SOMEBODY_ELSES_TOKEN'),
  };
}

/** Arguments of every process that works in the home, now. */
function lookAtProcesses(): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(cli.home)) continue;
      const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      said.set(`ps: ${line}`, line);
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Runs a command, and keeps what it says. */
async function run(...args: string[]): Promise<string> {
  const { stdout, stderr } = await cli.run(args);
  said.set(`phase3 ${args.join(' ')}`, `${stdout}\n${stderr}`);
  return stdout;
}

async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  said.set(`${init.method ?? 'GET'} ${url}`, await response.clone().text());
  return response;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-secrets-'));
  [server, issuer] = await Promise.all([startTestServer(), startIssuer()]);
  const url = await startReceiver();
  const certificates = makeCertificates(join(folder, 'certificates'));
  const others = await othersSecrets(certificates);
  const { TEMPORAL_API_KEY: key = '' } = others;
  door = await startTlsProxy(server.address, certificates, { kind: 'key', key });
  const own = Object.values(variables)
    .filter(({ isSecret }) => isSecret)
    .map(({ name }) => [name, `${url}/hook/${plant(name)}`] as const);
  cli = await Cli.create({
    ...others,
    ...Object.fromEntries(own),
    ...{ TEMPORAL_ADDRESS: door.address, OTEL_EXPORTER_OTLP_ENDPOINT: url },
    ...{
      PHASE3_GATE_DEADLINE_SECONDS: '1',
      PHASE3_REBUILD_TEAM_ROWS: 'false',
      PHASE3_NOW: '2017-05-21T12:00:00Z',
    },
    ...{ PHASE3_OIDC_ISSUER: issuer.url, PHASE3_OIDC_AUDIENCE: issuer.audience },
    ...{ PHASE3_OIDC_READERS: maria, PHASE3_OIDC_TRIGGERERS: maria, PHASE3_OIDC_OVERRIDERS: maria },
  });
  looks = setInterval(lookAtProcesses, 50);
  await live();
});
afterAll(async () => {
  clearInterval(looks);
  await cli?.dispose();
  receiver?.closeAllConnections();
  receiver?.close();
  await Promise.all([door?.stop(), issuer?.stop()]);
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A night that is published and one that is blocked, with everybody told, and everybody looking. */
async function live(): Promise<void> {
  expect(await run('up')).toContain('(tokens required)');
  await loadNights(cli, [demoNight(whole), withoutTeamRows(movedTo(demoNight('2017-04-16'), late))]);
  await run('schedules', 'apply', 'phase3-sentinel');
  await run('run', late, '--wait');
  await askTheGateway();
  await run('notify', 'test', '--send');
  await run('schedules', 'trigger', 'phase3-sentinel');
  await untilEachIsUsed();
  for (const command of [
    ...[
      'status',
      'doctor',
      'deploy check',
      'schedules list',
      'notify test',
      'whats-deployed',
      'run nonsense',
    ],
    ...[`why ${late}`, `audit ${late}`, 'list', 'handover'].flatMap((one) => [one, `${one} --json`]),
    ...[`status ${late} --json`, 'doctor --json', 'notify test --json', `versions ${whole} --json`],
  ])
    await run(...command.split(' '));
  for (const table of ['bypass_audit', 'run_history', 'partition_manifest', 'dead_letter'])
    await run('export', table, '--from', whole, '--to', late);
  await readHistories();
  await readHome();
  await run('down');
  await readHome();
  for (const { path, text } of received.filter((request) => request.path.startsWith('/v1/traces')))
    said.set(`traces ${path} ${said.size}`, text.replace(/^x-secret\n.*$/m, ''));
}

async function askTheGateway(): Promise<void> {
  const { gateway } = (await cli.json('status')) as { gateway: string };
  const [good, expired] = [await tokenOf('a good token'), await tokenOf('an expired token', { exp: 1 })];
  const session = await tokenOf('the token of a session');
  const post = (path: string, token: string, body: object): Promise<Response> =>
    ask(`${gateway}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
  const news = { source_table: 'nbac_gamebook_player_stats', game_date: whole };
  expect((await post('/process', expired, news)).status).toBe(401);
  expect((await post('/process', `${good}x`, news)).status).toBe(401);
  expect((await post(`/process?access_token=${good}`, 'x', news)).status).toBe(401);
  expect((await post('/process', good, news)).status).toBe(200);
  const processor = 'PlayerGameSummaryProcessor';
  expect((await post(`/dates/${late}/bypass`, good, { processor, reason })).status).toBe(200);
  for (const path of ['/health/live', '/health/ready', '/metrics', '/openapi.json', `/dates/${late}`])
    await ask(`${gateway}${path}`, { headers: { authorization: `Bearer ${good}` } });
  const headers = { origin: gateway, 'content-type': 'application/x-www-form-urlencoded' };
  const signIn = (token: string): Promise<Response> =>
    ask(`${gateway}/sign-in`, { method: 'POST', headers, body: new URLSearchParams({ token }) });
  expect((await signIn(expired)).status).toBe(401);
  expect((await signIn(session)).status).toBe(303);
  for (const path of ['/', `/nights/${late}`, `/nights/${late}/bypass`, '/backfills', '/rules'])
    expect((await ask(`${gateway}${path}`, { headers: { cookie: `phase3=${session}` } })).status).toBe(200);
  const worker = JSON.parse(await readFile(join(cli.home, 'worker.json'), 'utf8')) as Record<string, string>;
  secrets.set("the worker's token", [worker['token']!]);
  await ask(worker['metrics']!);
  await ask(worker['url']!, { headers: { authorization: 'Bearer nonsense' } });
}

/** What nobody uses proves nothing. */
async function untilEachIsUsed(): Promise<void> {
  const end = Date.now() + 60_000;
  const wanted = Object.values(variables).flatMap(({ name, isSecret }) => (isSecret ? [name] : []));
  const unused = (): string[] =>
    wanted.filter((name) => {
      const [word = ''] = secrets.get(name) ?? [];
      return !received.some(({ path }) => path.includes(word));
    });
  while (unused().length > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 200));
  expect(unused()).toEqual([]);
  // A message of a blocked date that the receivers refuse is tried again, and its failures are in the history.
  while (received.length < 12 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 200));
}

/** Histories with payloads as they were before they were packed, and what is not in them yet. */
async function readHistories(): Promise<void> {
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection });
  for await (const { workflowId, runId } of client.workflow.list()) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const history = historyToJSON(await handle.fetchHistory());
    const packed = history.match(/"[A-Za-z0-9+/=]{8,}"/g) ?? [];
    const payloads = packed.map((text) => Buffer.from(text.slice(1, -1), 'base64').toString('latin1'));
    const now = JSON.stringify((await handle.describe()).raw);
    said.set(`history of ${workflowId} ${runId}`, [history, ...payloads, now].join('\n'));
  }
  for await (const schedule of client.schedule.list())
    said.set(`schedule ${schedule.scheduleId}`, JSON.stringify(schedule));
  await connection.close();
}

/** All files but the copies of the code, which hold no more than what is published; and none that others may come near to. */
async function readHome(folderOf = cli.home): Promise<void> {
  if (((await lstat(folderOf)).mode & 0o077) !== 0) readable.push(folderOf);
  for (const entry of await readdir(folderOf, { withFileTypes: true })) {
    const path = join(folderOf, entry.name);
    if (entry.isDirectory() && entry.name !== 'builds') await readHome(path);
    if (!entry.isFile()) continue;
    if (((await lstat(path)).mode & 0o077) !== 0) readable.push(path);
    said.set(path, await readFile(path, 'latin1'));
  }
}

/** Files of the home that others than its owner may read. */
const readable: string[] = [];

/** Also as base64 has it, at whichever of three places it begins. */
function waysToWrite(word: string): string[] {
  const packed = [0, 1, 2].map((shift) =>
    Buffer.from(`${' '.repeat(shift)}${word}`)
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  );
  return [word, ...packed];
}

function placesOf(words: readonly string[]): string[] {
  const ways = words.flatMap(waysToWrite);
  return [...said].filter(([, text]) => ways.some((way) => text.includes(way))).map(([where]) => where);
}

test('everything was said, kept and sent that could hold a secret', () => {
  const places = [...said.keys()];
  for (const place of [
    'phase3 why 2017-05-20 --json',
    'phase3 export bypass_audit --from 2017-04-15 --to 2017-05-20',
    join(cli.home, 'logs', 'worker.log'),
    join(cli.home, 'logs', 'gateway.log'),
    join(cli.home, 'stack.json'),
    join(cli.home, 'warehouse.duckdb'),
  ])
    expect(places).toContain(place);
  const isIn = (place: RegExp, text: string): boolean =>
    [...said].some(([where, all]) => place.test(where) && all.includes(text));
  // Receivers have failed, and it was said of which host; tokens were refused, and people were named.
  for (const [place, text] of [
    [/^history of phase3\//, 'The webhook at 127.0.0.1'],
    [/worker\.log$/, 'The webhook at 127.0.0.1'],
    [/gateway\.log$/, '"answer":"unauthenticated"'],
    [/^phase3 audit/, maria],
    [/^traces/, 'POST /process'],
    [/^ps: /, 'worker.js'],
  ] as const)
    expect([place, isIn(place, text)]).toEqual([place, true]);
  // A word that is written somewhere is found, packed or not.
  said.set('planted', Buffer.from(`x${secrets.get('TEMPORAL_API_KEY')![0]}`).toString('base64'));
  expect(placesOf(secrets.get('TEMPORAL_API_KEY')!)).toEqual(['planted']);
  said.delete('planted');
});

test('nothing of a secret is anywhere but where it belongs', () => {
  expect(secrets.size).toBeGreaterThan(12);
  for (const [name, words] of secrets) {
    expect(words.length).toBeGreaterThan(0);
    const places = name === "the worker's token" ? [join(cli.home, 'worker.json')] : [];
    expect({ name, places: placesOf(words) }).toEqual({ name, places });
  }
});

test('who is told something is told no secret but the address that it is sent to', () => {
  const hooks = received.filter(({ path }) => path.startsWith('/hook/'));
  expect(hooks.length).toBeGreaterThan(5);
  for (const [name, words] of secrets)
    for (const { text } of hooks)
      expect({ name, isTold: words.flatMap(waysToWrite).some((way) => text.includes(way)) }).toEqual({
        ...{ name, isTold: false },
      });
});

test('what is in the home is for its owner only', () => {
  expect(readable).toEqual([]);
});

test.each([
  ['that is no JSON', (word: string) => word],
  ['that breaks off', (word: string) => `{"type":"service_account","private_key":"${word}`],
  [
    'with a key that is none',
    (word: string) =>
      JSON.stringify({ type: 'service_account', client_email: 'a@b.example', private_key: word }),
  ],
])('a key file of Google %s is named, and nothing of it is shown', async (what, contentOf) => {
  const word = plant(`a key file ${what}`);
  const file = join(folder, 'bad-account.json');
  await writeFile(file, contentOf(word));
  const worker = startBuilt('worker', {
    ...{ PHASE3_HOME: await mkdtemp(join(folder, 'home-')), TEMPORAL_ADDRESS: server.address },
    ...{ PHASE3_WAREHOUSE: 'bigquery', PHASE3_BIGQUERY_PROJECT: 'nba-props-prod' },
    GOOGLE_APPLICATION_CREDENTIALS: file,
  });
  const { code, stderr } = await worker.ended;
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('BigQuery') as string });
  expect(stderr).not.toContain(word);
  expect(stderr).not.toContain(word.slice(0, 8));
});
