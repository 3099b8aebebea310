/**
 * A whole system for one test file: real Temporal server, real DuckDB file, real worker. When it closes, every run that
 * the tests made is replayed against the workflows and its order is judged from its history.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import {
  NativeConnection,
  Runtime,
  DefaultLogger,
  Worker,
  type WorkerOptions as WorkerSettings,
} from '@temporalio/worker';

import { version } from '../../package.json';
import { judgeHistory } from '../../scripts/verify/judge-history';
import {
  createActivities,
  withSeveral,
  type ActivityDependencies,
  type AlarmSettings,
} from '../../src/activities';
import { Phase3Client, type AcceptedRun, type RunRequest } from '../../src/client';
import type { Activities } from '../../src/contracts/activities';
import type { DateState } from '../../src/contracts/date-state';
import { addDays } from '../../src/contracts/game-date';
import { identityOf } from '../../src/contracts/identity';
import type { DateReply } from '../../src/contracts/messages';
import { defaultPolicySettings, type PolicySettings } from '../../src/contracts/policy';
import { defaultSentinelSettings, type SentinelSettings } from '../../src/contracts/sentinel';
import { DeploymentVersions } from '../../src/builds/versions';
import { createWorkflowWorker } from '../../src/builds/workflow-worker';
import type { ProcessorVersions } from '../../src/gate/judge-processor';
import type { TableName } from '../../src/tables/catalogue';
import type { Row } from '../../src/tables/define-table';
import type { AuditRow } from '../../src/tables/orchestration';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import type { Warehouse } from '../../src/warehouse/warehouse';
import type { RawTable } from './nights';
import { replaySettings } from './replay-settings';
import { startTestServer, type TestServer } from './temporal';

export interface WorkerOptions {
  /** Policy that differs from the plan's. */
  readonly policy?: Partial<PolicySettings>;
  /** What differs from the sentinel's defaults. */
  readonly sentinel?: Partial<SentinelSettings>;
  readonly versions?: ProcessorVersions;
  /** So many versions keep their rows. */
  readonly keepVersions?: number;
  /** Is told the news; without it nobody is. */
  readonly notify?: NonNullable<ActivityDependencies['notify']>;
  /** When rows are needed, and what is pinged; without it nobody is paged or pinged. */
  readonly alarms?: AlarmSettings;
  /** Its build, as manifests name it. With it the worker has no workflows: {@link Rig.startWorkflows} runs those of a build. */
  readonly build?: string;
  /** Activities that it runs at the same time; the SDK's own number where it is left out. */
  readonly slots?: number;
  /** Wraps activities, to hold or break them. */
  readonly wrap?: (activities: Activities) => Activities;
  /** Wraps the warehouse that the activities see. */
  readonly wrapWarehouse?: (warehouse: Warehouse) => Warehouse;
}

/** The tables that a night publishes. */
export type PublishedTable =
  'team_offense_game_summary' | 'team_defense_game_summary' | 'player_game_summary';

interface FetchedRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  readonly history: Parameters<typeof judgeHistory>[0];
}

/** Waits that a test can afford: the gate's first wait and the deadline are set per test. */
const quickPolicy: PolicySettings = { ...defaultPolicySettings, firstWaitMs: 60_000, longestWaitMs: 300_000 };

/** The level log of runs that are meant to fail is not printed: tests read it from the state. */
const quietLogger = new DefaultLogger('ERROR', ({ level, message, meta }) => {
  if (meta?.['sdkComponent'] !== 'workflow')
    process.stderr.write(`${level} ${message} ${JSON.stringify(meta)}\n`);
});

interface RunningWorker {
  readonly running: Promise<void>;
  readonly instance: Worker;
}

async function stop(worker: RunningWorker | null | undefined): Promise<void> {
  worker?.instance.shutdown();
  await worker?.running;
}

export class Rig {
  private worker: RunningWorker | null = null;
  /** Runs the workflows where the worker has no build. */
  private unversioned: RunningWorker | null = null;
  private readonly workflows = new Map<string, RunningWorker>();
  private dates = 0;

  private constructor(
    private readonly server: TestServer,
    private readonly connection: NativeConnection,
    private readonly folder: string,
    readonly warehouse: Warehouse,
    readonly raw: Client,
    readonly client: Phase3Client,
  ) {}

  /** `openWarehouse` opens another warehouse than a DuckDB file in the folder it is given. */
  static async open(
    serverArguments: readonly string[] = [],
    openWarehouse: (folder: string) => Warehouse | Promise<Warehouse> = (folder) =>
      DuckDbWarehouse.open(join(folder, 'warehouse.duckdb'), folder),
  ): Promise<Rig> {
    if (!Runtime._instance)
      Runtime.install({
        logger: quietLogger,
        telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } },
      });
    const server = await startTestServer(serverArguments);
    const folder = await mkdtemp(join(tmpdir(), 'phase3-rig-'));
    const connection = await NativeConnection.connect({ address: server.address });
    const warehouse = await openWarehouse(folder);
    await warehouse.ensureTables();
    const raw = new Client({ connection });
    return new Rig(
      server,
      connection,
      folder,
      warehouse,
      raw,
      new Phase3Client(raw, undefined, undefined, identityOf(warehouse.prefix)),
    );
  }

  /** Where the server listens, for workers in processes of their own. */
  get address(): string {
    return this.server.address;
  }

  /**
   * Starts a worker, after the present one has stopped. Without a build it is not versioned, and workflows are run as well: most
   * tests need no more.
   */
  async startWorker(options: WorkerOptions = {}): Promise<void> {
    const present = this.worker;
    this.worker = null;
    await stop(present);
    const activities = createActivities({
      warehouse: options.wrapWarehouse?.(this.warehouse) ?? this.warehouse,
      client: this.raw,
      policy: { ...quickPolicy, ...options.policy },
      sentinel: { ...defaultSentinelSettings, ...options.sentinel },
      ...(options.versions ? { versions: options.versions } : {}),
      ...(options.keepVersions === undefined ? {} : { keepVersions: options.keepVersions }),
      ...(options.notify ? { notify: options.notify } : {}),
      ...(options.alarms ? { alarms: options.alarms } : {}),
      ...(options.build === undefined
        ? {}
        : { build: { commit: options.build, id: options.build, sources: {}, schema: null, lock: null } }),
    });
    await this.restartWorkflows(options.build === undefined);
    this.worker = await this.begin({
      activities: options.wrap ? withSeveral(options.wrap(activities)) : activities,
      ...(options.slots === undefined ? {} : { maxConcurrentActivityTaskExecutions: options.slots }),
      // The SDK would pass heartbeats on every eight seconds only, of the ten that one may be silent.
      maxHeartbeatThrottleInterval: '2s',
    });
  }

  async stopWorker(): Promise<void> {
    const both = [this.worker, this.unversioned];
    this.worker = null;
    this.unversioned = null;
    await Promise.all(both.map(stop));
  }

  /**
   * What is open goes on from its history, in a new worker. Where nothing is open the present one stays: a new one would show
   * nothing, and takes thirty times the processor time of one without workflows.
   */
  private async restartWorkflows(isWanted: boolean): Promise<void> {
    if (isWanted && this.unversioned && !(await this.hasOpenRuns())) return;
    const present = this.unversioned;
    this.unversioned = null;
    await stop(present);
    if (!isWanted) return;
    const codePath = process.env['PHASE3_TEST_BUNDLE'];
    if (!codePath) throw new Error('the global setup of jest has not run');
    this.unversioned = await this.begin({ workflowBundle: { codePath }, maxCachedWorkflows: 100 });
  }

  private async begin(options: Partial<WorkerSettings>): Promise<RunningWorker> {
    const instance = await Worker.create({
      connection: this.connection,
      taskQueue: identityOf(this.warehouse.prefix).taskQueue,
      shutdownGraceTime: '1s',
      shutdownForceTime: '3s',
      ...options,
    });
    return { instance, running: instance.run() };
  }

  private async hasOpenRuns(): Promise<boolean> {
    const { count } = await this.raw.workflow.count(`ExecutionStatus = 'Running'`);
    return count > 0;
  }

  /** Starts a worker that runs the workflows of a build, and nothing else, until the rig is closed. */
  async startWorkflows(build: string): Promise<void> {
    if (this.workflows.has(build)) return;
    const instance = await createWorkflowWorker({
      ...{ connection: this.connection, namespace: 'default', build, maxCachedWorkflows: 100 },
      ...{ identity: identityOf(this.warehouse.prefix), bundle: process.env['PHASE3_TEST_BUNDLE'] ?? '' },
    });
    this.workflows.set(build, { instance, running: instance.run() });
    if (!(await this.deployed.untilKnown(build, 20_000))) throw new Error(`${build} is not known`);
  }

  /** Ends the workflows of a build that was replaced, as when no run is open on it any more. */
  async stopWorkflows(build: string): Promise<void> {
    const found = this.workflows.get(build);
    this.workflows.delete(build);
    await stop(found);
  }

  /** The builds of this deployment, as Temporal has them. */
  get deployed(): DeploymentVersions {
    return new DeploymentVersions(this.raw, identityOf(this.warehouse.prefix));
  }

  async load(table: RawTable, rows: readonly Row[]): Promise<void> {
    await this.warehouse.loadRows(
      table,
      (async function* () {
        yield rows;
      })(),
    );
  }

  /** Loads the tables of a night that are given. */
  async loadNight(night: Partial<Record<RawTable, readonly Row[]>>): Promise<void> {
    for (const table of ['nbac_schedule', 'nbac_team_boxscore', 'nbac_gamebook_player_stats'] as const) {
      const rows = night[table];
      if (rows && rows.length > 0) await this.load(table, rows);
    }
  }

  /** Runs a date to its answer. */
  async run(request: RunRequest): Promise<{ accepted: AcceptedRun; answer: DateReply; state: DateState }> {
    const accepted = await this.client.run(request);
    return { accepted, ...(await this.answerTo(accepted)) };
  }

  async answerTo(accepted: AcceptedRun): Promise<{ answer: DateReply; state: DateState }> {
    for await (const { state, answer } of this.client.follow(accepted)) if (answer) return { answer, state };
    throw new Error(`${accepted.gameDate}: the run ended without a result to ${accepted.requestId}`);
  }

  /** A date that no other test of this rig has. Nothing is played on it until a night is loaded. */
  nextDate(): string {
    this.dates += 1;
    return addDays('2017-02-28', this.dates);
  }

  /** Loads a night that lacks something, runs its date, and is there when the gate waits. */
  async waiting(
    request: RunRequest,
    night: Partial<Record<RawTable, readonly Row[]>>,
  ): Promise<{ accepted: AcceptedRun; state: DateState }> {
    await this.loadNight(night);
    const accepted = await this.client.run(request);
    return { accepted, state: await this.until(accepted.gameDate, ({ runState }) => runState === 'waiting') };
  }

  /** The audit of a date, in the order of its chain. */
  async audit(gameDate: string): Promise<AuditRow[]> {
    const { bypass_audit: rows } = await this.warehouse.readDate(gameDate, ['bypass_audit']);
    return [...rows].sort((a, b) => a.seq - b.seq);
  }

  /** Waits until the run has closed: its answer comes before it has told people and ended. */
  async end({ workflowId, runId }: Pick<AcceptedRun, 'workflowId' | 'runId'>): Promise<void> {
    await this.raw.workflow.getHandle(workflowId, runId).result();
  }

  /** Waits until the date's newest run is in a state that `holds`. */
  async until(gameDate: string, holds: (state: DateState) => boolean): Promise<DateState> {
    for (;;) {
      const known = await this.client.state(gameDate);
      if (known && holds(known.state)) return known.state;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Waits until the date is listed as `holds`: its answer comes before its run has set its marks, or ended. */
  async untilListed(
    gameDate: string,
    holds: (listed: Awaited<ReturnType<Phase3Client['listed']>>) => boolean,
  ): Promise<void> {
    while (!holds(await this.client.listed(gameDate)))
      await new Promise((resolve) => setTimeout(resolve, 50));
  }

  /** Rows of a published partition, in key order, without what differs from build to build: instants and ids. */
  async published(table: TableName, gameDate: string): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const batch of this.warehouse.exportRows(table, gameDate, gameDate)) rows.push(...batch);
    return rows.map(({ processed_at: _, bypass_id: __, ...rest }) => rest);
  }

  async publishedNight(gameDate: string): Promise<Record<PublishedTable, Row[]>> {
    return {
      team_offense_game_summary: await this.published('team_offense_game_summary', gameDate),
      team_defense_game_summary: await this.published('team_defense_game_summary', gameDate),
      player_game_summary: await this.published('player_game_summary', gameDate),
    };
  }

  /** Live versions by table. */
  async versions(gameDate: string): Promise<Record<string, number>> {
    const { partition_manifest: manifests } = await this.warehouse.readDate(gameDate, ['partition_manifest']);
    const versions: Record<string, number> = {};
    for (const { table_name, version } of manifests)
      versions[table_name] = Math.max(versions[table_name] ?? 0, version);
    return versions;
  }

  /**
   * With `PHASE3_RECORD=1`, keeps a run's history as `test/replay/histories/<workflow>.<scenario>.<version>.json`, unless
   * that is there: recorded histories are only ever added.
   */
  async keepHistory(scenario: string, workflowId: string, runId?: string): Promise<void> {
    if (process.env['PHASE3_RECORD'] !== '1') return;
    const handle = this.raw.workflow.getHandle(workflowId, runId);
    const { type } = await handle.describe();
    const path = join(__dirname, '..', 'replay', 'histories', `${type}.${scenario}.${version}.json`);
    const history: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()));
    await writeFile(path, `${JSON.stringify({ workflowId, history })}\n`, { flag: 'wx' }).catch(
      (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      },
    );
  }

  /** Ends open runs, replays and judges every run that was made, and takes everything down. */
  async close(): Promise<void> {
    try {
      await this.endOpenRuns();
      await this.stopWorker();
      await this.judgeAndReplay();
    } finally {
      await this.stopWorker();
      await Promise.all([...this.workflows.values()].map(stop));
      await this.warehouse.close();
      await this.connection.close();
      await this.server.stop();
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  private async endOpenRuns(): Promise<void> {
    for await (const { workflowId, status } of this.raw.workflow.list())
      if (status.name === 'RUNNING')
        await this.raw.workflow
          .getHandle(workflowId)
          .terminate('the test is over')
          .catch((error: unknown) => {
            // It has ended since it was listed.
            if (!(error instanceof WorkflowNotFoundError)) throw error;
          });
  }

  /** All by one worker: to start one for each run would take three times the processor time. */
  private async judgeAndReplay(): Promise<void> {
    const underWay = new Map<string, FetchedRun>();
    const histories = this.fetchRuns((run) => underWay.set(run.runId, run));
    for await (const { runId, error } of Worker.runReplayHistories(replaySettings(), histories)) {
      const { workflowId, history } = underWay.get(runId)!;
      underWay.delete(runId);
      if (error) {
        // The server goes with the test; without its history nobody could say what happened.
        const path = join(tmpdir(), `phase3-not-replayed-${runId}.json`);
        await writeFile(path, historyToJSON(history));
        throw new Error(`${workflowId} does not replay; its history is in ${path}`, { cause: error });
      }
      const violations = judgeHistory(history);
      if (violations.length > 0)
        throw new Error(`${workflowId} ran out of order: ${JSON.stringify(violations)}`);
    }
  }

  /** Every run that was made, with its history; `note` hears of each before it is given away. */
  private async *fetchRuns(note: (run: FetchedRun) => void): AsyncGenerator<FetchedRun> {
    for await (const { workflowId, runId, type } of this.raw.workflow.list()) {
      const history = await this.raw.workflow.getHandle(workflowId, runId).fetchHistory();
      const run = { workflowId, runId, type, history };
      note(run);
      yield run;
    }
  }
}
