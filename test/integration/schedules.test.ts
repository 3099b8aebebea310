/** Schedules on a real server: wanted state, drift, pauses, and launches that hand a date over. */
import { Command, CommanderError } from 'commander';
import { WorkflowNotFoundError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { addSchedules } from '../../src/cli/commands/schedules';
import { CommandError, type Context } from '../../src/cli/context';
import { InvalidRequestError } from '../../src/requests/validate-request';
import { localTemporal } from '../../src/config/temporal-connection';
import type { Activities } from '../../src/contracts/activities';
import { addDays } from '../../src/contracts/game-date';
import { identityOf } from '../../src/contracts/identity';
import type { TriggerMessage } from '../../src/contracts/messages';
import { newYorkDate } from '../../src/contracts/new-york';
import type { NightlyResult } from '../../src/contracts/schedules';
import { ScheduleKeeper } from '../../src/schedules/schedule-keeper';
import { demoNight, movedTo, type Night } from '../support/nights';
import { latch } from '../support/latch';
import { Rig } from '../support/rig';
import type { TestServer } from '../support/temporal';

const names = ['phase3-nightly-0630', 'phase3-nightly-1030', 'phase3-nightly-1400'];
const [first, second, third] = names as [string, string, string];

let rig: Rig;
let keeper: ScheduleKeeper;

beforeAll(async () => {
  rig = await Rig.open();
  keeper = new ScheduleKeeper(rig.raw.schedule, identityOf(null), { everyMs: 0 });
});
afterAll(() => rig.close());

/** Asks until it holds: what the server lists comes a little after what it knows. */
async function until<T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** When the server would launch a schedule between two days, UTC. */
async function matchingTimes(scheduleId: string, from: string, to: string): Promise<string[]> {
  const { startTime: times } = await rig.raw.workflowService.listScheduleMatchingTimes({
    ...{ namespace: 'default', scheduleId },
    startTime: { seconds: (Date.parse(`${from}T00:00:00Z`) / 1000) as never },
    endTime: { seconds: (Date.parse(`${to}T00:00:00Z`) / 1000) as never },
  });
  return times.map(({ seconds }) => new Date(Number(seconds) * 1000).toISOString());
}

describe('on a server without schedules', () => {
  test('all are missing, and nothing can be paused or triggered', async () => {
    const { schedules, unknown } = await keeper.list();
    expect(schedules.map(({ name, missing }) => [name, missing])).toEqual(names.map((name) => [name, true]));
    expect(unknown).toEqual([]);
    expect(await keeper.pause([first], 'ann', 'x')).toMatchObject([{ name: first, missing: true }]);
    expect(await keeper.trigger(first)).toMatchObject({ missing: true });
  });

  test('apply creates them, once, also when two do it at the same time', async () => {
    const reports = await Promise.all([keeper.apply(), keeper.apply()]);
    for (const name of names)
      expect(
        reports
          .flatMap(({ schedules }) => schedules)
          .filter((schedule) => schedule.name === name)
          .map(({ outcome }) => outcome)
          .sort(),
      ).toEqual(['created', 'unchanged']);
    const again = await keeper.apply();
    expect(again.schedules.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });
});

describe('applied', () => {
  test('they show no drift, and their next times are those of New York', async () => {
    const { schedules, unknown } = await keeper.list();
    expect(unknown).toEqual([]);
    expect(schedules.map(({ name, missing, drift, paused }) => ({ name, missing, drift, paused }))).toEqual(
      names.map((name) => ({ name, missing: false, drift: [], paused: false })),
    );
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'America/New_York', timeStyle: 'medium' });
    expect(schedules.map(({ next }) => [...new Set(next.map((at) => clock.format(at)))])).toEqual([
      ['06:30:00'],
      ['10:30:00'],
      ['14:00:00'],
    ]);
  });

  test.each([
    ['06:30', 'forward', first, '2026-03-07', ['2026-03-07T11:30', '2026-03-08T10:30', '2026-03-09T10:30']],
    ['06:30', 'back', first, '2026-10-31', ['2026-10-31T10:30', '2026-11-01T11:30', '2026-11-02T11:30']],
    ['10:30', 'forward', second, '2026-03-07', ['2026-03-07T15:30', '2026-03-08T14:30', '2026-03-09T14:30']],
    ['10:30', 'back', second, '2026-10-31', ['2026-10-31T14:30', '2026-11-01T15:30', '2026-11-02T15:30']],
    ['14:00', 'forward', third, '2026-03-07', ['2026-03-07T19:00', '2026-03-08T18:00', '2026-03-09T18:00']],
    ['14:00', 'back', third, '2026-10-31', ['2026-10-31T18:00', '2026-11-01T19:00', '2026-11-02T19:00']],
  ])(
    'the server means %s New York on every day while clocks go %s',
    async (_time, _change, scheduleId, from, expected) => {
      expect(await matchingTimes(scheduleId, from, addDays(from, 3))).toEqual(
        expected.map((at) => `${at}:00.000Z`),
      );
    },
  );

  test('a year of launches is one for every night, each for the date before, whatever the clocks do', async () => {
    const [from, to] = ['2026-07-01', '2027-07-01'];
    const times = await matchingTimes(first, from, to);
    expect(times).toHaveLength(365);
    // As a launch finds its date: the day before, by the calendar of New York.
    expect(times.map((at) => addDays(newYorkDate(new Date(at)), -1))).toEqual(
      Array.from({ length: 365 }, (_, day) => addDays(from, day - 1)),
    );
  });

  test('what was changed behind our back is named, and mended by apply; the others are left alone', async () => {
    await rig.raw.schedule.getHandle(second).update(({ action, policies, spec, state }) => ({
      spec: { ...spec, calendars: [{ hour: 11, minute: 0 }], timezone: 'UTC' },
      policies: { ...policies, overlap: 'SKIP', catchupWindow: '1 minute' },
      action: { ...action, args: [{ schedule: second, ask: 'all' }] },
      state,
    }));
    const listed = (await keeper.list()).schedules;
    expect(listed.map(({ name, drift }) => [name, drift.map(({ field }) => field)])).toEqual([
      [first, []],
      [second, ['times', 'timezone', 'overlap', 'catchup_window', 'input']],
      [third, []],
    ]);
    expect(listed[1]?.drift[0]).toEqual({
      field: 'times',
      wanted: '10:30 every day',
      found: '11:00 every day',
    });
    const { schedules } = await keeper.apply();
    expect(schedules.map(({ outcome, drift }) => [outcome, drift.length])).toEqual([
      ['unchanged', 0],
      ['updated', 5],
      ['unchanged', 0],
    ]);
    expect((await keeper.list()).schedules.map(({ drift }) => drift)).toEqual([[], [], []]);
  });

  test('a pause says who and why, and apply keeps it while it mends the rest', async () => {
    expect(await keeper.pause([first], 'ann', 'all-star break')).toEqual([
      {
        ...{ name: first, missing: false, paused: true, note: 'paused by ann: all-star break' },
        before: { paused: false, note: null },
      },
    ]);
    await rig.raw.schedule.getHandle(first).update(({ spec, ...rest }) => ({
      ...rest,
      spec: { ...spec, jitter: '1 minute' },
    }));
    const kept = { paused: true, note: 'paused by ann: all-star break' };
    expect((await keeper.list()).schedules[0]).toMatchObject({ ...kept, drift: [{ field: 'jitter' }] });
    expect((await keeper.apply()).schedules[0]).toMatchObject({ ...kept, outcome: 'updated' });
    expect(
      (await keeper.list()).schedules.map(({ paused, note, drift }) => ({ paused, note, drift })),
    ).toEqual([
      { ...kept, drift: [] },
      { paused: false, note: null, drift: [] },
      { paused: false, note: null, drift: [] },
    ]);
    expect(await keeper.resume([first], 'bob', 'games again')).toMatchObject([
      { paused: false, note: 'resumed by bob: games again', before: kept },
    ]);
  });

  test('unknown ones under our prefix are mentioned and left alone; those of others are not ours to mention', async () => {
    const { spec, action } = await rig.raw.schedule.getHandle(third).describe();
    for (const scheduleId of ['phase3-nightly-old', 'reports'])
      await rig.raw.schedule.create({ scheduleId, spec, action: { ...action, workflowId: scheduleId } });
    const shadow = new ScheduleKeeper(rig.raw.schedule, identityOf('shadow'), { everyMs: 0 });
    await shadow.apply();
    const all = async (): Promise<string[]> => {
      const listed: string[] = [];
      for await (const { scheduleId } of rig.raw.schedule.list()) listed.push(scheduleId);
      return listed;
    };
    expect((await until(all, (listed) => listed.length === 8)).sort()).toContain(
      'phase3-shadow-nightly-0630',
    );
    const old = [{ name: 'phase3-nightly-old', workflowType: 'nightlyWorkflow', paused: false }];
    expect((await keeper.list()).unknown).toEqual(old);
    expect((await shadow.list()).unknown).toEqual([]);
    expect((await keeper.apply()).unknown).toEqual(old);
    expect(await all()).toHaveLength(8);
    for (const scheduleId of ['phase3-nightly-old', 'reports'])
      await rig.raw.schedule.getHandle(scheduleId).delete();
  });
});

/** Every trigger that the newest run of a date was sent, duplicates included. */
async function triggersOf(gameDate: string): Promise<TriggerMessage[]> {
  const history = await rig.raw.workflow.getHandle(`phase3/${gameDate}`).fetchHistory();
  return (history.events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => {
    const [payload] = signal?.input?.payloads ?? [];
    return signal?.signalName === 'trigger' && payload
      ? [defaultPayloadConverter.fromPayload<TriggerMessage>(payload)]
      : [];
  });
}

/** Has a schedule launch as if it were these instants, the next of which comes after the one before is known. */
async function launch(schedule: string, instants: readonly string[]): Promise<void> {
  for (const at of instants) {
    const [start, end] = [-60_000, 60_000].map((byMs) => new Date(Date.parse(at) + byMs)) as [Date, Date];
    await rig.raw.schedule.getHandle(schedule).backfill({ start, end, overlap: 'ALLOW_ALL' });
    // Of two backfills that come at one moment the server (1.32) takes one only.
    await until(
      () => statusOf(`${schedule}-${at}`),
      (status) => status !== null,
    );
  }
}

/** What came of the launch of a schedule at an instant. */
function resultOf(schedule: string, at: string): Promise<NightlyResult> {
  return rig.raw.workflow.getHandle<() => Promise<NightlyResult>>(`${schedule}-${at}`).result();
}

async function launchAt(schedule: string, at: string): Promise<NightlyResult> {
  await launch(schedule, [at]);
  return resultOf(schedule, at);
}

/** A workflow's status; null while there is none. */
async function statusOf(workflowId: string): Promise<string | null> {
  try {
    return (await rig.raw.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** The answer of a date to a launch's request. */
async function answerTo(gameDate: string, requestId: string): Promise<string | undefined> {
  const isAnswer = (answer: { requestId: string }): boolean => answer.requestId === requestId;
  const state = await rig.until(gameDate, ({ answers }) => answers.some(isAnswer));
  return state.answers.find(isAnswer)?.state;
}

/** The run of a date that is newest, as it is known now. */
async function runOf(gameDate: string): Promise<{ runId: string; status: string }> {
  const { runId, status } = await rig.raw.workflow.getHandle(`phase3/${gameDate}`).describe();
  return { runId, status: status.name };
}

const withoutOneGame = (night: Night): Night => ({
  ...night,
  nbac_team_boxscore: night.nbac_team_boxscore.filter(
    ({ team_abbr }) => team_abbr !== 'CLE' && team_abbr !== 'IND',
  ),
});

describe('a launch', () => {
  const night = demoNight('2017-04-15');

  beforeAll(async () => {
    await rig.startWorker();
    await keeper.apply();
  });

  test('by trigger is for yesterday, and hands it over exactly once', async () => {
    const today = newYorkDate(new Date());
    // Both: midnight may pass in New York between this line and the launch.
    for (const gameDate of [addDays(today, -1), today]) await rig.loadNight(movedTo(night, gameDate));
    await keeper.pause([first], 'ann', 'a trigger does not mind');
    const { workflowId } = await keeper.trigger(first);
    await keeper.resume([first], 'ann', 'done');
    expect(workflowId).toMatch(/^phase3-nightly-0630-\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);
    const at = new Date(workflowId!.slice(`${first}-`.length));
    const handle = rig.raw.workflow.getHandle<() => Promise<NightlyResult>>(workflowId!);
    const gameDate = addDays(newYorkDate(at), -1);
    expect(await handle.result()).toEqual({
      gameDate,
      asked: true,
      reason: `${gameDate} is run whatever its state`,
    });
    await rig.keepHistory('nightly', workflowId!);
    const requestId = `nightly/${first}/${at.toISOString()}`;
    expect(await answerTo(gameDate, requestId)).toBe('published');
    expect(await triggersOf(gameDate)).toEqual([
      { requestId, kind: 'run', source: 'nbac_gamebook_player_stats' },
    ]);
    expect(Object.values(await rig.versions(gameDate))).toEqual([1, 1, 1]);
  });

  test('after another in the same second has its own id: none is left out without a word', async () => {
    const launches = [await keeper.trigger(first), await keeper.trigger(first), await keeper.trigger(first)];
    const ids = launches.map(({ workflowId }) => workflowId);
    expect(ids).not.toContain(null);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) await rig.raw.workflow.getHandle(id!).result();
  });

  test('that comes late is for the date that the schedule meant, and a complete date is not asked again', async () => {
    const gameDate = '2017-04-15';
    await rig.loadNight(night);
    expect(await launchAt(first, '2017-04-16T10:30:00Z')).toMatchObject({ gameDate, asked: true });
    const requestId = `nightly/${first}/2017-04-16T10:30:00.000Z`;
    expect(await answerTo(gameDate, requestId)).toBe('published');
    const before = await until(
      () => runOf(gameDate),
      ({ status }) => status === 'COMPLETED',
    );
    expect(await launchAt(second, '2017-04-16T14:30:00Z')).toEqual({
      gameDate,
      asked: false,
      reason: `${gameDate} is complete`,
    });
    expect(await runOf(gameDate)).toEqual(before);
  });

  test('for a date that lacks a game asks again, and the date converges', async () => {
    const gameDate = '2017-05-01';
    const whole = movedTo(night, gameDate);
    await rig.loadNight(withoutOneGame(whole));
    await launchAt(first, '2017-05-02T10:30:00Z');
    expect(await answerTo(gameDate, `nightly/${first}/2017-05-02T10:30:00.000Z`)).toBe('partial');
    await until(
      () => runOf(gameDate),
      ({ status }) => status === 'COMPLETED',
    );
    const again = await launchAt(second, '2017-05-02T14:30:00Z');
    expect(again.asked).toBe(true);
    expect(again.reason).toContain(
      'TeamOffenseGameSummaryProcessor is published without team rows of 20170501_',
    );
    expect(await answerTo(gameDate, `nightly/${second}/2017-05-02T14:30:00.000Z`)).toBe('partial');
    await until(
      () => runOf(gameDate),
      ({ status }) => status === 'COMPLETED',
    );

    await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
    expect((await launchAt(third, '2017-05-02T18:00:00Z')).asked).toBe(true);
    expect(await answerTo(gameDate, `nightly/${third}/2017-05-02T18:00:00.000Z`)).toBe('published');
    expect(await rig.published('team_offense_game_summary', gameDate)).toHaveLength(8);
  });

  test('for a date without games ends skipped, with nothing left open, and it is not asked again', async () => {
    const gameDate = '2017-07-03';
    await launchAt(first, '2017-07-04T10:30:00Z');
    expect(await answerTo(gameDate, `nightly/${first}/2017-07-04T10:30:00.000Z`)).toBe('skipped');
    const { status } = await until(
      () => runOf(gameDate),
      (run) => run.status !== 'RUNNING',
    );
    expect(status).toBe('COMPLETED');
    const known = await rig.client.state(gameDate);
    expect(known?.state.journal.filter(({ level }) => level !== 'INFO')).toEqual([]);
    expect(await launchAt(second, '2017-07-04T14:30:00Z')).toMatchObject({ gameDate, asked: false });
  });

  test('whose answer is lost on the way asks again under the same id, and the date runs once', async () => {
    const gameDate = '2017-05-08';
    await rig.loadNight(movedTo(night, gameDate));
    const askedAgain = latch();
    let asked = 0;
    const losingOne = (activities: Activities): Activities => ({
      ...activities,
      askDates: async (request) => {
        await activities.askDates(request);
        asked += 1;
        if (asked === 1) throw new Error('the connection was reset');
        askedAgain.open();
      },
      // A run that had ended would be followed by another, which finds nothing to do.
      recordPass: async (request) => {
        await askedAgain.opened;
        return activities.recordPass(request);
      },
    });
    await rig.startWorker({ wrap: losingOne });
    expect((await launchAt(first, '2017-05-09T10:30:00Z')).asked).toBe(true);
    const requestId = `nightly/${first}/2017-05-09T10:30:00.000Z`;
    expect(await answerTo(gameDate, requestId)).toBe('published');
    expect((await triggersOf(gameDate)).map((trigger) => trigger.requestId)).toEqual([requestId, requestId]);
    expect((await rig.client.state(gameDate))?.state.pass).toBe(1);
    expect(Object.values(await rig.versions(gameDate))).toEqual([1, 1, 1]);
  });

  test('waits for a worker, and no later launch is left out for it', async () => {
    await rig.stopWorker();
    await rig.loadNight(movedTo(night, '2017-05-15'));
    await rig.loadNight(movedTo(night, '2017-05-16'));
    const instants = ['2017-05-16T10:30:00Z', '2017-05-17T10:30:00Z'];
    await launch(first, instants);
    for (const at of instants) expect(await statusOf(`${first}-${at}`)).toBe('RUNNING');
    await rig.startWorker();
    expect(await Promise.all(instants.map((at) => resultOf(first, at)))).toMatchObject([
      { gameDate: '2017-05-15', asked: true },
      { gameDate: '2017-05-16', asked: true },
    ]);
    for (const day of [16, 17])
      expect(await answerTo(`2017-05-${day - 1}`, `nightly/${first}/2017-05-${day}T10:30:00.000Z`)).toBe(
        'published',
      );
  });
});

describe('the command', () => {
  /** Runs `phase3 schedules …args` on the rig's server. */
  async function schedules(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const { address } = (rig as unknown as { server: TestServer }).server;
    const [stdout, stderr]: [string[], string[]] = [[], []];
    const context = {
      config: { datasetPrefix: null, user: 'ann', sentinel: { everyMs: 0 } },
      stack: { temporal: async () => localTemporal(address), control: async () => null },
      print: (line: string) => stdout.push(line),
      say: (line: string) => stderr.push(line),
      now: () => new Date(),
    } as unknown as Context;
    let code = 0;
    const root = new Command('phase3').exitOverride();
    root.configureOutput({ writeErr: (text) => stderr.push(text), writeOut: (text) => stdout.push(text) });
    addSchedules(root, context, (given) => (code = given));
    try {
      await root.parseAsync(['schedules', ...args], { from: 'user' });
    } catch (error) {
      if (error instanceof CommanderError || error instanceof InvalidRequestError) code = 2;
      else if (error instanceof CommandError) code = error.exitCode;
      else throw error;
      stderr.push(error.message);
    }
    return { code, stdout: stdout.join('\n'), stderr: stderr.join('\n') };
  }

  test('apply says of each what it did', async () => {
    await rig.raw.schedule.getHandle(third).delete();
    await rig.raw.schedule.getHandle(second).update(({ policies, ...rest }) => ({
      ...rest,
      policies: { ...policies, overlap: 'SKIP' },
    }));
    const { code, stdout } = await schedules('apply');
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      `${first}: unchanged`,
      `${second}: updated (overlap)`,
      '  overlap: wanted ALLOW_ALL, found SKIP',
      `${third}: created`,
    ]);
    const { stdout: again } = await schedules('apply', '--json');
    expect(JSON.parse(again)).toMatchObject({
      schedules: names.map((name) => ({ name, outcome: 'unchanged', differences: [] })),
      unknown: [],
    });
  });

  test('list shows times in New York and UTC, pauses, drift, and what is missing or unknown', async () => {
    expect((await schedules('pause', first, '--reason', 'holidays')).stdout).toContain(
      `${first}: paused (paused by ann: holidays)`,
    );
    await rig.raw.schedule.getHandle(second).update(({ spec, ...rest }) => ({
      ...rest,
      spec: { ...spec, jitter: '90s' },
    }));
    await rig.raw.schedule.getHandle(third).delete();
    const { code, stdout } = await schedules('list');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /phase3-nightly-0630: paused \(paused by ann: holidays\), differs from the code: no\n {2}would be \d{4}-\d\d-\d\d 06:30 E[SD]T \(\d{4}-\d\d-\d\dT1[01]:30:00\.000Z\)\n/,
    );
    expect(stdout).toContain(`${second}: on, differs from the code: yes\n`);
    expect(stdout).toContain(
      '  differs  jitter: wanted none, found 90 s\n  `phase3 schedules apply` corrects it.',
    );
    expect(stdout).toContain(`${third}: missing. \`phase3 schedules apply\` creates it.`);
    const { schedules: listed } = JSON.parse((await schedules('list', '--json')).stdout);
    expect(listed).toMatchObject([
      { name: first, missing: false, paused: true, note: 'paused by ann: holidays', drift: false },
      { name: second, paused: false, note: null, drift: true, differences: [{ field: 'jitter' }] },
      { name: third, missing: true, next: [] },
    ]);
    expect(listed[0].next).toHaveLength(3);
    expect(listed[0].next[0]).toEqual({
      new_york: expect.stringMatching(/ 06:30 E[SD]T$/),
      utc: expect.stringMatching(/T1[01]:30:00\.000Z$/),
    });
  });

  test('without a name all are paused and resumed, and one that is missing is said and is a failure', async () => {
    await schedules('apply');
    const paused = await schedules('pause', '--reason', 'a release', '--by', 'bob', '--json');
    expect(paused.code).toBe(0);
    expect(JSON.parse(paused.stdout).schedules).toMatchObject(
      names.map((name) => ({ name, paused: true, note: 'paused by bob: a release' })),
    );
    await rig.raw.schedule.getHandle(third).delete();
    const resumed = await schedules('resume', '--reason', 'released');
    expect(resumed.code).toBe(1);
    expect(resumed.stdout.split('\n')).toEqual([
      `${first}: on (resumed by ann: released)`,
      '  before: paused by bob: a release',
      `${second}: on (resumed by ann: released)`,
      '  before: paused by bob: a release',
      `${third} is not on the server. \`phase3 schedules apply\` creates it.`,
    ]);
    expect((await schedules('trigger', third)).code).toBe(1);
    await schedules('apply');
  });

  test('trigger names the launch', async () => {
    const { code, stdout } = await schedules('trigger', third, '--json');
    expect(code).toBe(0);
    const { workflow_id: workflowId } = JSON.parse(stdout) as { workflow_id: string };
    expect(workflowId).toContain(`${third}-2`);
    expect(await rig.raw.workflow.getHandle(workflowId).result()).toMatchObject({
      gameDate: addDays(newYorkDate(new Date(workflowId.slice(`${third}-`.length))), -1),
    });
  });

  test.each([
    [['pause', 'phase3-nightly-630', '--reason', 'x'], 'Did you mean phase3-nightly-0630?'],
    [['resume', 'nightly-1030', '--reason', 'x'], 'Did you mean phase3-nightly-1030?'],
    [['trigger', 'phase3-nightly-0600'], 'Did you mean phase3-nightly-0630?'],
    [['trigger', 'weekly'], `NAME is "weekly", expected one of the schedules ${names.join(', ')}.`],
    [['pause', first, '--reason', ' '], '--reason is " ", expected why'],
    [
      ['resume', first, '--reason', 'x', '--by', ''],
      '--by is "", expected the name of the person who decides',
    ],
    [['pause', first], "required option '--reason <TEXT>'"],
    [['trigger'], "missing required argument 'NAME'"],
    [['aply'], 'Did you mean apply?'],
    [['list', '--jsn'], 'Did you mean --json?'],
  ])('%j is refused with a sentence, as bad input', async (args, sentence) => {
    const { code, stdout, stderr } = await schedules(...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(sentence);
  });
});
