/**
 * Writes the table of docs/scale.md from what a night costs (scripts/bench/budget) and the code: `npm run docs:scale`. A test
 * compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mostConcurrency } from '../src/contracts/fields';
import bigquery from './bench/budget/bigquery.json';

const root = join(__dirname, '..');
const file = join(root, 'docs', 'scale.md');
const [begin, end] = ['<!-- computed: npm run docs:scale -->', '<!-- end of what is computed -->'];

/** What is asked for. */
const [leagues, seasons, nightsOfSeason] = [30, 20, 170];
/** Requests of a night that find nothing changed: each source table sends one, and one of them publishes. */
const furtherRequests = 3;
/** Days that Temporal keeps runs that have ended. */
const retentionDays = 30;
/** Events of a workflow task. */
const eventsOfTask = 3;

/** The limits of others, with where they are said; read in November 2026. */
const limits = {
  /** docs.temporal.io/self-hosted-guide/defaults */
  historyEvents: 51_200,
  signals: 10_000,
  /** cloud.google.com/bigquery/quotas: partitioned tables, data manipulation language. */
  partitions: 10_000,
  partitionChangesADay: 30_000,
} as const;

interface Line {
  readonly what: string;
  readonly how: string;
  readonly value: number;
  /** Null where nobody sets one. */
  readonly limit: number | null;
}

/** What one run of a backfill asks before it continues as the next. */
function datesOfRun(): number {
  const code = readFileSync(join(root, 'src', 'workflows', 'backfill.workflow.ts'), 'utf8');
  const found = /const mostDatesOfRun = (\d+);/.exec(code)?.[1];
  if (found === undefined) throw new Error('src/workflows/backfill.workflow.ts names no mostDatesOfRun');
  return Number(found);
}

function lines(): Line[] {
  const { 'a night published': night, 'the same night unchanged': again } = bigquery;
  const tasks = night.activities + 2;
  const events = night.events + eventsOfTask * tasks;
  const perRun = datesOfRun();
  const jobs = night.statements + furtherRequests * again.statements;
  // As if every job changed the same table.
  const changes = night.statements * nightsOfSeason;
  return [
    {
      what: 'events of a night, of a run that may have',
      how: `${night.events} + ${eventsOfTask} × ${tasks} tasks`,
      value: events,
      limit: limits.historyEvents,
    },
    {
      what: 'events of one run of a backfill',
      how: `8 × ${perRun} dates, then it continues as another`,
      value: 8 * perRun,
      limit: limits.historyEvents,
    },
    {
      what: 'signals of one run of a backfill: one answer a date',
      how: `${perRun}, and ${mostConcurrency} under way`,
      value: perRun + mostConcurrency,
      limit: limits.signals,
    },
    {
      what: 'runs that Temporal keeps, live nights',
      how: `${leagues} leagues × ${retentionDays} days × ${1 + furtherRequests} requests`,
      value: leagues * retentionDays * (1 + furtherRequests),
      limit: null,
    },
    {
      what: 'runs of all seasons, once each',
      how: `${leagues} × ${seasons} × ${nightsOfSeason}`,
      value: leagues * seasons * nightsOfSeason,
      limit: null,
    },
    {
      what: 'jobs of BigQuery on a live night, all leagues',
      how: `${leagues} × (${night.statements} + ${furtherRequests} × ${again.statements})`,
      value: leagues * jobs,
      limit: null,
    },
    {
      what: 'partitions of a table of a league',
      how: `${seasons} × ${nightsOfSeason}`,
      value: seasons * nightsOfSeason,
      limit: limits.partitions,
    },
    {
      what: 'partitions of a table if all leagues shared it',
      how: `${seasons} × 365`,
      value: seasons * 365,
      limit: limits.partitions,
    },
    {
      what: 'changes of a table when a season is backfilled in a day, at the most',
      how: `${night.statements} × ${nightsOfSeason}`,
      value: changes,
      limit: limits.partitionChangesADay,
    },
  ];
}

/** The table, as it stands in the document. */
function scaleTable(): string {
  const number = (value: number): string => value.toLocaleString('en-US');
  const rows = lines().map(({ what, how, value, limit }) => [
    ...[what, how, number(value), limit === null ? '–' : number(limit)],
    limit === null ? '–' : `${((100 * value) / limit).toFixed(value / limit < 0.1 ? 1 : 0)} %`,
  ]);
  const all = [['what', 'computed', 'value', 'limit', 'used'], ...rows];
  const widths = (all[0] ?? []).map((_, column) =>
    Math.max(...all.map((row) => (row[column] ?? '').length), 3),
  );
  const isNumber = (column: number): boolean => column > 1;
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (isNumber(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  return [line(all[0] ?? []), rule, ...rows.map(line)].join('\n');
}

/** The document as it should be. */
export function scaleDocument(): string {
  const text = readFileSync(file, 'utf8');
  const [before, rest = ''] = text.split(begin);
  const [, after = ''] = rest.split(end);
  return `${before ?? ''}${begin}\n\n${scaleTable()}\n\n${end}${after}`;
}

if (require.main === module) writeFileSync(file, scaleDocument());
