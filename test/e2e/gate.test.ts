/** Decisions about a date by the command line: what is taken, what is refused, and what the audit says of it later. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import { sql } from '../support/by-hand';
import { Cli } from '../support/cli';
import { demoNight, movedTo } from '../support/nights';

const night = '2017-04-15';
/** Dates that wait for their team rows: one that is left open, one that is cancelled. */
const open = '2017-06-20';
const unwanted = '2017-06-21';
/** An old date of which one game has no team rows: policy publishes the others. */
const partial = '2017-06-22';
const offense = 'TeamOffenseGameSummaryProcessor';
const player = 'PlayerGameSummaryProcessor';
const reason = ['--reason', 'the league sends no team rows tonight'];
// Each step is some commands, and each command a process of its own.
jest.setTimeout(120_000);
let cli: Cli;
let folder: string;

interface Entry {
  readonly seq: number;
  readonly kind: string;
  readonly decided_by: string;
}

/** One JSON document, and nothing else, on stdout. */
const parsed = (stdout: string): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>;

async function entriesOf(...date: string[]): Promise<Entry[]> {
  return (await cli.json('audit', ...date))['entries'] as Entry[];
}

/** Asks until the answer is as wanted. */
async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

beforeAll(async () => {
  cli = await Cli.create({
    ...{ PHASE3_GATE_FIRST_WAIT_SECONDS: '600', PHASE3_GATE_LONGEST_WAIT_SECONDS: '600' },
    ...{ PHASE3_GATE_DEADLINE_SECONDS: '3600', USER: 'ana' },
  });
  folder = await mkdtemp(join(tmpdir(), 'phase3-gate-'));
  await mkdir(join(folder, 'nba_raw'));
  const late = [open, unwanted, partial].map((date) => movedTo(demoNight(night), date));
  const write = (table: string, rows: readonly object[]): Promise<void> =>
    writeFile(join(folder, 'nba_raw', `${table}.ndjson`), rows.map((row) => JSON.stringify(row)).join('\n'));
  for (const table of ['nbac_schedule', 'nbac_gamebook_player_stats'] as const)
    await write(table, [...demoNight(night)[table], ...late.flatMap((rows) => rows[table])]);
  const others = movedTo(demoNight(night), partial).nbac_team_boxscore;
  const [first] = others;
  await write('nbac_team_boxscore', [
    ...demoNight(night).nbac_team_boxscore,
    ...others.filter((row) => row['game_id'] !== first?.['game_id']),
  ]);
  await cli.ok('up');
  await cli.ok('load', folder);
}, 120_000);
afterAll(async () => {
  await cli.dispose();
  await rm(folder, { recursive: true, force: true });
});

// What each decision refuses is proved in test/cli/control.test.ts; here that a process ends so, with nothing up.
describe('bad input: a sentence that names it, exit code 2, nothing on stdout', () => {
  test.each<[string[], string]>([
    [['bypass', open, '--processor', player], '--reason'],
    [['bypass', open, '--processor', 'PlayerGameSumary', ...reason], '--processor is "PlayerGameSumary"'],
    [['rerun', open, ...reason, '--wiat'], '--wait'],
    [
      ['restore', night, '--processor', offense, ...reason, '--to', 'v1'],
      '--to is "v1", expected the number',
    ],
    [['extend', open, '--for', 'ana'], '--for is "ana", expected a duration from a minute to a day'],
    [['audit', 'verfy'], 'There is no command "audit verfy". Did you mean verify?'],
    [['audit', 'verify', '--from', night, '--to', '2017-04-14'], `--from is ${night}, after --to`],
  ])('phase3 %j', async (args, sentence) => {
    const { code, stdout, stderr } = await cli.run(args, { PHASE3_HOME: join(folder, 'nothing-is-up') });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('a date of which nothing is open', () => {
  test.each([
    [['bypass', open, '--processor', player, ...reason], `phase3 rerun ${open}`],
    [['recheck', open], `phase3 rerun ${open}`],
    [['cancel', open, ...reason, '--json'], 'phase3 backfill cancel'],
  ])('phase3 %j is refused with 2, and what does something is named: %s', async (args, advice) => {
    const { code, stdout, stderr } = await cli.run(args);
    expect(stderr).toContain(`No run of ${open} is open`);
    expect(stderr).toContain(advice);
    expect(code).toBe(2);
    if (args.includes('--json')) expect(parsed(stdout)).toMatchObject({ error: { code: 'not_open' } });
    else expect(stdout).toBe('');
  });

  test('has nothing on record, and that is whole', async () => {
    expect(await cli.ok('audit', open)).toBe(`${open}: no entries in the audit log\n`);
    expect(await cli.ok('audit')).toBe('The audit log is empty.\n');
    expect(await cli.ok('audit', 'export')).toBe('');
    expect(await cli.ok('audit', 'verify')).toContain('The audit log was not altered: 0 entries');
  });
});

describe('rerun', () => {
  test('with --wait ends with the answer; what is named brings its downstream; --json is pure', async () => {
    const { code, stdout, stderr } = await cli.run(['rerun', night, ...reason, '--wait', '--json']);
    expect(code).toBe(0);
    expect(parsed(stdout)).toMatchObject({ game_date: night, state: 'published' });
    expect(stderr).toContain('Level 2: Running 1 processors');
    const again = await cli.ok('rerun', night, ...reason, '--processors', offense, '--by', 'jo', '--wait');
    expect(again).toContain(`${player.padEnd(32)} unchanged`);
    expect(await entriesOf(night)).toMatchObject([
      { seq: 1, kind: 'rerun', decided_by: 'ana' },
      { seq: 2, kind: 'rerun', decided_by: 'jo' },
    ]);
  });

  test('without --wait it returns once it is accepted', async () => {
    const { code, stdout, stderr } = await cli.run(['rerun', unwanted, ...reason, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(parsed(stdout)).toMatchObject({ game_date: unwanted, state: 'accepted' });
    expect(await cli.ok('rerun', open, ...reason)).toContain(`Accepted: ${open}, request `);
    for (const date of [unwanted, open])
      await until(
        () => cli.json('status', date),
        ({ state }) => state === 'waiting',
      );
  });
});

describe('restore', () => {
  const ofOffense = ['restore', night, '--processor', offense, ...reason];

  test('of a version that there is not is refused with 2, which tells what there is, and leaves no trace', async () => {
    const before = await entriesOf(night);
    const { code, stdout, stderr } = await cli.run([...ofOffense, '--to', '7', '--json']);
    expect(stderr).toContain(
      `--to is 7, but team_offense_game_summary has no such version for ${night}: versions: 1.`,
    );
    expect(code).toBe(2);
    expect(parsed(stdout)).toMatchObject({ error: { code: 'invalid_arguments' } });
    expect(await entriesOf(night)).toEqual(before);
  });

  test('of what is live would pin it; a dry run says so, and leaves no trace', async () => {
    const before = await entriesOf(night);
    const { code, stdout } = await cli.run([...ofOffense, '--to', '1', '--dry-run']);
    expect(stdout).toContain(
      'team_offense_game_summary: version 1 is published again as version 2, in place of version 1, and pinned',
    );
    expect(code).toBe(0);
    expect(await entriesOf(night)).toEqual(before);
  });
});

describe('a date that waits', () => {
  test.each<[string[], string]>([
    [['--processor', player, '--missing', 'nbac_schedule'], `nbac_schedule is not missing for ${player}`],
    [['--processor', offense], `no game of ${open} is ready for ${offense}`],
  ])('a bypass of %j is refused with 2 and the reason, and leaves no trace', async (args, sentence) => {
    const before = await entriesOf(open);
    const { code, stdout, stderr } = await cli.run(['bypass', open, ...args, ...reason, '--json']);
    expect(stderr).toContain(`${open}: the bypass is refused: ${sentence}`);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
    expect(parsed(stdout)).toMatchObject({ error: { code: 'refused' } });
    expect(await entriesOf(open)).toEqual(before);
  });

  test('a bypass is taken with 0: the sentence, its entry and its id; the players are built on it', async () => {
    const { code, stdout, stderr } = await cli.run([
      ...['bypass', open, '--processor', player, ...reason, '--by', 'jo'],
      ...['--missing', 'nba_analytics.team_offense_game_summary', '--json'],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { bypass_id: bypassId, summary, entry, state } = parsed(stdout);
    expect({ entry, state }).toMatchObject({ entry: { seq: 2 }, state: 'accepted' });
    const sentence = `${open}: ${player} may run without team_offense_game_summary (bypass ${String(bypassId)}, until `;
    expect(String(summary).startsWith(sentence)).toBe(true);
    // What was built with it is on record beside it, though the teams go on waiting.
    const entries = await until(
      () => entriesOf(open),
      (found) => found.length === 3,
    );
    expect(entries).toMatchObject([
      { seq: 1, kind: 'rerun', decided_by: 'ana' },
      {
        ...{ seq: 2, kind: 'bypass', decided_by: 'jo', entry_id: bypassId, processor: player },
        ...{ waived: ['team_offense_game_summary'], reason: reason[1], evidence: { run_state: 'waiting' } },
      },
      { seq: 3, kind: 'bypass_used', decided_by: 'system', processor: player },
    ]);
    await until(
      () => cli.json('status', open),
      ({ processors }) =>
        (processors as Record<string, { outcome?: string }>)[player]?.outcome === 'published',
    );
  });

  test('extend moves the deadline, recheck asks the gate', async () => {
    await until(
      () => cli.json('status', open),
      ({ state }) => state === 'waiting',
    );
    expect(await cli.ok('recheck', open)).toContain(`${open} is checked now`);
    const recheck = await cli.run(['recheck', open, '--by', 'jo', '--json']);
    expect(recheck).toMatchObject({ code: 0, stderr: '' });
    expect(parsed(recheck.stdout)).toMatchObject({ game_date: open, state: 'accepted' });
    const { deadline: before } = await cli.json('status', open);
    const extend = await cli.run(['extend', open, '--for', '30m', '--by', 'jo', '--json']);
    expect(extend).toMatchObject({ code: 0, stderr: '' });
    expect(parsed(extend.stdout)).toMatchObject({ game_date: open, state: 'accepted', entry: { seq: 4 } });
    const after = await cli.json('status', open);
    expect(Date.parse(String(after['deadline'])) - Date.parse(String(before))).toBe(1_800_000);
    expect(JSON.stringify(after['log'])).toContain('jo: the dependencies are checked again');
    const text = await cli.ok('extend', open, '--for', '1h', ...reason);
    expect(text).toMatch(
      /^The deadline of 2017-06-20 moves from .*\nRecorded as entry 5 in the audit log of 2017-06-20\n$/,
    );
  });

  test('cancel ends it; then nothing of it is open', async () => {
    const text = await cli.ok('cancel', unwanted, ...reason);
    expect(text).toMatch(
      /^2017-06-21 is cancelled, by ana: .*\nRecorded as entry 2 in the audit log of 2017-06-21\n$/,
    );
    await until(
      () => cli.json('status', unwanted),
      ({ is_open: isOpen }) => isOpen === false,
    );
    const again = await cli.run(['cancel', unwanted, ...reason]);
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toContain(`No run of ${unwanted} is open`);
  });
});

describe('audit', () => {
  test('shows a date, and all of them with the newest last', async () => {
    const text = await cli.ok('audit', open);
    expect(text).toMatch(
      new RegExp(
        `#2  \\S+Z  bypass +by jo  ${player}  without team_offense_game_summary\\n    ${reason[1]!}\\n`,
      ),
    );
    const all = await cli.run(['audit', '--json']);
    expect(all).toMatchObject({ code: 0, stderr: '' });
    const instants = (parsed(all.stdout)['entries'] as { decided_at: string }[]).map((row) => row.decided_at);
    expect(instants).toHaveLength(9);
    expect(instants).toEqual([...instants].sort());
  });

  test('export: the rows of the table, of all dates or of some, in both formats', async () => {
    const all = await cli.ok('audit', 'export');
    expect(all).toBe(await cli.ok('export', 'bypass_audit', '--from', night, '--to', unwanted));
    expect(all.trim().split('\n')).toHaveLength(9);
    const some = await cli.ok('audit', 'export', '--to', night, '--format', 'csv');
    expect(some.trim().split('\n')).toHaveLength(3);
    expect(some).toMatch(/^game_date,seq,entry_id,/);
  });

  test('verify: whole, 0; --json wherever it stands', async () => {
    expect(await cli.ok('audit', 'verify')).toMatch(/^The audit log was not altered: 9 entries of 3 dates, /);
    const wanted = {
      whole: true,
      entries: 9,
      dates: 3,
      open_runs_asked: true,
      dates_at_fault: 0,
      first: null,
    };
    for (const args of [
      ['audit', 'verify', '--json'],
      ['audit', '--json', 'verify'],
    ]) {
      const { code, stdout, stderr } = await cli.run(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(parsed(stdout)).toMatchObject(wanted);
    }
  });
});

test('without a worker a decision ends at once with 1, and is not on record', async () => {
  const { components } = (await cli.json('status')) as { components: { worker: { pid: number } } };
  process.kill(components.worker.pid, 'SIGKILL');
  const { code, stdout, stderr } = await cli.run(['cancel', open, ...reason]);
  expect(stderr).toContain(`No worker answers, so a decision cannot be recorded for ${open}`);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

describe('an audit that somebody has written to by hand', () => {
  beforeAll(async () => {
    await cli.ok('down');
    const warehouse = await DuckDbWarehouse.open(join(cli.home, 'warehouse.duckdb'));
    const audit = 'nba_orchestration.bypass_audit';
    await sql(warehouse, `UPDATE ${audit} SET decided_by = 'bo' WHERE game_date = '${night}' AND seq = 1`);
    // The newest entries of a date that waits: no pass has been recorded since, only its open run knows of them.
    await sql(warehouse, `DELETE FROM ${audit} WHERE game_date = '${open}' AND seq > 2`);
    await sql(warehouse, `DELETE FROM ${audit} WHERE game_date = '${unwanted}' AND seq = 2`);
    await warehouse.close();
    expect(await cli.run(['audit', 'verify'])).toMatchObject({ code: 1, stdout: '' });
    await cli.ok('up');
  }, 120_000);

  test('verify ends with 1 and names the first row, and how many dates are at fault', async () => {
    const { code, stdout } = await cli.run(['audit', 'verify']);
    expect(code).toBe(1);
    const lines = stdout.trim().split('\n');
    expect(lines[0]).toContain(`First at ${night}, entry 1 (altered)`);
    expect(lines[1]).toContain(`${open}, entry 3 (cut_tail): entry 5 is named by its open run`);
    expect(lines[2]).toMatch(/2017-06-21, entry 2 \(cut_tail\): entry 2 is named by pass 1 of run /);
    expect(lines[3]).toContain('3 of 3 dates are affected');
  });

  test('--json has them all in one document; a range without a fault is whole', async () => {
    const { code, stdout, stderr } = await cli.run(['audit', 'verify', '--json']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(parsed(stdout)).toMatchObject({
      ...{ whole: false, dates_at_fault: 3, open_runs_asked: true },
      first: { game_date: night, seq: 1, kind: 'altered' },
      faults: [{ game_date: night }, { game_date: open, seq: 3 }, { game_date: unwanted, seq: 2 }],
    });
    expect(await cli.run(['audit', 'verify', '--from', '2017-04-16', '--to', '2017-06-19'])).toMatchObject({
      code: 0,
    });
    expect((await cli.run(['audit', 'verify', '--from', unwanted])).code).toBe(1);
  });

  test('the next entry is written after the last that is remembered, so that the gap stays', async () => {
    await cli.ok('extend', open, '--for', '10m');
    expect((await entriesOf(open)).map(({ seq }) => seq)).toEqual([1, 2, 6]);
    const { stdout } = await cli.run(['audit', 'verify', '--from', open, '--to', open]);
    expect(stdout).toContain(`First at ${open}, entry 3 (missing): entry 3 is missing`);
  });
});

test.each([['run'], ['rerun', ...reason]])(
  '%s --wait ends with 4 where games are missing from what was published',
  async (command, ...more) => {
    const { code, stdout, stderr } = await cli.run([command, partial, ...more, '--wait']);
    expect({ code, stderr }).toEqual({ code: 4, stderr: '' });
    expect(stdout).toContain(`\n${partial} partial: `);
    expect(stdout).toContain('nbac_team_boxscore reconstructed, the team rows of ');
    expect((await cli.run(['watch', partial])).code).toBe(4);
  },
);

describe('a restore of several dates', () => {
  const [first, empty, last] = ['2017-04-17', '2017-04-18', '2017-04-19'];
  const range = `${first}..${last}`;
  let before = '';

  beforeAll(async () => {
    const raw = join(folder, 'several');
    await mkdir(join(raw, 'nba_raw'), { recursive: true });
    const nights = [first, last].map((date) => movedTo(demoNight(night), date));
    const load = async (more: number): Promise<void> => {
      for (const table of ['nbac_schedule', 'nbac_gamebook_player_stats', 'nbac_team_boxscore'] as const) {
        const rows = nights
          .flatMap((own) => own[table])
          .map((row) =>
            // Turnovers of the team itself, of which no other source knows.
            table === 'nbac_team_boxscore' ? { ...row, turnovers: Number(row['turnovers']) + more } : row,
          );
        await writeFile(
          join(raw, 'nba_raw', `${table}.ndjson`),
          rows.map((row) => JSON.stringify(row)).join('\n'),
        );
      }
      await cli.ok('load', raw);
      for (const date of [first, last]) await cli.ok('run', date, '--wait');
    };
    await load(0);
    before = new Date().toISOString();
    await load(5);
  }, 120_000);

  const exported = (): Promise<string> =>
    cli.ok('export', 'player_game_summary', '--from', first, '--to', last);

  test('is foreseen date by date, and nothing is written', async () => {
    const rows = await exported();
    const dry = ['restore', range, '--before', before, ...reason, '--dry-run'];
    const { dates } = (await cli.json(...dry)) as { dates: { kind: string; tables?: object[] }[] };
    expect(dates.map(({ kind, tables = [] }) => [kind, tables.length])).toEqual([
      ...[
        ['planned', 3],
        ['nothing', 0],
        ['planned', 3],
      ],
    ]);
    expect(dates[0]?.tables?.[0]).toMatchObject({ live: 2, restores: 1, becomes: 3 });
    const { stdout, code } = await cli.run(dry);
    expect(code).toBe(0);
    expect(stdout).toContain(`${first}: nothing is changed; a restore would do this`);
    expect(stdout).toContain(`${empty}: nothing to restore: nothing of ${empty} was published before`);
    expect(await exported()).toBe(rows);
    expect(await entriesOf(first)).toEqual([]);
  });

  test('brings each back, keeps it against a run, and an unpin builds it again', async () => {
    const bad = await exported();
    const { stdout, code } = await cli.run(['restore', range, '--before', before, ...reason, '--wait']);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(`${empty}: nothing`) });
    const good = await exported();
    expect(good).not.toBe(bad);
    await cli.ok('run', first, '--wait');
    expect(await exported()).toBe(good);
    expect(await cli.ok('list', '--pinned')).toContain(`pinned ${offense}`);
    expect(await cli.ok('versions', first)).toContain('version 3 (live, pinned)');
    expect(
      await cli.ok('restore', first, '--processor', offense, '--to', '3', ...reason, '--wait'),
    ).toContain('version 3 of team_offense_game_summary is live already, and pinned.');
    expect(await cli.ok('why', first)).toContain('pinned to version 1 by ana');
    expect((await cli.run(['unpin', '2017-04-15', ...reason])).stderr).toContain(
      'nothing of 2017-04-15 is pinned',
    );
    await cli.ok('unpin', first, ...reason, '--wait');
    expect((await entriesOf(first)).map(({ kind }) => kind)).toEqual(['restore', 'unpin']);
    expect(await cli.ok('versions', first)).toContain('version 4 (live)');
  });
});
