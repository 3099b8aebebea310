/**
 * The dashboard and the alert rules against what is really scraped: each metric and label that a query names is there once a worker
 * and a gateway have seen a bad week.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { parser as promQl } from '@prometheus-io/lezer-promql' with { 'resolution-mode': 'import' };
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import { grafanaDashboard } from '../../scripts/observability/dashboard';
import { queries } from '../../scripts/observability/queries';
import { alertRules, prometheusRules } from '../../scripts/observability/rules';
import { identityOf } from '../../src/contracts/identity';
import { GatewayMetrics } from '../../src/gateway/metrics';
import { lastPoll } from '../../src/gateway/server-probe';
import { WorkerWatch } from '../../src/gateway/worker-watch';
import { installRuntime, measureEventLoop } from '../../src/observability/runtime';
import { ScheduleKeeper } from '../../src/schedules/schedule-keeper';
import { freePort } from '../../src/stack/processes';
import type { Row } from '../../src/tables/define-table';
import { sql } from '../support/by-hand';
import { startGateway } from '../support/gateway';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';
import { losing, misStoring } from '../support/wrap-warehouse';

const night = demoNight('2017-04-15');
const { taskQueue } = identityOf(null);
/** Some days after the dates of a rig, so that they are due, and old. */
const policy = { now: '2017-03-10T15:00:00Z' };
const root = join(__dirname, '..', '..');

/** Labels that Prometheus puts on every series by itself. */
const ofPrometheus = ['instance', 'job'];

let parser: typeof promQl;

beforeAll(async () => {
  ({ parser } = await import('@prometheus-io/lezer-promql'));
});

interface Names {
  readonly metrics: string[];
  readonly labels: string[];
}

/** Metrics and labels that a query names; throws where it is no PromQL. */
function namesIn(query: string): Names {
  const text = query.replaceAll('$__rate_interval', '5m');
  const [metrics, labels] = [new Set<string>(), new Set<string>()];
  parser.parse(text).iterate({
    enter: ({ name, type, from, to, node }) => {
      if (type.isError) throw new Error(`${text} is no PromQL at ${from}`);
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') metrics.add(text.slice(from, to));
      if (name === 'LabelName') labels.add(text.slice(from, to));
    },
  });
  return { metrics: [...metrics], labels: [...labels] };
}

/** Labels of each metric of a scrape, by the names of its samples. */
function scraped(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const line of text.split('\n')) {
    const [, name, labels = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const known = found.get(name) ?? new Set<string>();
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
    found.set(name, known);
  }
  return found;
}

/** What a query names and the scrape does not have. */
function missingIn(query: string, scrape: Map<string, Set<string>>): string[] {
  const { metrics, labels } = namesIn(query);
  const known = new Set([...metrics.flatMap((name) => [...(scrape.get(name) ?? [])]), ...ofPrometheus]);
  return [...metrics.filter((name) => !scrape.has(name)), ...labels.filter((label) => !known.has(label))];
}

/** Takes dates to where every metric of theirs has been counted. */
async function playABadWeek(rig: Rig): Promise<void> {
  const next = (): ReturnType<typeof movedTo> => movedTo(night, rig.nextDate());
  const dateOf = (whole: ReturnType<typeof movedTo>): string => String(whole.nbac_schedule[0]?.['game_date']);
  await rig.startWorker({ policy, sentinel: { policy: 'repair' } });
  const good = next();
  await rig.loadNight(good);
  await rig.run({ gameDate: dateOf(good) });

  // By policy, since the date is old; one game is held, and one player has a reason not to have played although he did.
  const odd = next();
  const late = odd.nbac_team_boxscore[0]?.['game_id'];
  const contradicted = odd.nbac_team_boxscore.filter((row) => row['game_id'] !== late);
  const held = contradicted[0]?.['game_id'];
  let isFirst = true;
  const withReason = (row: Row): Row => {
    const becomes = isFirst && row['player_status'] === 'active' && row['game_id'] !== held;
    if (becomes) isFirst = false;
    return becomes ? { ...row, dnp_reason: "DNP - Coach's Decision" } : row;
  };
  await rig.loadNight({
    ...odd,
    nbac_team_boxscore: contradicted.map((row) => (row['game_id'] === held ? { ...row, assists: 3 } : row)),
    nbac_gamebook_player_stats: odd.nbac_gamebook_player_stats
      .filter((row) => row['game_id'] !== late)
      .map(withReason),
  });
  await rig.run({ gameDate: dateOf(odd) });

  // The sentinel finds a row that somebody altered, and has it built again.
  const table = 'team_offense_game_summary';
  await sql(
    rig.warehouse,
    `UPDATE nba_analytics.${table} SET points_scored = 1 WHERE game_date = '${dateOf(good)}'`,
  );
  const keeper = new ScheduleKeeper(rig.raw.schedule, identityOf(null), { everyMs: 3_600_000 });
  await keeper.apply(['phase3-sentinel']);
  const { workflowId } = await keeper.trigger('phase3-sentinel');
  await rig.raw.workflow.getHandle(workflowId!).result();

  const lost = next();
  await rig.loadNight(lost);
  await rig.startWorker({ policy, wrapWarehouse: losing('player_game_summary') });
  await rig.run({ gameDate: dateOf(lost) });

  const again = next();
  await rig.loadNight(again);
  await rig.startWorker({ policy });
  await rig.run({ gameDate: dateOf(again) });
  const more = again.nbac_team_boxscore.map((row) => ({ ...row, turnovers: Number(row['turnovers']) + 1 }));
  await rig.load('nbac_team_boxscore', more);
  const isBuilt = misStoring(
    table,
    (rows) => rows.slice(1),
    ({ reason }) => !reason.includes('rolled back'),
  );
  await rig.startWorker({ policy, wrapWarehouse: isBuilt });
  await rig.run({ gameDate: dateOf(again) });
}

describe('a scrape of a worker and a gateway', () => {
  let scrape: Map<string, Set<string>>;

  beforeAll(async () => {
    const quiet = { write: () => undefined };
    const url = installRuntime({ metricsAddress: `127.0.0.1:${await freePort()}`, ...quiet });
    const endMeasuring = measureEventLoop();
    const rig = await Rig.open();
    const metrics = new GatewayMetrics();
    const gateway = await startGateway(rig, { parts: { metrics } });
    try {
      await playABadWeek(rig);
      const watch = new WorkerWatch({
        ...{ taskQueue, goneAfterMs: 180_000, clock: () => new Date(), log: () => undefined },
        lastPoll: () => lastPoll(rig.raw.connection, { namespace: 'default', taskQueue }),
        deliver: () => Promise.reject(new Error('a worker is there')),
        seen: (at) => metrics.workerSeen(at),
      });
      await watch.look();
      await gateway.get('/dates/2017-03-01');
      await gateway.post('/process', {});
      // The event loop of the worker is measured by a clock of its own.
      let worker = '';
      while (!worker.includes('phase3_event_loop_delay_max_seconds')) {
        await pause(100);
        worker = await (await fetch(url)).text();
      }
      scrape = scraped(`${worker}\n${(await gateway.get('/metrics')).text}`);
    } finally {
      endMeasuring();
      await gateway.close();
      await rig.close();
    }
  });

  test.each(Object.entries(queries))('has what the panel of %s names', (_, query) => {
    expect(missingIn(query, scrape)).toEqual([]);
  });

  test.each(alertRules.map(({ alert, expr }) => [alert, expr]))('has what the rule %s names', (_, expr) => {
    expect(missingIn(expr, scrape)).toEqual([]);
  });

  test('a metric or a label that is not there is found', () => {
    expect(missingIn('sum(phase3_nothing_total)', scrape)).toEqual(['phase3_nothing_total']);
    expect(missingIn('sum by (date) (phase3_due_dates{standing="held"})', scrape)).toEqual(['date']);
    expect(() => namesIn('sum by (phase3_due_dates')).toThrow('is no PromQL');
  });
});

describe('the files', () => {
  const read = (name: string): string => readFileSync(join(root, 'docs', 'observability', name), 'utf8');

  test('are what the code makes', () => {
    expect(JSON.parse(read('grafana-dashboard.json'))).toEqual(JSON.parse(grafanaDashboard()));
    expect(parse(read('prometheus-rules.yml'))).toEqual(parse(prometheusRules()));
  });

  test('every query of the dashboard is one of ours, every panel has an id and a place of its own', () => {
    const { panels } = JSON.parse(grafanaDashboard()) as {
      panels: {
        id: number;
        title: string;
        gridPos: { x: number; y: number; w: number; h: number };
        targets?: { expr: string }[];
      }[];
    };
    const shown = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect([...new Set(shown)].sort()).toEqual(Object.values(queries).sort());
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  test('every rule leads to a paragraph of the runbook', () => {
    const headings = [
      ...readFileSync(join(root, 'docs', 'runbook.md'), 'utf8').matchAll(/^## ([A-Za-z ]+)$/gm),
    ].map(([, heading = '']) => heading.toLowerCase().replaceAll(' ', '-'));
    for (const { alert, runbook } of alertRules)
      expect([alert, headings.includes(runbook)]).toEqual([alert, true]);
  });

  const promtool = findPromtool();
  (promtool ? test : test.skip)('Prometheus takes the rules', () => {
    const rules = join(root, 'docs', 'observability', 'prometheus-rules.yml');
    const said = execFileSync(promtool ?? '', ['check', 'rules', rules], { encoding: 'utf8' });
    expect(said).toContain(`SUCCESS: ${alertRules.length} rules found`);
  });
});

/** Null where Prometheus is not installed. */
function findPromtool(): string | null {
  try {
    return execFileSync('sh', ['-c', 'command -v promtool'], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}
