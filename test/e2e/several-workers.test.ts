/**
 * Several workers and two gateways, processes of their own, before one Temporal server and one BigQuery project. Nights come to
 * either gateway, many of them twice and some to both at once, and one worker is killed at its work: nothing is done twice and
 * nothing is lost, by the histories, the manifests, the rows, the passes on record and the audit.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { verifyChain } from '../../src/audit/chain';
import { addDays } from '../../src/contracts/game-date';
import { identityOf } from '../../src/contracts/identity';
import { inOrderOfEnd } from '../../src/contracts/run-record';
import { freePort } from '../../src/stack/processes';
import type { Row } from '../../src/tables/define-table';
import {
  describeWithEmulator,
  emulatorStartMs,
  emulatorVariables,
  onEmulator,
  startEmulator,
  type Emulator,
} from '../support/bigquery-emulator';
import { startBuilt, type BuiltProcess } from '../support/built-process';
import { activitiesOf } from '../support/history';
import { demoNight, movedTo } from '../support/nights';
import { PushSubscription, type Delivery } from '../support/push-subscription';
import { Rig, type PublishedTable } from '../support/rig';
import { findingsOf, verify } from '../support/verified';

const night = demoNight('2017-04-15');
const gamebook = 'nbac_gamebook_player_stats';
const teams = 'nbac_team_boxscore';
const once = { team_offense_game_summary: 1, team_defense_game_summary: 1, player_game_summary: 1 };
const reason = 'the league sends the team rows of that night later';

/**
 * Of each date the gamebook is told of, and then the team rows, which the last one lacks until the worker is killed. A night costs
 * the emulator some ten seconds of processor time, so there are not many.
 */
interface Plan {
  readonly workers: number;
  readonly dates: readonly string[];
  readonly late: readonly string[];
  readonly seed: number;
}

function planOf(workers: number, from: string, count: number): Plan {
  const dates = Array.from({ length: count }, (_, day) => addDays(from, day));
  return { workers, dates, late: dates.slice(-1), seed: workers };
}

interface Sent {
  readonly messageId: string;
  readonly source: string;
  readonly gameDate: string;
  /** The gateways that it is delivered to. */
  readonly doors: readonly number[];
}

describeWithEmulator('several workers and two gateways', () => {
  let emulator: Emulator;
  let rig: Rig;
  let folder: string;
  const processes: BuiltProcess[] = [];
  const gateways: string[] = [];

  jest.setTimeout(emulatorStartMs);

  beforeAll(async () => {
    emulator = await startEmulator();
    rig = await Rig.open([], onEmulator(emulator));
    folder = await mkdtemp(join(tmpdir(), 'phase3-several-'));
    for (const name of ['a', 'b']) {
      const port = String(await freePort());
      const gateway = start('gateway', `gateway-${name}`, { PHASE3_GATEWAY_PORT: port });
      await gateway.said('serving ');
      gateways.push(`http://127.0.0.1:${port}`);
    }
  }, emulatorStartMs);

  afterAll(async () => {
    for (const one of processes) one.kill();
    await Promise.all(processes.map((one) => one.ended));
    await rig.close();
    await emulator.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Each has a home of its own, as on a machine of its own. Gates look again when they are told to only. */
  function start(what: 'worker' | 'gateway', home: string, more: NodeJS.ProcessEnv = {}): BuiltProcess {
    const started = startBuilt(what, {
      ...{ PHASE3_HOME: join(folder, home), TEMPORAL_ADDRESS: rig.address },
      ...emulatorVariables(emulator),
      ...{ PHASE3_GATE_FIRST_WAIT_SECONDS: '600', PHASE3_GATE_LONGEST_WAIT_SECONDS: '600' },
      ...{ PHASE3_GATE_DEADLINE_SECONDS: '3600', PHASE3_GATEWAY_WAIT_SECONDS: '110' },
      ...more,
    });
    processes.push(started);
    return started;
  }

  const workflowOf = (gameDate: string): string => identityOf(null).dateWorkflowId(gameDate);

  /** Which of the dates the worker is at work on, as Temporal has it. */
  async function atWork({ dates }: Plan, { pid }: BuiltProcess): Promise<string[]> {
    const found = await Promise.all(
      dates.map(async (gameDate) => {
        const described = await rig.raw.workflow
          .getHandle(workflowOf(gameDate))
          .describe()
          .catch(() => null);
        const pending = described?.raw.pendingActivities ?? [];
        return pending.some((one) => one.lastWorkerIdentity?.startsWith(`${pid}@`)) ? [gameDate] : [];
      }),
    );
    return found.flat();
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await pause(20);
  }

  /** Publishes news of every date to a gateway by chance, or to both. */
  function publishAll({ dates, seed }: Plan, doors: readonly PushSubscription[]): Sent[] {
    return [gamebook, teams].flatMap((source, round) =>
      dates.map((gameDate, index): Sent => {
        const chance = (index * 7 + round * 3 + seed) % 4;
        const sent = {
          ...{ source, gameDate, messageId: `${seed}-${round}-${index}` },
          doors: chance < 2 ? [0, 1] : [chance - 2],
        };
        for (const door of sent.doors)
          doors[door]?.publish({ source_table: source, game_date: gameDate }, { messageId: sent.messageId });
        return sent;
      }),
    );
  }

  interface Played {
    readonly sent: readonly Sent[];
    readonly deliveries: readonly (readonly Delivery[])[];
    /** The dates that the killed worker was at work on. */
    readonly cutOff: readonly string[];
    /** Decisions that were taken about the dates that waited. */
    readonly taken: Readonly<Record<string, number>>;
  }

  /** Everything that happens to a plan, to the last answer. */
  async function play(plan: Plan): Promise<Played> {
    const nights = plan.dates.map((gameDate) => movedTo(night, gameDate));
    for (const table of ['nbac_schedule', gamebook, teams] as const)
      await rig.load(
        table,
        nights.flatMap((one, index) =>
          table === teams && plan.late.includes(plan.dates[index] ?? '') ? [] : one[table],
        ),
      );
    const workers = Array.from({ length: plan.workers }, (_, index) =>
      start('worker', `worker-${plan.workers}-${index}`),
    );
    // All at once, as when a deployment begins.
    await Promise.all(workers.map((worker) => worker.said(' is current')));
    const doors = gateways.map(
      (url, index) =>
        new PushSubscription({
          endpoint: `${url}/process`,
          ...{ speed: 1000, minimumBackoffSeconds: 300, maximumBackoffSeconds: 1000 },
          ...{ ackDeadlineSeconds: 600, ackDeadlineMs: 120_000, maxDeliveryAttempts: null },
          ...{ duplicateShare: 0.4, disorderShare: 0.3, seed: 10 * plan.seed + index },
        }),
    );
    try {
      const sent = publishAll(plan, doors);
      const [victim] = workers;
      let cutOff: string[] = [];
      await until(async () => (cutOff = await atWork(plan, victim!)).length > 0);
      victim!.kill();
      await victim!.ended;
      // What it was at when it ended: some may have been through by then.
      cutOff = await atWork(plan, victim!);
      const taken = await decideAtBoth(plan);
      for (const gameDate of plan.late) await rig.load(teams, movedTo(night, gameDate)[teams]);
      for (const gameDate of plan.late) await rig.client.recheck({ gameDate, by: 'ana@example.org' });
      await Promise.all(doors.map((door) => door.drained(500_000)));
      await Promise.all(plan.dates.map(ended));
      return { sent, cutOff, taken, deliveries: doors.map((door) => door.deliveries) };
    } finally {
      await Promise.all(doors.map((door) => door.close()));
      for (const worker of workers) worker.kill();
    }
  }

  /**
   * The same decision by two people, at the same time, one at each gateway: about each date that waits. Says how many were taken
   * of each: one that comes when the date waits no more is refused.
   */
  async function decideAtBoth({ late }: Plan): Promise<Record<string, number>> {
    const taken: Record<string, number> = {};
    for (const gameDate of late) {
      // Who is asked may be the one that was killed.
      const stateOf = () => rig.client.state(gameDate).catch(() => null);
      await until(async () => (await stateOf())?.state.runState === 'waiting');
      const body = JSON.stringify({ for: '1h', reason });
      const answers = await Promise.all(
        gateways.map((url) => fetch(`${url}/dates/${gameDate}/extend`, { method: 'POST', body })),
      );
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
      taken[gameDate] = statuses.filter((status) => status === 200).length;
      expect(taken[gameDate]).toBeGreaterThan(0);
    }
    return taken;
  }

  const idOf = ({ source, messageId }: Sent): string => `pubsub/${source}/${messageId}`;

  /** A date's rows as if they were another's, so that those of all dates are to be equal. */
  async function rowsOf(gameDate: string): Promise<Record<PublishedTable, Row[]>> {
    const text = JSON.stringify(await rig.publishedNight(gameDate));
    const days = gameDate.replaceAll('-', '');
    const same = text.replaceAll(gameDate, 'DATE').replaceAll(`${days}_`, 'DATE_');
    // The hash of a row is of its date, too; that it is that of the row is verified below.
    return JSON.parse(same.replaceAll(/"data_hash":"\w+"/g, '"data_hash":""')) as Record<
      PublishedTable,
      Row[]
    >;
  }

  /** The passes of a date on record: how each ended, and for whom. */
  async function passesOf(gameDate: string): Promise<{ state: string; ids: string[] }[]> {
    const { run_history: rows } = await rig.warehouse.readDate(gameDate, ['run_history']);
    return inOrderOfEnd(rows).map(({ state, requests }) => ({
      state,
      ids: (JSON.parse(requests) as { request_id: string }[]).map(({ request_id: id }) => id),
    }));
  }

  /** Each processor that was built and published, by all runs of a date; who did its activities, and the most attempts of one. */
  async function publishedBy(
    gameDate: string,
  ): Promise<{ types: string[]; pids: Set<string>; attempts: number }> {
    const types: string[] = [];
    let attempts = 0;
    const pids = new Set<string>();
    const query = `WorkflowId = '${workflowOf(gameDate)}'`;
    for await (const { workflowId, runId } of rig.raw.workflow.list({ query })) {
      const { events } = await rig.raw.workflow.getHandle(workflowId, runId).fetchHistory();
      for (const { activityTaskStartedEventAttributes: started } of events ?? [])
        if (started) {
          pids.add(started.identity?.split('@')[0] ?? '');
          attempts = Math.max(attempts, started.attempt ?? 0);
        }
      for (const { type, result } of await activitiesOf(rig.raw, workflowId, runId))
        if ((result as { result?: { outcome?: string } } | null)?.result?.outcome === 'published')
          types.push(type);
    }
    return { types: types.sort(), pids, attempts };
  }

  /** Whoever waits in vain is told that the work goes on (202), which is an answer, too: what came of it is on record. */
  function expectAnswered({ sent, deliveries }: Played): void {
    for (const { messageId, doors } of sent)
      for (const door of doors) {
        const own = (deliveries[door] ?? []).filter((one) => one.messageId === messageId && one.acknowledged);
        expect([messageId, own.filter(({ duplicate }) => !duplicate).length]).toEqual([messageId, 1]);
        for (const { body } of own)
          expect(['completed', 'unchanged', 'running']).toContain((body as { status: string }).status);
      }
  }

  /** Those that were told that the work goes on may have been told so before its end. */
  const ended = (gameDate: string): Promise<unknown> =>
    rig.raw.workflow.getHandle(workflowOf(gameDate)).result();

  async function expectOnce({ dates }: Plan, { sent, taken }: Played): Promise<void> {
    const [first = ''] = dates;
    const rows = await rowsOf(first);
    expect(rows.player_game_summary.length).toBeGreaterThan(80);
    for (const gameDate of dates) {
      const { partition_manifest: manifests } = await rig.warehouse.readDate(gameDate, [
        'partition_manifest',
      ]);
      expect([gameDate, manifests.length, await rig.versions(gameDate)]).toEqual([gameDate, 3, once]);
      expect(await rowsOf(gameDate)).toEqual(rows);
      const passes = await passesOf(gameDate);
      const states = passes.map(({ state }) => state);
      expect([gameDate, states.filter((state) => state !== 'unchanged')]).toEqual([gameDate, ['published']]);
      const asked = new Set(passes.flatMap(({ ids }) => ids));
      const told = sent.filter((one) => one.gameDate === gameDate).map(idOf);
      expect([gameDate, [...asked].sort()]).toEqual([gameDate, told.sort()]);
      const audit = await rig.audit(gameDate);
      expect(verifyChain(gameDate, audit, [])).toBeNull();
      expect(audit.map(({ kind, seq }) => `${kind} ${seq}`)).toEqual(
        Array.from({ length: taken[gameDate] ?? 0 }, (_, index) => `deadline_extended ${index + 1}`),
      );
    }
    expect(findingsOf(await verify(rig.warehouse, { from: first, to: dates.at(-1)! }))).toEqual([]);
  }

  test.each([planOf(2, '2017-10-01', 4), planOf(4, '2017-11-01', 4)])(
    '$workers workers: every asker is answered once, and every table published once',
    async (plan) => {
      const played = await play(plan);
      expectAnswered(played);
      await expectOnce(plan, played);
      const published = await Promise.all(plan.dates.map(publishedBy));
      for (const { types } of published)
        expect(types).toEqual([
          'buildPlayerGameSummary',
          'buildTeamDefenseGameSummary',
          'buildTeamOffenseGameSummary',
        ]);
      // What was cut off was taken up by others, and each of them had its part.
      const cutOff = published.filter((_, index) => played.cutOff.includes(plan.dates[index] ?? ''));
      for (const { attempts } of cutOff) expect(attempts).toBeGreaterThan(1);
      const pids = new Set(published.flatMap((one) => [...one.pids]));
      expect(pids.size).toBeGreaterThanOrEqual(Math.min(2, plan.workers - 1));
    },
  );
});
