/**
 * Texts that a person, a message or a feed gives, and that something behind them would obey: a database, a terminal, a spreadsheet, a
 * log, a browser, a file system. Each is kept as it was given, or refused by name; nothing obeys it.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse as parseCsv } from 'csv-parse/sync';
import { envelope } from '../support/gateway';
import { Cli } from '../support/cli';
import { loadNights } from '../support/load-nights';
import { demoNight } from '../support/nights';

jest.setTimeout(240_000);

const gameDate = '2017-04-15';
const range = ['--from', gameDate, '--to', gameDate];

/** On one line, all of it visible: such a text may be a name, too. */
const names = [
  "'); DROP TABLE nba_orchestration.bypass_audit; --",
  '" OR ""="" UNION SELECT token FROM secrets',
  "\\'; ATTACH '/etc/passwd' AS x; --",
  '$1 ? :x @gameDate `x` #{process.exit(1)}',
  '%s %n %d {{7*7}} {0} $(id) `id`',
  '<script>alert("page")</script><img src=x onerror=alert(1)>',
  '=HYPERLINK("http://evil.test","open me")',
  "+1+cmd|' /C calc'!A0",
  "-2+3+cmd|' /C calc'!A0",
  '@SUM(1+1)*cmd',
  '\uff1d1+1 full width',
  '../../../../etc/passwd',
  '*bold* [link](http://evil.test) <http://evil.test|slack> <!channel>',
  '{"level":"ERROR","message":"forged"}',
] as const;

/** What only a reason may be: of several lines, or with characters that are not seen. */
const reasons = [
  ...names,
  'first line\n{"time":"2026-01-01T00:00:00Z","level":"ERROR","message":"forged"}',
  'first line\r\n2017-04-15  #99  bypass  by nobody',
  '\t=1+1 after a tab',
  '\r=1+1 after a return',
  'the rest of it is \u202ereversed\u2066 and \u200bhidden\u2028next',
] as const;

/** What no text may hold. */
const refused = ['clear the screen \u001b[2J', 'a bell \u0007 and a NUL \u0000', 'eight bits \u009b2J'];

let cli: Cli;
let gateway: string;

const said: string[] = [];

async function run(...args: string[]): Promise<string> {
  const { stdout, stderr } = await cli.run(args);
  said.push(`${stdout}${stderr}`);
  return stdout;
}

async function post(path: string, body: unknown): Promise<{ status: number; text: string }> {
  const response = await fetch(`${gateway}${path}`, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, text: await response.text() };
}

/** A night whose first players have these names. */
function nightWithNames(): ReturnType<typeof demoNight> {
  const night = demoNight(gameDate);
  return {
    ...night,
    nbac_gamebook_player_stats: night.nbac_gamebook_player_stats.map((row, index) =>
      index < names.length ? { ...row, player_name: names[index]!, player_lookup: names[index]! } : row,
    ),
  };
}

const rowsOf = async (table: string): Promise<Record<string, unknown>[]> =>
  (await cli.ok('export', table, ...range))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

beforeAll(async () => {
  cli = await Cli.create({ PHASE3_GATEWAY_WAIT_SECONDS: '30' });
  await cli.ok('up');
  gateway = String((await cli.json('status'))['gateway']);
  await loadNights(cli, [nightWithNames()]);
  // A game whose players have such names is kept back, with what is wrong of each.
  expect((await cli.run(['run', gameDate, '--wait'])).code).toBe(4);
});
afterAll(() => cli.dispose());

test('reasons, names of people and ids are on record as they were given, in order, and the chain is whole', async () => {
  for (const reason of reasons) {
    const { status } = await post(`/dates/${gameDate}/rerun`, { reason });
    expect([reason, status]).toEqual([reason, 202]);
  }
  const deciders = ["o'neal; DROP TABLE x; --", '=cmd|x!A0', '<b>ana</b>'];
  for (const by of deciders)
    await run('rerun', gameDate, '--by', by, '--reason', 'names of people are texts', '--wait');
  const entries = (await rowsOf('bypass_audit')).sort((a, b) => Number(a['seq']) - Number(b['seq']));
  expect(entries.map(({ reason }) => reason)).toEqual([
    ...reasons.map((reason) => reason.trim()),
    ...deciders.map(() => 'names of people are texts'),
  ]);
  expect(entries.slice(-3).map(({ decided_by: by }) => by)).toEqual(deciders);
  const verified = await cli.run(['audit', 'verify']);
  expect(verified).toMatchObject({ code: 0 });
});

test('what a terminal, a log or a name would obey is refused by field, and nothing of it is kept', async () => {
  const before = await rowsOf('bypass_audit');
  for (const bad of refused) {
    const answer = await post(`/dates/${gameDate}/rerun`, { reason: bad });
    expect([bad, answer.status]).toEqual([bad, 400]);
    expect(answer.text).toContain('reason is ');
    // No argument of a process can hold a NUL.
    const typed = bad.replaceAll('\u0000', '');
    const { code, stderr } = await cli.run(['rerun', gameDate, '--by', typed, '--reason', typed]);
    said.push(stderr);
    expect([bad, code]).toEqual([bad, 2]);
  }
  for (const by of ['two\nlines', 'hidden\u200b', '\u202eana', ' '])
    expect((await cli.run(['rerun', gameDate, '--by', by, '--reason', reasons[0]])).code).toBe(2);
  expect(await rowsOf('bypass_audit')).toEqual(before);
});

test('sources, ids and attributes of messages are texts, in answers and in dead letters', async () => {
  for (const [index, name] of [...reasons, ...refused].entries()) {
    const id = `${index} ${name}`.slice(0, 90);
    const { status } = await post('/process', envelope({ output_table: name, game_date: name }, id));
    expect([name, status < 500]).toEqual([name, true]);
    const good = { output_table: 'nba_raw.nbac_gamebook_player_stats', game_date: gameDate };
    const asked = await post('/process', { ...good, correlation_id: name });
    const isVisible = /^[^\p{C}]*$/u.test(name);
    expect([name, asked.status]).toEqual([name, isVisible ? 200 : 400]);
    if (isVisible) expect(JSON.parse(asked.text)).toMatchObject({ correlation_id: name });
  }
});

test('names of a feed are kept as they are, their game is held back, and every table is still there', async () => {
  const rows = await rowsOf('nbac_gamebook_player_stats');
  expect(rows.map(({ player_name: name }) => name)).toEqual(expect.arrayContaining([...names]));
  const published = await rowsOf('player_game_summary');
  expect(published.length).toBeGreaterThan(50);
  expect(published.filter(({ player_lookup: lookup }) => names.some((name) => name === lookup))).toEqual([]);
  expect(await cli.run(['verify', gameDate])).toMatchObject({ code: 0 });
});

/** How a spreadsheet knows a formula. */
const formula = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

test.each([
  ...['bypass_audit', 'run_history', 'partition_manifest', 'quarantine'],
  ...['player_game_summary', 'team_offense_game_summary', 'nbac_gamebook_player_stats'],
])('no cell of %s as CSV is a formula, and no line more than its rows', async (table) => {
  const csv = await cli.ok('export', table, ...range, '--format', 'csv');
  const records: string[][] = parseCsv(csv);
  const rows = await rowsOf(table);
  expect(records.length).toBe(rows.length === 0 ? records.length : rows.length + 1);
  const cells = records.flat().filter((cell) => cell !== '' && Number.isNaN(Number(cell)));
  expect(cells.filter((cell) => formula.test(cell))).toEqual([]);
  if (table === 'bypass_audit') expect(cells).toContain(`'${reasons[6]}`);
});

test('whatever shows them shows one line of text for one line of theirs', async () => {
  for (const command of [
    ...['status', 'why', 'audit', 'versions', 'quarantine list'].map((one) => `${one} ${gameDate}`),
    ...['list', 'handover', 'changed --since 2017-01-01T00:00:00Z', `why ${gameDate} --json`, 'audit --json'],
  ])
    await run(...command.split(' '));
  await run('explain', 'player_game_summary', gameDate, names[0], 'usage_rate');
  await run('export', names[0], ...range);
  await run('status', names[11]);
  await run('load', names[11]);
  const all = said.join('\n');
  expect(all).toContain('DROP TABLE');
  expect(all).toContain('\\u202ereversed');
  expect(all).not.toMatch(/[^\P{C}\n]|[\u2028\u2029]/u);
  // A line that a reason would have made.
  expect(all).not.toMatch(/^(\{"time":"2026-01-01|2017-04-15 {2}#99)/m);
  expect(all).not.toContain('root:x:0');
});

test('a line of a log is one document of ours, whatever was asked', async () => {
  for (const name of ['gateway', 'worker']) {
    const log = await readFile(join(cli.home, 'logs', `${name}.log`), 'utf8');
    const lines = log.split('\n').filter(Boolean);
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) {
      expect(line).not.toMatch(/[^\P{C}]|[\u2028\u2029]/u);
      const { time, message } = JSON.parse(line) as Record<string, unknown>;
      expect([typeof time, message === 'forged']).toEqual(['string', false]);
    }
  }
});

test('a page shows them, and runs none of it', async () => {
  const response = await fetch(`${gateway}/nights/${gameDate}`);
  const page = await response.text();
  expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
  expect(page).toContain('&lt;script&gt;alert(&quot;page&quot;)&lt;/script&gt;');
  expect(page).not.toMatch(/<script>|<img src=x|<b>ana/);
  expect(page).not.toMatch(/[^\P{C}\n\t]|[\u2028\u2029]/u);
});

/** As it stands: fetch would resolve it first. */
async function get(path: string): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(gateway);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, agent: false }, (answer) => {
      text(answer).then(
        (body) => resolve({ status: answer.statusCode ?? 0, text: body }),
        (error: unknown) => reject(error instanceof Error ? error : new Error(String(error))),
      );
    })
      .on('error', reject)
      .end();
  });
}

describe('out of the house leads no path', () => {
  const ways = ['..', '%2e%2e', '..%2f..%2f..%2fetc%2fpasswd', '..%5c..%5cetc', '%00', '%2fetc%2fpasswd'];
  const more = ['....//....//etc/passwd', '..%252f..%252fetc%252fpasswd', '%c0%ae%c0%ae%c0%af', '~root'];
  const roots = ['/', '/nights/', '/dates/', '/assets/', '/backfills/', `/nights/${gameDate}/versions/`];
  test.each(roots)('below %s', async (root) => {
    for (const way of [...ways, ...more])
      for (const path of [`${root}${way}`, `${root}${way}/package.json`, `${root}x/${way}`]) {
        const answer = await get(path);
        expect([path, answer.status >= 400 && answer.status < 500]).toEqual([path, true]);
        expect(answer.text).not.toMatch(/root:x:0|"dependencies"/);
      }
  });

  test('typed, in place of a date, a table or a build', async () => {
    const way = names[11];
    for (const args of [
      ...[
        ['run', way],
        ['why', way],
        ['check', way],
        ['audit', way],
        ['versions', way],
        ['diff', way, '1', '2'],
      ],
      ...[
        ['export', way, ...range],
        ['quarantine', 'show', gameDate, way],
        ['restore', way, '--before', way],
      ],
      ...[
        ['apply', way],
        ['restore-home', way],
        ['deploy', 'diff', way],
      ],
    ]) {
      const { code, stdout, stderr } = await cli.run(args);
      expect([args, code === 1 || code === 2]).toEqual([args, true]);
      expect(`${stdout}${stderr}`).not.toMatch(/root:x:0|\n {4}at /);
    }
  });

  test('and a folder of a feed is read for its own files only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'phase3-feed-'));
    expect((await cli.run(['load', folder])).code).toBe(2);
    expect((await cli.run(['load', `${folder}\u0001`])).stderr).not.toMatch(/[^\P{C}\n]/u);
    await rm(folder, { recursive: true });
  });
});
