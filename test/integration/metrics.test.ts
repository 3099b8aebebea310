/** What a worker shows Prometheus, scraped from the runtime's own endpoint while real dates go through it. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Worker } from '@temporalio/worker';
import { processorNames, processorOf } from '../../src/plan/registry';
import { installRuntime, MetricsAddressError } from '../../src/observability/runtime';
import { freePort } from '../../src/stack/processes';
import { demoNight, movedTo } from '../support/nights';
import { losing } from '../support/wrap-warehouse';
import { replaySettings } from '../support/replay-settings';
import { Rig } from '../support/rig';

const night = demoNight('2017-04-15');
const player = 'PlayerGameSummaryProcessor';
const by = 'ana@example.org';
const dates = {
  good: '2017-11-01',
  waits: '2017-11-02',
  /** One of four games has no team rows, which is less than 80 %: by policy, since the date is old. */
  byPolicy: '2017-11-03',
  quarantined: '2017-11-04',
  blocked: '2017-11-05',
};

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

let takenAddress: string;
let taken: unknown;
let foreign: unknown;
let url: string;
let rig: Rig;

/** Only errors are printed, and none that the tests ask for. */
function write(line: string): void {
  const { level, sdkComponent } = JSON.parse(line) as { level: string; sdkComponent?: string };
  if (level === 'ERROR' && sdkComponent !== 'workflow') process.stderr.write(`${line}\n`);
}

/** What installing the runtime throws. */
function refusal(metricsAddress: string): unknown {
  try {
    return installRuntime({ metricsAddress });
  } catch (error) {
    return error;
  }
}

beforeAll(async () => {
  // There is one runtime to a process, so what cannot be installed comes first.
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  takenAddress = `127.0.0.1:${(holder.address() as AddressInfo).port}`;
  taken = refusal(takenAddress);
  holder.close();
  foreign = refusal('192.0.2.1:9464');
  url = installRuntime({ metricsAddress: `127.0.0.1:${await freePort()}`, write });
  rig = await Rig.open();
});
afterAll(() => rig.close());

async function scrape(): Promise<string[]> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return (await response.text()).split('\n').filter((line) => line !== '');
}

/** The lines of ours. */
function ours(lines: readonly string[]): string[] {
  return lines.filter((line) => /^(# (TYPE|HELP) )?phase3_/.test(line));
}

function samplesIn(lines: readonly string[]): Sample[] {
  return ours(lines).flatMap((line) => {
    if (line.startsWith('#')) return [];
    const [, name = '', labels = '', value] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', text = '']) => [key, text]);
    return [{ name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }];
  });
}

/** The sum of all samples of that name that have these labels. */
function sum(
  samples: readonly Sample[],
  name: string,
  wanted: Readonly<Record<string, string>> = {},
): number {
  return samples
    .filter((sample) => sample.name === name)
    .filter(({ labels }) => Object.entries(wanted).every(([key, text]) => labels[key] === text))
    .reduce((total, { value }) => total + value, 0);
}

/** Takes each date to where it is to be, with one processor's bypass, and one gate that waits and opens. */
async function runTheDates(): Promise<void> {
  const at = (gameDate: string): ReturnType<typeof movedTo> => movedTo(night, gameDate);
  await rig.startWorker();

  await rig.loadNight(at(dates.good));
  await rig.run({ gameDate: dates.good });

  await rig.loadNight({ ...at(dates.waits), nbac_team_boxscore: [] });
  const accepted = await rig.client.run({ gameDate: dates.waits });
  await rig.until(dates.waits, (state) => state.runState === 'waiting');
  await rig.client.bypass({ gameDate: dates.waits, processor: player, reason: 'the site needs players', by });
  await rig.until(
    dates.waits,
    (state) => state.bypasses[0]?.status === 'standing' && state.runState === 'waiting',
  );
  await rig.load('nbac_team_boxscore', at(dates.waits).nbac_team_boxscore);
  await rig.client.recheck({ gameDate: dates.waits, by });
  await rig.answerTo(accepted);

  const three = at(dates.byPolicy);
  const [someGame] = three.nbac_team_boxscore.map((row) => row['game_id']);
  await rig.loadNight({
    ...three,
    nbac_team_boxscore: three.nbac_team_boxscore.filter((row) => row['game_id'] !== someGame),
    nbac_gamebook_player_stats: three.nbac_gamebook_player_stats.filter((row) => row['game_id'] !== someGame),
  });
  await rig.run({ gameDate: dates.byPolicy });

  await rig.loadNight(at(dates.quarantined));
  await rig.startWorker({ wrapWarehouse: losing('player_game_summary') });
  await rig.run({ gameDate: dates.quarantined });

  await rig.startWorker({ policy: { deadlineMs: 0 } });
  await rig.load('nbac_schedule', at(dates.blocked).nbac_schedule);
  await rig.run({ gameDate: dates.blocked });
}

const outcomes = [
  ...['published', 'unchanged', 'waiting', 'blocked', 'quarantined', 'failed', 'upstream_failed', 'skipped'],
];
const buckets = [
  '0.1',
  '0.5',
  '1',
  '5',
  '15',
  '30',
  '60',
  '120',
  '300',
  '600',
  '900',
  '1800',
  '3600',
  '7200',
].concat(['14400', '43200', '86400', '+Inf']);
const gate = { level: ['1', '2'], outcome: ['opened', 'blocked', 'ended'] };
/** Every value that a label of ours may ever have. */
const labelsOf: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  phase3_bypasses_total: { kind: ['person', 'policy'] },
  phase3_check_failures_total: { processor: processorNames },
  phase3_gate_probes_total: { verdict: ['open', 'shut', 'check_failed'] },
  phase3_gate_wait_seconds_bucket: { ...gate, le: buckets },
  phase3_gate_wait_seconds_count: gate,
  phase3_gate_wait_seconds_sum: gate,
  phase3_processor_outcomes_total: { processor: processorNames, outcome: outcomes },
  phase3_publishes_total: { processor: processorNames },
};
/** What the SDK adds: of an activity its name. */
const sdkLabels = { namespace: ['default'], taskQueue: ['phase3'] };

describe('while dates go through it', () => {
  let lines: string[];
  let samples: Sample[];

  beforeAll(async () => {
    await runTheDates();
    lines = await scrape();
    samples = samplesIn(lines);
  });

  test('the names and types are what alerts and dashboards are written for', () => {
    expect(lines.filter((line) => line.startsWith('# TYPE phase3_'))).toEqual([
      '# TYPE phase3_bypasses_total counter',
      '# TYPE phase3_check_failures_total counter',
      '# TYPE phase3_gate_probes_total counter',
      '# TYPE phase3_gate_wait_seconds histogram',
      '# TYPE phase3_processor_outcomes_total counter',
      '# TYPE phase3_publishes_total counter',
    ]);
    expect(lines).toContain(
      '# HELP phase3_check_failures_total Staged partitions that failed a blocking check.',
    );
    const waits = samples.filter(({ name }) => name === 'phase3_gate_wait_seconds_bucket');
    expect(waits.slice(0, buckets.length).map(({ labels }) => labels['le'])).toEqual(buckets);
  });

  test('labels are from closed sets: no date, no id, nobody', () => {
    expect([...new Set(samples.map(({ name }) => name))].sort()).toEqual(Object.keys(labelsOf));
    for (const { name, labels } of samples) {
      const allowed: Readonly<Record<string, readonly string[]>> = { ...labelsOf[name], ...sdkLabels };
      const { activityType = '', ...others } = labels;
      expect(activityType).toMatch(/^\w+$/);
      expect(Object.keys(others).sort()).toEqual(Object.keys(allowed).sort());
      for (const [key, text] of Object.entries(others)) expect(allowed[key]).toContain(text);
    }
    expect(ours(lines).join('\n')).not.toMatch(/2017|@|bypass_id|run_id|\/phase3/i);
  });

  test('as many versions are counted as are on record', async () => {
    const versions = await versionsOnRecord();
    for (const processor of processorNames)
      expect([processor, sum(samples, 'phase3_publishes_total', { processor })]).toEqual([
        processor,
        versions[processorOf(processor).table.name],
      ]);
    expect(sum(samples, 'phase3_publishes_total')).toBe(12);
  });

  test('waits, bypasses, checks and probes are what happened', () => {
    const wait = (part: 'count' | 'sum', labels: Record<string, string>): number =>
      sum(samples, `phase3_gate_wait_seconds_${part}`, labels);
    expect(wait('sum', { level: '1', outcome: 'opened' })).toBeGreaterThan(0);
    expect(wait('count', { level: '1', outcome: 'opened' })).toBe(4);
    expect(wait('count', { level: '2', outcome: 'opened' })).toBe(4);
    expect(wait('sum', { level: '2', outcome: 'opened' })).toBe(0);
    // The bypass let the players through; the teams' wait went on.
    expect(wait('count', { outcome: 'ended' })).toBe(0);
    expect(wait('count', { level: '1', outcome: 'blocked' })).toBe(1);
    expect(wait('count', { outcome: 'blocked' })).toBe(1);

    expect(sum(samples, 'phase3_bypasses_total', { kind: 'person' })).toBe(1);
    expect(sum(samples, 'phase3_bypasses_total', { kind: 'policy' })).toBe(3);
    expect(sum(samples, 'phase3_check_failures_total', { processor: player })).toBe(1);
    expect(sum(samples, 'phase3_check_failures_total')).toBe(1);
    const outcome = (word: string): number =>
      sum(samples, 'phase3_processor_outcomes_total', { outcome: word });
    // One pass has published the players twice.
    expect(outcome('published')).toBe(11);
    expect(outcome('quarantined')).toBe(1);
    expect(outcome('blocked')).toBe(3);
    expect(sum(samples, 'phase3_gate_probes_total', { verdict: 'open' })).toBeGreaterThanOrEqual(13);
    expect(sum(samples, 'phase3_gate_probes_total', { verdict: 'shut' })).toBeGreaterThanOrEqual(6);
  });

  test("the SDK's own stand beside them, in seconds", () => {
    expect(lines).toContain('# TYPE temporal_workflow_task_execution_latency histogram');
    expect(lines).toContain('# TYPE temporal_worker_task_slots_used gauge');
    const activities = lines.filter((line) => line.startsWith('temporal_activity_execution_latency_sum{'));
    const seconds = activities.reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
    // Fewer than 50 activities of milliseconds each: in milliseconds the sum would be above a hundred.
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(100);
  });

  test('a replay counts nothing', async () => {
    await rig.stopWorker();
    const before = ours(await scrape());
    for (const gameDate of Object.values(dates)) {
      const history = await rig.raw.workflow.getHandle(`phase3/${gameDate}`).fetchHistory();
      await Worker.runReplayHistory(replaySettings(), history, `phase3/${gameDate}`);
    }
    expect(ours(await scrape())).toEqual(before);
  });
});

/** Versions of each table that the manifests know of, over all dates. */
async function versionsOnRecord(): Promise<Record<string, number>> {
  const versions: Record<string, number> = {};
  for (const gameDate of Object.values(dates))
    for (const [table, version] of Object.entries(await rig.versions(gameDate)))
      versions[table] = (versions[table] ?? 0) + version;
  return versions;
}

describe('an address that cannot be listened on', () => {
  const remedy =
    'Set PHASE3_METRICS_ADDRESS to another address such as 127.0.0.1:9464, or unset it for a free port.';

  test('is named with what sets it when another has the port', () => {
    expect(taken).toEqual(
      new MetricsAddressError(
        `Metrics cannot be served on ${takenAddress}: the address is in use, maybe by another worker. ${remedy}`,
      ),
    );
  });

  test("is named too when it is none of this machine's", () => {
    expect(foreign).toEqual(
      new MetricsAddressError(
        `Metrics cannot be served on 192.0.2.1:9464: this machine has no such address. ${remedy}`,
      ),
    );
  });
});
