/**
 * What the BigQuery adapter asks for, as texts: the warehouse runs every operation of the port on a server that only takes
 * notes. What a statement does is tested on the emulator; this is what the emulator does not refuse and Google does.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rawTables, tables, type TableName } from '../../src/tables/catalogue';
import type { Row } from '../../src/tables/define-table';
import { BigQueryWarehouse } from '../../src/warehouse/bigquery/bigquery-warehouse';
import type { DatasetPrefix } from '../../src/warehouse/datasets';
import type { PublishRequest } from '../../src/warehouse/warehouse';
import { FaultProxy, type SeenRequest } from '../../scripts/emulator/fault-proxy';
import { offenseRows, rowOf } from './rows';

const projectId = 'example.com:nba-props';
const gameDate = '2025-01-15';
const at = '2025-01-16T08:00:00.000Z';
const fence = { gameDate, runId: 'run-a', pass: 1 };
const analytics: readonly TableName[] = [
  'team_offense_game_summary',
  'team_defense_game_summary',
  'player_game_summary',
];

interface JobRequest {
  readonly jobReference: { readonly jobId: string; readonly location: string };
  readonly configuration: {
    readonly dryRun?: boolean;
    readonly labels?: Readonly<Record<string, string>>;
    readonly query?: {
      readonly query: string;
      readonly parameterMode?: string;
      readonly queryParameters?: readonly { readonly name: string }[];
    };
    readonly load?: { readonly destinationTable: { readonly datasetId: string; readonly tableId: string } };
  };
}

interface Asked {
  readonly jobs: readonly JobRequest[];
  readonly requests: readonly SeenRequest[];
}

/**
 * Everything that is asked of BigQuery when `work` is done in a deployment with this prefix. Every table is there and has
 * every column, but for one of those that are `lacking`: table to column.
 */
async function askedBy(
  prefix: DatasetPrefix,
  work: (warehouse: BigQueryWarehouse) => Promise<unknown>,
  lacking: Readonly<Record<string, string>> = {},
  rawLocation = 'US',
): Promise<Asked> {
  const server = await FaultProxy.start('http://127.0.0.1:9');
  const answer = (matches: (request: SeenRequest) => boolean, body: unknown): void =>
    server.break(matches, { kind: 'answer', status: 200, body }, Infinity);
  const reference = { projectId, jobId: 'noted', location: 'US' };
  const done = { jobReference: reference, status: { state: 'DONE' }, configuration: {} };
  const column = (name: string, mode: string): object => ({ name, type: 'STRING', mode });
  const columns = [
    column('refusal', 'NULLABLE'),
    column('manifests', 'REPEATED'),
    column('fences', 'REPEATED'),
  ];
  // The answer of a publication that went through.
  const through = { schema: { fields: columns }, rows: [{ f: [{ v: null }, { v: [] }, { v: [] }] }] };
  const recorded = /"jobId":"phase3_(publish|adopt)_/;
  answer(({ method, body }) => method === 'POST' && recorded.test(body), {
    ...done,
    jobReference: { ...reference, jobId: 'recorded' },
  });
  answer(({ path }) => path.includes('/queries/recorded'), { jobComplete: true, ...through });
  answer(({ path }) => path.includes('/queries/'), { jobComplete: true, schema: { fields: [] }, rows: [] });
  const fields = Object.values(tables)
    .flatMap((table) => Object.entries(table.columns))
    .map(([name, { type }]) => ({ name, type }));
  for (const [table, column] of Object.entries(lacking))
    answer(({ method, path }) => method === 'GET' && path.split('?')[0]?.endsWith(`/${table}`) === true, {
      schema: { fields: fields.filter(({ name }) => name !== column) },
    });
  answer(({ method, path }) => method === 'GET' && path.includes('/tables/'), { schema: { fields } });
  answer(({ method, path }) => method === 'GET' && /\/datasets\/nba_raw(\?|$)/.test(path), {
    location: rawLocation,
  });
  const made = { tableReference: { tableId: 'noted' }, datasetReference: { datasetId: 'noted' } };
  answer(() => true, { ...done, ...made });
  const warehouse = BigQueryWarehouse.open({ projectId, location: 'US', endpoint: server.url }, prefix);
  try {
    await work(warehouse);
  } finally {
    await warehouse.close();
    await server.stop();
  }
  const jobs = server.faulted
    .filter(({ method, path }) => method === 'POST' && /\/jobs(\?|$)/.test(path))
    .map(({ body }) => jobIn(body));
  return { jobs, requests: [...server.faulted] };
}

/** The job of a request; an upload has it as the first part of several. */
function jobIn(body: string): JobRequest {
  const text = body.startsWith('{') ? body : (/\{.*?\}(?=\r?\n--)/s.exec(body)?.[0] ?? '');
  return JSON.parse(text) as JobRequest;
}

const request = (table: TableName): PublishRequest => ({
  fence,
  table,
  manifest: rowOf('partition_manifest', {
    game_date: gameDate,
    table_name: table,
    stage_id: 's',
    row_count: 2,
  }),
  expectedVersion: 0,
  upstreamVersions: [{ tableName: 'team_offense_game_summary', version: 1 }],
});

async function* batch(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield rows;
}

async function drain(batches: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of batches);
}

/** Every operation of the port that both kinds of deployment have. */
async function everything(warehouse: BigQueryWarehouse): Promise<void> {
  const names = Object.keys(tables);
  await warehouse.readDate(gameDate, names);
  for (const name of names) {
    await warehouse.countRows(name, gameDate, gameDate);
    await warehouse.dateRange(name);
    await drain(warehouse.exportRows(name, gameDate, gameDate));
  }
  for (const table of Object.keys(rawTables)) await warehouse.arrivals(table, gameDate, 30);
  for (const table of analytics) {
    await warehouse.publish(request(table));
    await warehouse.adopt(request(table));
    await warehouse.quarantine(
      rowOf('quarantine', { game_date: gameDate, table_name: table, stage_id: 's' }),
    );
    await drain(warehouse.exportLive(table, gameDate, gameDate));
    await warehouse.readKept(table, gameDate, 's');
  }
  const [offense] = analytics;
  await warehouse.stage({ table: offense!, gameDate, stageId: 's', rows: offenseRows(gameDate, 1, 2) });
  await warehouse.claimDate(fence, at);
  await warehouse.closePass(fence, at, rowOf('run_history', { game_date: gameDate }));
  await warehouse.append('run_history', [rowOf('run_history', { game_date: gameDate })]);
  await warehouse.append('quarantine', [rowOf('quarantine', { game_date: gameDate })]);
  await warehouse.bytesToRead(names, gameDate, gameDate);
  await warehouse.prune({
    fence,
    versions: [rowOf('pruned_version', { game_date: gameDate, table_name: offense! })],
    raw: [{ table_name: 'nbac_schedule', input_hash: 'h' }],
  });
}

let live: Asked;
let shadow: Asked;

beforeAll(async () => {
  live = await askedBy(null, async (warehouse) => {
    await everything(warehouse);
    await warehouse.loadRows('nbac_schedule', batch([rowOf('nbac_schedule', { game_date: gameDate })]));
  });
  shadow = await askedBy('shadow', everything);
}, 60_000);

const queries = ({ jobs }: Asked) =>
  jobs.flatMap(({ configuration: { query, labels } }) => (query ? [{ ...query, labels: labels ?? {} }] : []));
const loads = ({ jobs }: Asked) =>
  jobs.flatMap(({ configuration: { load } }) => (load ? [load.destinationTable] : []));
const statements = (asked: Asked): string[] => [...new Set(queries(asked).map(({ query }) => query))];
const both = (): readonly Asked[] => [live, shadow];

/** Every kind of operation that the adapter has a name for, by its code. */
function namedOperations(): string[] {
  const folder = join(__dirname, '..', '..', 'src', 'warehouse', 'bigquery');
  const code = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  const names = code.flatMap((text) => [...text.matchAll(/operation: ((?:'\w+'(?: \| )?)+)/g)]);
  return [...new Set(names.flatMap(([, one = '']) => one.match(/\w+/g) ?? []))].sort();
}

it('every operation was seen: the tests below have something to judge', () => {
  const operations = (asked: Asked) =>
    [...new Set(queries(asked).map(({ labels }) => labels['operation']))].sort();
  // What the code names, so that an operation that is added cannot be left out here.
  expect(namedOperations().length).toBeGreaterThan(12);
  expect(operations(live)).toEqual(namedOperations());
  expect(operations(shadow)).toEqual(namedOperations().filter((name) => name !== 'load'));
  expect(loads(live)).toHaveLength(2);
  expect(loads(shadow)).toHaveLength(1);
});

/**
 * Reads, updates and deletions of a table that say nothing of `game_date`. Every table requires that filter, and Google
 * refuses the whole statement otherwise. Parentheses are taken out from the innermost: each is a scope of its own.
 */
function unfiltered(sql: string): string[] {
  const faults: string[] = [];
  let rest = sql;
  for (;;) {
    const inner = /\([^()]*\)/.exec(rest);
    const scope = inner ? inner[0].slice(1, -1) : rest;
    for (const part of scope.split(/;|\bUNION ALL\b/)) {
      const touched = part.match(/\b(?:FROM|JOIN|UPDATE)\s+`[^`]+`/g) ?? [];
      const [, ...conditions] = part.split(/\bWHERE\b/);
      const filters = conditions
        .join(' ')
        .match(/\bgame_date (?:= @game_date|BETWEEN @first AND @last|>= DATE '0001-01-01')/g);
      if (touched.length > (filters?.length ?? 0)) faults.push(part.trim());
    }
    if (!inner) return faults;
    rest = `${rest.slice(0, inner.index)} § ${rest.slice(inner.index + inner[0].length)}`;
  }
}

describe('the filter on game_date', () => {
  it.each([
    'SELECT a FROM `p.d.t`',
    'SELECT a FROM `p.d.t` WHERE b = @game_date',
    'SELECT a FROM `p.d.t` WHERE game_date IS NOT NULL',
    'DELETE FROM `p.d.t` WHERE run_id = @run_id',
    'UPDATE `p.d.t` SET a = 1 WHERE run_id = @run_id',
    'SELECT 1 FROM `p.d.t` WHERE game_date = @game_date AND EXISTS (SELECT 1 FROM `p.d.u` WHERE a = 1)',
    'SELECT (SELECT COUNT(*) FROM `p.d.t`) AS n FROM `p.d.u` WHERE game_date = @game_date',
    'SELECT a FROM `p.d.t` WHERE game_date = @game_date UNION ALL SELECT a FROM `p.d.u`',
    'SELECT a FROM `p.d.t` AS t JOIN `p.d.u` AS u ON t.a = u.a WHERE t.game_date = @game_date',
    'BEGIN TRANSACTION; DELETE FROM `p.d.t` WHERE game_date = @game_date; SELECT 1 FROM `p.d.t`; COMMIT',
    'INSERT INTO `p.d.t` (a) SELECT a FROM `p.d.u`',
  ])('is missed in %s', (sql) => {
    expect(unfiltered(sql)).toHaveLength(1);
  });

  it('is in every statement, for every table that it reads or changes', () => {
    for (const asked of both()) {
      expect(statements(asked).length).toBeGreaterThan(30);
      for (const sql of statements(asked)) expect(unfiltered(sql)).toEqual([]);
    }
  });
});

describe('parameters', () => {
  it('are given for every name that a statement has, and for no other', () => {
    for (const asked of both())
      for (const { query, queryParameters = [], labels } of queries(asked)) {
        const named = new Set([...query.matchAll(/@(\w+)/g)].map(([, name]) => name));
        const given = new Set(queryParameters.map(({ name }) => name));
        expect({ operation: labels['operation'], given: [...given].sort() }).toEqual({
          operation: labels['operation'],
          given: [...named].sort(),
        });
      }
  });

  it('carry every value: nothing that came from outside is in the text of a statement', () => {
    for (const sql of both().flatMap(statements)) {
      expect(sql).not.toContain(gameDate);
      expect(sql).not.toContain(fence.runId);
      expect(sql).not.toContain('?');
    }
  });
});

describe('names', () => {
  const named = (sql: string): string[] => [...sql.matchAll(/`([^`]*)`/g)].map(([, name]) => name ?? '');
  /** `dataset.table` of every table that a statement inserts into, updates or deletes from. */
  const written = (sql: string): string[] =>
    [...sql.matchAll(/(?:INSERT INTO|UPDATE|DELETE FROM)\s+`([^`]*)`/g)].map(([, name = '']) =>
      name.slice(projectId.length + 1),
    );
  const datasetsOf = (names: readonly string[]): string[] =>
    [...new Set(names.map((name) => name.split('.').at(-2) ?? ''))].sort();

  it('are whole: project, dataset and table within one pair of backticks', () => {
    for (const sql of both().flatMap(statements)) {
      expect(sql.split('`').length % 2).toBe(1);
      for (const name of named(sql)) {
        expect(name.startsWith(`${projectId}.`)).toBe(true);
        expect(name.slice(projectId.length + 1)).toMatch(
          /^(shadow_)?nba_(raw|analytics|orchestration)\.[a-z0-9_]+$/,
        );
      }
      // None of the datasets is named outside of them.
      expect(sql.replace(/`[^`]*`/g, '')).not.toMatch(/nba_(raw|analytics|orchestration)/);
    }
  });

  it('are without a prefix where there is none', () => {
    expect(datasetsOf(statements(live).flatMap(named))).toEqual([
      'nba_analytics',
      'nba_orchestration',
      'nba_raw',
    ]);
  });

  it('have the prefix but in raw tables, and in the live tables that a shadow is compared with', () => {
    const isComparison = (sql: string): boolean => sql.includes(`${projectId}.nba_analytics.`);
    const others = statements(shadow).filter((sql) => !isComparison(sql));
    expect(datasetsOf(others.flatMap(named))).toEqual([
      'nba_raw',
      'shadow_nba_analytics',
      'shadow_nba_orchestration',
    ]);
    const comparisons = statements(shadow).filter(isComparison);
    expect(comparisons).toHaveLength(analytics.length);
    for (const sql of comparisons) expect(datasetsOf(named(sql))).toEqual(['nba_analytics']);
  });

  it('of what a shadow writes, loads, makes or removes all have the prefix', () => {
    const targets = statements(shadow).flatMap(written);
    expect(targets.length).toBeGreaterThan(10);
    expect(datasetsOf(targets)).toEqual(['shadow_nba_analytics', 'shadow_nba_orchestration']);
    for (const { datasetId } of loads(shadow)) expect(datasetId).toBe('shadow_nba_orchestration');
    const changes = shadow.requests.filter(
      ({ method, path }) => method !== 'GET' && path.includes('/datasets'),
    );
    expect(changes.length).toBeGreaterThan(0);
    for (const { path } of changes) expect(path).toMatch(/\/datasets\/shadow_nba_orchestration\//);
  });

  it('a shadow makes datasets of its own only, and asks raw tables only whether they are there', async () => {
    const made = await askedBy('shadow', (warehouse) => warehouse.ensureTables());
    const changes = made.requests.filter(({ method }) => method !== 'GET');
    for (const { path, body } of changes)
      expect(path + body).not.toMatch(/[^_]nba_(raw|analytics|orchestration)/);
    const looked = made.requests.filter(({ path }) => /\/datasets\/nba_raw\/tables\//.test(path));
    expect(looked.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET']);
  });

  it('a shadow loads nothing: it is refused before anything is asked', async () => {
    let refusal: unknown;
    const asked = await askedBy('shadow', async (warehouse) => {
      refusal = await warehouse
        .loadRows('nbac_schedule', batch([rowOf('nbac_schedule', { game_date: gameDate })]))
        .catch((error: unknown) => error);
    });
    expect(refusal).toMatchObject({ name: 'WarehouseError', kind: 'bad_rows' });
    expect(asked.requests).toEqual([]);
  });
});

describe('columns that tables lack', () => {
  /** What is sent to alter tables when a worker starts, and what comes of the start. */
  const altered = async (prefix: DatasetPrefix, lacking: Readonly<Record<string, string>>) => {
    let problem: unknown = null;
    const { requests } = await askedBy(
      prefix,
      async (warehouse) => {
        problem = await warehouse.ensureTables().catch((error: unknown) => error);
      },
      lacking,
    );
    const sent = requests.filter(({ method }) => method === 'PATCH' || method === 'PUT');
    return {
      problem,
      sent: sent.map(({ path, body }) => {
        const { schema, ...rest } = JSON.parse(body) as { schema: { fields: { name: string }[] } };
        const { dataset, table } =
          /datasets\/(?<dataset>\w+)\/tables\/(?<table>\w+)/.exec(path)?.groups ?? {};
        return { name: `${dataset}.${table}`, added: schema.fields.at(-1), rest };
      }),
    };
  };

  it('are added, in one request a table, to those that are ours', async () => {
    const lacking = { partition_manifest: 'bypass', player_game_summary_versions: 'data_hash' };
    const added = [
      { name: 'partition_manifest', added: { name: 'bypass', type: 'STRING', mode: 'NULLABLE' } },
      {
        name: 'player_game_summary_versions',
        added: { name: 'data_hash', type: 'STRING', mode: 'NULLABLE' },
      },
    ];
    for (const prefix of [null, 'shadow']) {
      const { sent, problem } = await altered(prefix, lacking);
      expect(problem).toBeUndefined();
      const dataset = prefix === null ? 'nba_orchestration' : 'shadow_nba_orchestration';
      const expected = added.map(({ name, ...rest }) => ({ name: `${dataset}.${name}`, ...rest, rest: {} }));
      expect(sent).toHaveLength(2);
      expect(sent).toEqual(expect.arrayContaining(expected));
    }
  });

  it.each([
    ['in a raw table', { nbac_schedule: 'season' }, 'nba_raw.nbac_schedule has no column season (STRING)'],
    [
      'that may not be empty',
      { run_history: 'journal' },
      'nba_orchestration.run_history has no column journal (STRING)',
    ],
  ])('%s are refused by name, and then no table is altered', async (_, lacking, sentence) => {
    const { sent, problem } = await altered(null, { partition_manifest: 'bypass', ...lacking });
    expect(problem).toMatchObject({ name: 'WarehouseError', kind: 'contract_broken' });
    expect(String(problem)).toContain(`The warehouse does not match the declared tables: ${sentence}.`);
    expect(sent).toEqual([]);
  });
});

describe('a dataset that is there', () => {
  it.each([null, 'shadow'])(
    'in another location is refused at the start (prefix %s), and no table is made',
    async (prefix) => {
      let problem: unknown;
      const { requests } = await askedBy(
        prefix,
        async (warehouse) => {
          problem = await warehouse.ensureTables().catch((error: unknown) => error);
        },
        {},
        'europe-west1',
      );
      expect(problem).toMatchObject({ name: 'WarehouseError', kind: 'contract_broken' });
      expect(String(problem)).toContain(
        'dataset nba_raw is in europe-west1, and PHASE3_BIGQUERY_LOCATION is US',
      );
      expect(requests.filter(({ path }) => path.includes('/tables'))).toEqual([]);
    },
  );
});

describe('jobs', () => {
  // https://cloud.google.com/bigquery/docs/labels-intro
  it('have labels that BigQuery takes: who asks, and for what', () => {
    for (const { labels } of both().flatMap(queries)) {
      expect(labels).toMatchObject({ app: 'phase3', operation: expect.any(String) as string });
      for (const [key, value] of Object.entries(labels)) {
        expect(key).toMatch(/^[a-z][a-z0-9_-]{0,62}$/);
        expect(value).toMatch(/^[a-z0-9_-]{1,63}$/);
      }
    }
  });

  it('have ids that BigQuery takes, each another', () => {
    for (const { jobs } of both()) {
      // A dry run makes no job.
      const made = jobs.filter(({ configuration }) => !configuration.dryRun);
      const ids = made.map(({ jobReference }) => jobReference.jobId);
      for (const id of ids) expect(id).toMatch(/^phase3_[a-z]+_[A-Za-z0-9_-]{1,900}$/);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it('of a shadow never join those of the live system, nor the other way round', () => {
    const ids = new Set(live.jobs.map(({ jobReference }) => jobReference.jobId));
    expect(shadow.jobs.filter(({ jobReference }) => ids.has(jobReference.jobId))).toEqual([]);
  });
});
