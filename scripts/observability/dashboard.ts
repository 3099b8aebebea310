/** The dashboard for Grafana: `docs/observability/grafana-dashboard.json`. */
import { queries } from './queries';

type QueryName = keyof typeof queries;
type Unit = 's' | 'short' | 'bytes' | 'reqps';

interface PanelDeclaration {
  readonly title: string;
  readonly description: string;
  readonly kind: 'stat' | 'timeseries';
  readonly unit: Unit;
  /** By query, how its series are named: `{{label}}` is a label. */
  readonly shows: Readonly<Partial<Record<QueryName, string>>>;
}

interface RowDeclaration {
  readonly title: string;
  readonly panels: readonly PanelDeclaration[];
}

function panel(
  title: string,
  description: string,
  shows: PanelDeclaration['shows'],
  unit: Unit = 'short',
  kind: PanelDeclaration['kind'] = 'timeseries',
): PanelDeclaration {
  return { title, description, kind, unit, shows };
}

const rows: readonly RowDeclaration[] = [
  {
    title: 'Is everything there?',
    panels: [
      panel('Late', 'Since when the oldest date is late; 0 when none is.', { late: 'late' }, 's', 'stat'),
      panel(
        'Since the last sweep',
        'Older than half an hour, nobody knows how dates stand.',
        { sinceSweep: '{{taskQueue}}' },
        's',
        'stat',
      ),
      panel(
        'Since a worker polled',
        'Above two minutes, none is there.',
        { sinceWorker: 'worker' },
        's',
        'stat',
      ),
      panel(
        'Age of the newest date',
        'Since the day of the newest date with games was over.',
        { newestAge: 'newest' },
        's',
        'stat',
      ),
      panel('Calendar stopped', '1 when the schedule feed seems not to go on.', { calendarStale: 'stopped' }),
      panel('Dates by how they stand', 'Dates whose day is over.', { dueDates: '{{standing}}' }),
      panel('Dates that are not as published', 'What the sentinel finds of live rows.', {
        altered: '{{finding}}',
      }),
    ],
  },
  {
    title: 'Nights',
    panels: [
      panel(
        'Wait for inputs',
        'Half, and nine in ten, of the levels waited no longer.',
        { gateWaitMedian: 'level {{level}}, half', gateWaitNineInTen: 'level {{level}}, nine in ten' },
        's',
      ),
      panel('Dependency checks an hour', 'By their verdict.', { probes: '{{verdict}}' }),
      panel('Outcomes an hour', 'Of processors.', { outcomes: '{{outcome}}' }),
      panel('Versions published an hour', 'By processor.', { publishes: '{{processor}}' }),
    ],
  },
  {
    title: 'Quality',
    panels: [
      panel('Games held an hour', 'By the rule that they break.', { held: '{{rule}}' }),
      panel('Rules that warn an hour', 'Of published versions.', { warnings: '{{rule}}' }),
      panel(
        'Checks and rollbacks an hour',
        'Rows that were quarantined, and versions that were taken back.',
        { checkFailures: '{{processor}} quarantined', rollbacks: '{{processor}} rolled back' },
      ),
      panel('Bypasses an hour', 'By people, and by the rule for old dates.', { bypasses: '{{kind}}' }),
      panel('Sweeps and repairs an hour', 'Of the sentinel.', { sweeps: 'sweeps', repairs: 'repairs' }),
    ],
  },
  {
    title: 'Worker',
    panels: [
      panel(
        'Event loop',
        'How long it stood still within a minute, at the most.',
        { eventLoop: '{{instance}}' },
        's',
      ),
      panel('Task slots', 'Used and free, by kind of task.', {
        slotsUsed: '{{worker_type}} used',
        slotsAvailable: '{{worker_type}} free',
      }),
      panel('Workflows in memory', 'What is not in memory is replayed when something comes.', {
        cachedWorkflows: '{{instance}}',
      }),
      panel(
        'Wait for a worker',
        'Nineteen in twenty tasks waited no longer.',
        { activityWait: 'activities', workflowTaskWait: 'workflow tasks' },
        's',
      ),
      panel(
        'Time of activities',
        'Nineteen in twenty took no longer.',
        { activityTime: '{{activity_type}}' },
        's',
      ),
      panel(
        'Time of workflow tasks',
        'Nineteen in twenty took no longer.',
        { workflowTaskTime: 'workflow tasks' },
        's',
      ),
    ],
  },
  {
    title: 'Gateway',
    panels: [
      panel('Requests', 'By route and HTTP status.', { requests: '{{route}} {{code}}' }, 'reqps'),
      panel('Answers', 'By their status.', { answers: '{{status}}' }, 'reqps'),
      panel(
        'Time to the answer',
        'Nineteen in twenty took no longer. A request waits for its date.',
        { requestTime: '{{route}}' },
        's',
      ),
      panel('Memory', 'Of the gateway.', { gatewayMemory: '{{instance}}' }, 'bytes'),
    ],
  },
];

/** The variable of the dashboard that names the Prometheus. */
const variable = 'datasource';
const datasource = { type: 'prometheus', uid: `\${${variable}}` };
const width = 24;

export function grafanaDashboard(): string {
  const document = {
    title: 'phase3',
    uid: 'phase3',
    description:
      'Generated from scripts/observability/dashboard.ts by `npm run docs:reference`; changes belong there.',
    tags: ['phase3'],
    editable: true,
    schemaVersion: 39,
    refresh: '1m',
    time: { from: 'now-24h', to: 'now' },
    timezone: 'America/New_York',
    templating: {
      list: [{ name: variable, label: 'Prometheus', type: 'datasource', query: 'prometheus' }],
    },
    annotations: { list: [] },
    panels: layOut(rows),
  };
  return JSON.stringify(document);
}

/** Rows below one another; panels side by side, those that show one number smaller. */
function layOut(declared: readonly RowDeclaration[]): object[] {
  const panels: object[] = [];
  let y = 0;
  for (const { title, panels: own } of declared) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { h: 1, w: width, x: 0, y },
    });
    y += 1;
    let [x, height] = [0, 0];
    for (const one of own) {
      const size = one.kind === 'stat' ? { w: 6, h: 4 } : { w: 12, h: 8 };
      if (x + size.w > width) [x, y, height] = [0, y + height, 0];
      panels.push({ id: panels.length + 1, ...panelOf(one), gridPos: { ...size, x, y } });
      [x, height] = [x + size.w, Math.max(height, size.h)];
    }
    y += height;
  }
  return panels;
}

function panelOf({ title, description, kind, unit, shows }: PanelDeclaration): object {
  return {
    ...{ type: kind, title, description, datasource },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: kind === 'stat' ? { reduceOptions: { calcs: ['lastNotNull'] } } : { tooltip: { mode: 'multi' } },
    targets: Object.entries(shows).map(([name, legendFormat], index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      ...{ datasource, expr: queries[name as QueryName], legendFormat },
    })),
  };
}
