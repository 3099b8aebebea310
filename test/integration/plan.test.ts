/**
 * A plan from real state, through the command line's code, the worker's endpoint and a real stack: what it lists is what runs, and what
 * moved since it was made is said instead. On DuckDB, and on the BigQuery emulator.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { addApply, addPlan } from '../../src/cli/commands/plan';
import { addMissing } from '../../src/cli/commands/missing';
import { CommandError, type Context } from '../../src/cli/context';
import { localTemporal } from '../../src/config/temporal-connection';
import type { PlanDocument } from '../../src/contracts/date-plan';
import { defaultPolicySettings } from '../../src/contracts/policy';
import { ControlClient } from '../../src/control/client';
import { startControlServer, type ControlServer } from '../../src/control/server';
import { operationsADate, operationsALevel, operationsANode } from '../../src/dates/estimate';
import { InvalidRequestError } from '../../src/requests/validate-request';
import type { Row } from '../../src/tables/define-table';
import type { Warehouse } from '../../src/warehouse/warehouse';
import {
  describeWithEmulator,
  emulatorStartMs,
  onEmulator,
  startEmulator,
  type Emulator,
} from '../support/bigquery-emulator';
import { dump, sql } from '../support/by-hand';
import { demoNight, describeWithSeason, seasonNights, type Night, type RawTable } from '../support/nights';
import { Rig } from '../support/rig';

const [first, second, third] = ['2017-04-15', '2017-04-16', '2017-04-17'] as const;
const range = `${first}..${third}`;
const [offense, defense, players] = [
  'TeamOffenseGameSummaryProcessor',
  'TeamDefenseGameSummaryProcessor',
  'PlayerGameSummaryProcessor',
] as const;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A stack with its endpoint, and the commands as a person types them. */
class Desk {
  private constructor(
    readonly rig: Rig,
    private readonly control: ControlServer,
    readonly folder: string,
  ) {}

  static async open(rig: Rig, behind: Warehouse = rig.warehouse): Promise<Desk> {
    const control = await startControlServer({
      ...{ warehouse: behind, policy: defaultPolicySettings, workerState: () => 'RUNNING' },
    });
    return new Desk(rig, control, await mkdtemp(join(tmpdir(), 'phase3-plan-')));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async type(...args: string[]): Promise<Ended> {
    const [stdout, stderr]: [string[], string[]] = [[], []];
    const context = {
      config: { policy: { now: null }, datasetPrefix: null, notifications: { neededBy: null } },
      stack: {
        temporal: async () => localTemporal(this.rig.address),
        control: async () => new ControlClient(this.control),
        mismatch: () => null,
      },
      print: (line: string) => stdout.push(line),
      say: (line: string) => stderr.push(line),
      now: () => new Date(),
    } as unknown as Context;
    let code = 0;
    const root = new Command('phase3').exitOverride();
    root.configureOutput({ writeErr: (text) => stderr.push(text), writeOut: (text) => stdout.push(text) });
    for (const add of [addPlan, addApply, addMissing]) add(root, context, (given) => (code = given));
    try {
      await root.parseAsync(args, { from: 'user' });
    } catch (error) {
      if (error instanceof CommanderError || error instanceof InvalidRequestError) code = 2;
      else if (error instanceof CommandError) code = error.exitCode;
      else throw error;
      stderr.push(error.message);
    }
    return { code, stdout: stdout.join('\n'), stderr: stderr.join('\n') };
  }

  async plan(...args: string[]): Promise<PlanDocument> {
    const { code, stdout, stderr } = await this.type('plan', ...args, '--json');
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as PlanDocument;
  }

  /** A plan in a file of this name. */
  async written(name: string, ...args: string[]): Promise<string> {
    const { code, stderr } = await this.type('plan', ...args, '--out', this.path(name));
    if (code !== 0) throw new Error(stderr);
    return this.path(name);
  }

  async close(): Promise<void> {
    await this.control.close();
    await rm(this.folder, { recursive: true, force: true });
    await this.rig.close();
  }
}

/** `date processor`, with the state and what a run would do. */
function standing({ dates }: Pick<PlanDocument, 'dates'>): string[] {
  return dates.flatMap(({ game_date: date, nodes }) =>
    nodes.map(({ processor, state, because, action }) =>
      [date, processor, state, because, action].filter(Boolean).join(' '),
    ),
  );
}

const each = (date: string, words: string): string[] =>
  [offense, defense, players].map((name) => `${date} ${name} ${words}`);

async function loadAll(rig: Rig, nights: readonly Night[]): Promise<void> {
  for (const table of ['nbac_schedule', 'nbac_team_boxscore', 'nbac_gamebook_player_stats'] as const)
    await rig.load(
      table,
      nights.flatMap((night) => night[table]),
    );
}

/** A night with other turnovers in one team's row, of which no other source knows. */
function moved(night: Night): Record<RawTable, readonly Row[]> {
  const [row, ...others] = night.nbac_team_boxscore;
  return {
    ...night,
    nbac_team_boxscore: [{ ...row!, turnovers: Number(row!['turnovers']) + 1 }, ...others],
  };
}

/** What the run history has of a date: the processors of each pass. */
async function passes(rig: Rig, gameDate: string): Promise<string[][]> {
  const { run_history: rows } = await rig.warehouse.readDate(gameDate, ['run_history']);
  return rows.map((row) => Object.keys(JSON.parse(row.processors) as object));
}

describe('on DuckDB', () => {
  let desk: Desk;
  let rig: Rig;
  /** Operations of the warehouse that the worker's activities asked for. */
  const asked: string[] = [];

  beforeAll(async () => {
    rig = await Rig.open();
    await rig.startWorker({
      wrapWarehouse: (warehouse) =>
        new Proxy(warehouse, {
          get(target, property) {
            const value: unknown = Reflect.get(target, property);
            if (typeof value !== 'function') return value;
            return (...given: unknown[]): unknown => {
              asked.push(String(property));
              return Reflect.apply(value, target, given);
            };
          },
        }),
    });
    await loadAll(rig, [first, second, third].map(demoNight));
    desk = await Desk.open(rig);
  });
  afterAll(() => desk.close());

  test('what is loaded and was never run is planned, and planning writes nothing', async () => {
    const before = await dump(rig.warehouse, 'nba_orchestration');
    const plan = await desk.plan(range);
    expect(standing(plan)).toEqual([first, second, third].flatMap((date) => each(date, 'not_run build')));
    expect(plan.estimate).toMatchObject({ dates: 3, nodes: 9, seconds: null, bytes: null });
    expect(await dump(rig.warehouse, 'nba_orchestration')).toEqual(before);
  });

  test('applied, it publishes what it lists; applied again, it is refused', async () => {
    const path = await desk.written('all', `${first}..${second}`);
    asked.length = 0;
    const { code, stdout } = await desk.type('apply', path, '--wait');
    expect([code, stdout]).toEqual([0, '2 dates: 2 published']);
    expect(await rig.versions(third)).toEqual({});
    // What the estimate counts is what was asked for; reading the history of a table is not a part of every night.
    const counted = asked.filter((name) => !['exportRows', 'kind', 'prefix', 'location'].includes(name));
    expect(counted).toHaveLength(2 * (operationsADate + 2 * operationsALevel) + 6 * operationsANode);

    const again = await desk.type('apply', path);
    expect(again.code).toBe(3);
    expect(again.stderr).toContain('was applied before');
    // The time is now known.
    expect((await desk.plan(range)).estimate).toMatchObject({
      nodes: 3,
      passes: 2,
      seconds: expect.anything(),
    });
  });

  test('data that moves makes apply refuse, and says which date and what', async () => {
    const path = await desk.written('moved', range);
    await rig.loadNight(moved(demoNight(second)));
    const refused = await desk.type('apply', path, '--wait');
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain(
      `${second} ${offense}, ${defense}, ${players}: a run would build it now (its inputs changed since version 1 was published), and leave it as it is when it was planned`,
    );
    expect(refused.stderr).toContain('rows of nbac_team_boxscore changed');
    expect(refused.stderr).toContain(
      `no longer holds: 1 thing moved, the first of ${second}. Nothing was started.`,
    );
    expect(await rig.versions(third)).toEqual({});
    expect(await passes(rig, third)).toEqual([]);
  });

  test('a new plan runs the moved date and the new one, and leaves the third alone', async () => {
    const plan = await desk.plan(range);
    expect(standing(plan)).toEqual([
      ...each(first, 'published keep'),
      ...[offense, defense].map((name) => `${second} ${name} stale inputs build`),
      `${second} ${players} stale upstream build`,
      ...each(third, 'not_run build'),
    ]);
    const path = await desk.written('again', range);
    const kept = await passes(rig, first);
    const { code, stdout } = await desk.type('apply', path, '--wait', '--concurrency', '1');
    expect([code, stdout]).toEqual([0, '2 dates: 2 published']);
    expect(await rig.versions(second)).toEqual({
      ...{ team_offense_game_summary: 2, team_defense_game_summary: 2, player_game_summary: 2 },
    });
    expect(await passes(rig, first)).toEqual(kept);
    expect(standing(await desk.plan(range)).every((line) => line.endsWith('keep'))).toBe(true);
  });

  test('only the nodes that it lists run: rows that somebody changed are put right alone', async () => {
    await sql(
      rig.warehouse,
      `DELETE FROM nba_analytics.team_defense_game_summary WHERE game_date = '${first}'`,
    );
    const path = await desk.written('rows', range);
    expect((await desk.type('apply', path, '--wait')).stdout).toBe('1 dates: 1 published');
    expect((await passes(rig, first)).at(-1)).toEqual([defense]);
    expect(await rig.versions(first)).toEqual({
      ...{ team_offense_game_summary: 1, team_defense_game_summary: 2, player_game_summary: 1 },
    });
  });

  test('a plan with nothing to run starts nothing', async () => {
    const path = await desk.written('nothing', range);
    const { code, stdout } = await desk.type('apply', path, '--wait');
    expect([code, stdout]).toEqual([0, 'There is nothing to run.']);
  });

  test('what the present code makes of what is live is shown, and nothing is published', async () => {
    const before = [
      await dump(rig.warehouse, 'nba_analytics'),
      await dump(rig.warehouse, 'nba_orchestration'),
    ];
    const { stdout, stderr } = await desk.type('plan', `${third}..${third}`, '--what-if', '--json');
    expect(stderr).toContain('Built by the code of the worker, ');
    const { dates } = JSON.parse(stdout) as {
      dates: { tables: { table: string; difference: { rows: object } }[] }[];
    };
    expect(dates[0]?.tables.map(({ difference }) => difference.rows)).toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining({ changed: 0, added: 0, removed: 0 })),
    );
    expect([
      await dump(rig.warehouse, 'nba_analytics'),
      await dump(rig.warehouse, 'nba_orchestration'),
    ]).toEqual(before);
  });

  test.each<[string, (path: string) => Promise<unknown>, RegExp]>([
    ['is not there', (path) => rm(path), /cannot be read/],
    ['is no JSON', (path) => writeFile(path, 'plan'), /is no/],
    [
      'was changed by hand',
      async (path) => writeFile(path, (await readFile(path, 'utf8')).replaceAll('"keep"', '"build"')),
      /was changed after it was made/,
    ],
  ])('a file that %s is refused with exit code 2', async (what, alter, sentence) => {
    const path = await desk.written(what.replaceAll(' ', '-'), range);
    await alter(path);
    const { code, stderr } = await desk.type('apply', path);
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
  });

  test('what is typed wrongly is refused before anything is asked', async () => {
    for (const args of [
      ['plan', '2017-04-16..2017-04-15'],
      ['plan', range, '--processors', 'Nobody'],
      ['plan', range, '--what-if', '--out', desk.path('x')],
      ['plan', range, '--out', desk.path('all')],
      ['missing', '--season', '2016'],
      ['missing', range, '--season', '2016-17'],
    ])
      expect([args.join(' '), (await desk.type(...args)).code]).toEqual([args.join(' '), 2]);
  });

  test('missing says what is not settled, and what a run of it would lack', async () => {
    const night = demoNight('2017-04-18');
    await rig.loadNight({ nbac_schedule: night.nbac_schedule });
    const { code, stdout } = await desk.type('missing', `${first}..2017-04-18`);
    expect(code).toBe(0);
    expect(stdout).toContain(
      `2017-04-18  ${night.nbac_schedule.length} games, and no run is on record · a run would lack`,
    );
    expect(stdout).toContain('1 late, 0 due, 3 settled, 0 to come, 0 without games.');
  });
});

describeWithEmulator('on BigQuery', () => {
  let emulator: Emulator;
  let desk: Desk;

  jest.setTimeout(emulatorStartMs);

  beforeAll(async () => {
    emulator = await startEmulator();
    const rig = await Rig.open([], onEmulator(emulator));
    await loadAll(rig, [first, second].map(demoNight));
    await rig.startWorker();
    desk = await Desk.open(rig);
  });
  afterAll(async () => {
    await desk.close();
    await emulator.stop();
  });

  test('a plan is made by range, applied, and refused once its data has moved', async () => {
    const two = `${first}..${second}`;
    const plan = await desk.plan(two);
    expect(standing(plan)).toEqual([first, second].flatMap((date) => each(date, 'not_run build')));
    // The emulator's dry run says 0; what matters is that it was asked, and nothing was run for it.
    expect(plan.estimate).toMatchObject({ nodes: 6, bytes: 0 });
    const path = await desk.written('all', two);
    expect((await desk.type('apply', path, '--wait')).stdout).toBe('2 dates: 2 published');
    expect(standing(await desk.plan(two))).toEqual(
      [first, second].flatMap((date) => each(date, 'published keep')),
    );
    await desk.rig.loadNight(moved(demoNight(first)));
    const stale = await desk.written('stale', two);
    await desk.rig.loadNight(demoNight(first));
    const refused = await desk.type('apply', stale);
    expect([refused.code, refused.stderr.includes(first)]).toEqual([3, true]);
  });
});

describeWithSeason('a whole season', () => {
  let desk: Desk;

  beforeAll(async () => {
    const rig = await Rig.open();
    await loadAll(rig, seasonNights());
    desk = await Desk.open(rig);
  });
  afterAll(() => desk.close());

  test('is planned with one read a table and month, and every game date of it is to be built', async () => {
    const { dates, estimate } = await desk.plan('2024-10-22..2025-04-13');
    expect(dates).toHaveLength(174);
    expect(dates.filter(({ games }) => games > 0)).toHaveLength(164);
    expect(estimate).toMatchObject({ dates: 164, nodes: 492, rows: 1_231 + 2_462 + 43_421 });
    for (const { games, nodes } of dates)
      expect([...new Set(nodes.map(({ state }) => state))]).toEqual([games > 0 ? 'not_run' : 'no_games']);
  });

  test('missing finds all of it, and no day without games', async () => {
    const { stdout } = await desk.type('missing', '--season', '2024-25');
    expect(stdout).toContain('164 late, 0 due, 0 settled, 0 to come, 201 without games.');
  });
});
