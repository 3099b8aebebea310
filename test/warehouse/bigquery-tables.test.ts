/** Tables as BigQuery describes them: what is asked for, and what is found wrong with one that is there. */
import type { TableMetadata } from '@google-cloud/bigquery';
import { orchestrationTables, tableOf, tables } from '../../src/tables/catalogue';
import type { ColumnType, TableDefinition } from '../../src/tables/define-table';
import {
  columnsOf,
  datasetFaults,
  extendedSchema,
  schemaFaults,
  tableMetadata,
} from '../../src/warehouse/bigquery/bigquery-tables';
import { versionsTable } from '../../src/warehouse/our-tables';

interface Field {
  name: string;
  type: string;
  mode?: string;
}

const legacy: Readonly<Record<ColumnType, string>> = {
  STRING: 'STRING',
  INT64: 'INTEGER',
  FLOAT64: 'FLOAT',
  BOOL: 'BOOLEAN',
  DATE: 'DATE',
  TIMESTAMP: 'TIMESTAMP',
};

const everyTable = Object.entries<TableDefinition>(tables);

const fieldsOf = (metadata: TableMetadata): Field[] => (metadata.schema as { fields: Field[] }).fields;

/** The table as it was declared, with a column changed, or without it. */
function foundWith(table: TableDefinition, column: string, type: string | null): TableMetadata {
  const fields = fieldsOf(tableMetadata(table)).flatMap((field) => {
    if (field.name !== column) return [field];
    return type === null ? [] : [{ ...field, type }];
  });
  return { schema: { fields } };
}

describe('what a table is created with', () => {
  it.each(everyTable)('%s: every column, required where it is declared so', (_, table) => {
    const fields = fieldsOf(tableMetadata(table));
    expect(fields).toEqual(
      Object.entries(table.columns).map(([name, column]) => ({
        name,
        type: legacy[column.type],
        mode: column.required ? 'REQUIRED' : 'NULLABLE',
      })),
    );
  });

  it.each(everyTable)('%s: a partition a day, and no query without a date', (_, table) => {
    expect(tableMetadata(table)).toMatchObject({
      timePartitioning: { type: 'DAY', field: 'game_date' },
      requirePartitionFilter: true,
      labels: { app: 'phase3' },
      description: table.description,
    });
  });

  it.each(everyTable)('%s: clustered by the rest of its key, by four columns at the most', (_, table) => {
    const { clustering } = tableMetadata(table) as { clustering?: { fields: string[] } };
    const rest = table.key.filter((column) => column !== 'game_date').slice(0, 4);
    if (rest.length === 0) expect(clustering).toBeUndefined();
    else expect(clustering).toEqual({ fields: rest });
  });

  it('never more than four columns are clustered by', () => {
    const key = ['game_date', 'a', 'b', 'c', 'd', 'e'];
    const { clustering } = tableMetadata({ ...orchestrationTables.run_history, key }) as {
      clustering?: unknown;
    };
    expect(clustering).toEqual({ fields: ['a', 'b', 'c', 'd'] });
  });

  it('what is given beside it is taken', () => {
    expect(tableMetadata(tableOf('nbac_schedule'), { expirationTime: '1' })).toMatchObject({
      expirationTime: '1',
      requirePartitionFilter: true,
    });
  });
});

describe('what is wrong with a table that is there', () => {
  it.each(everyTable)('%s: nothing when it is as declared, whichever way its types are named', (_, table) => {
    expect(schemaFaults(table, tableMetadata(table))).toEqual([]);
    const standard = Object.entries(table.columns).map(([name, { type }]) => ({ name, type }));
    expect(schemaFaults(table, { schema: { fields: standard } })).toEqual([]);
    const small = standard.map(({ name, type }) => ({ name, type: type.toLowerCase() }));
    expect(schemaFaults(table, { schema: { fields: small } })).toEqual([]);
  });

  it('nothing when it has columns that the declaration does not know, in any order', () => {
    const table = tableOf('player_game_summary');
    const fields = [
      { name: 'notes', type: 'JSON' },
      ...fieldsOf(tableMetadata(table)).reverse(),
      { name: 'lines', type: 'RECORD' },
    ];
    expect(schemaFaults(table, { schema: { fields } })).toEqual([]);
  });

  it.each<readonly [string, TableDefinition, string, string]>([
    ['that may not be empty', tableOf('player_game_summary'), 'data_hash', 'STRING'],
    ['of a raw table, which is not ours to alter', tableOf('nbac_team_boxscore'), 'fg_percentage', 'FLOAT64'],
    ['of a key', versionsTable(tableOf('player_game_summary')), 'game_date', 'DATE'],
  ])('a missing column %s is named with its type', (_, table, column, type) => {
    const found = foundWith(table, column, null);
    expect(schemaFaults(table, found)).toEqual([`has no column ${column} (${type})`]);
    expect(extendedSchema(table, found)).toBeNull();
  });

  it.each<readonly [string, TableDefinition, string]>([
    ['a log table', orchestrationTables.partition_manifest, 'bypass'],
    ['a published table', tableOf('player_game_summary'), 'usage_rate_raw'],
    ['kept versions, where every column may be', versionsTable(tableOf('player_game_summary')), 'data_hash'],
  ])('nothing when a column is missing that may be empty: %s is given it', (_, table, column) => {
    const found = foundWith(table, column, null);
    expect(schemaFaults(table, found)).toEqual([]);
    const added = fieldsOf(tableMetadata(table)).filter(({ name }) => name === column);
    expect(added).toMatchObject([{ mode: 'NULLABLE' }]);
    expect(extendedSchema(table, found)).toEqual({ fields: [...fieldsOf(found), ...added] });
  });

  it.each<readonly [string, TableMetadata]>([
    ['no schema', {}],
    ['an empty schema', { schema: {} }],
    ['a schema of a text', { schema: 'game_date:DATE' }],
  ])('a table with %s lacks every column', (_, found) => {
    const table = orchestrationTables.date_fence;
    expect(schemaFaults(table, found)).toHaveLength(Object.keys(table.columns).length);
  });

  const ours = tableOf('player_game_summary');
  const raw = tableOf('nbac_team_boxscore');
  it.each<readonly [string, TableDefinition, string, string, boolean]>([
    ['a figure of ours that is NUMERIC', ours, 'usage_rate', 'NUMERIC', false],
    ['a figure of ours that is BIGNUMERIC', ours, 'usage_rate', 'BIGNUMERIC', false],
    ['a figure of ours that is a whole number', ours, 'usage_rate', 'INTEGER', false],
    ['a whole number of ours that is a figure', ours, 'points', 'FLOAT', false],
    ['a date of ours that is a text', ours, 'game_date', 'STRING', false],
    ['an instant of ours without a zone', ours, 'processed_at', 'DATETIME', false],
    ['a flag of ours that is a text', ours, 'is_active', 'STRING', false],
    ['a raw figure that is NUMERIC', raw, 'fg_percentage', 'NUMERIC', true],
    ['a raw figure that is BIGNUMERIC', raw, 'fg_percentage', 'BIGNUMERIC', true],
    ['a raw figure that is a whole number', raw, 'fg_percentage', 'INT64', true],
    ['a raw whole number that is a figure', raw, 'points', 'FLOAT64', true],
    ['a raw whole number that is NUMERIC', raw, 'points', 'NUMERIC', true],
    ['a raw whole number that is a text', raw, 'points', 'STRING', false],
    ['a raw text that is a whole number', raw, 'game_id', 'INTEGER', false],
    ['a raw date that is an instant', raw, 'game_date', 'TIMESTAMP', false],
    ['a raw flag that is a whole number', raw, 'is_home', 'INTEGER', false],
  ])('%s', (_, table, column, type, fits) => {
    const expected = table.columns[column]?.type;
    expect(schemaFaults(table, foundWith(table, column, type))).toEqual(
      fits ? [] : [`has ${column} as ${type}, expected ${expected}`],
    );
  });

  it('a column in another case is named, in any table, and is not added beside it', () => {
    for (const [table, column] of [
      [tableOf('nbac_team_boxscore'), 'points'],
      [orchestrationTables.partition_manifest, 'bypass'],
    ] as const) {
      const fields = fieldsOf(tableMetadata(table)).map((field) =>
        field.name === column ? { ...field, name: field.name.toUpperCase() } : field,
      );
      expect(schemaFaults(table, { schema: { fields } })).toEqual([
        `has ${column.toUpperCase()}, expected ${column}: rename the column`,
      ]);
    }
  });

  it('a column of arrays is named', () => {
    const fields = fieldsOf(tableMetadata(raw)).map((field) =>
      field.name === 'points' ? { ...field, mode: 'REPEATED' } : field,
    );
    expect(schemaFaults(raw, { schema: { fields } })).toEqual([
      'has points as REPEATED INTEGER, expected INT64',
    ]);
  });

  it('what deletes rows of ours by itself is named; raw tables are their owner’s', () => {
    const expiring = (table: TableDefinition): TableMetadata => ({
      ...tableMetadata(table, { expirationTime: '1735689600000' }),
      timePartitioning: { type: 'DAY', field: 'game_date', expirationMs: '5184000000' },
    });
    expect(schemaFaults(ours, expiring(ours))).toEqual([
      'expires at 2025-01-01T00:00:00.000Z: it must not',
      'deletes its partitions after 60 days: it must not',
    ]);
    expect(schemaFaults(raw, expiring(raw))).toEqual([]);
  });

  it('all that is wrong is said at once', () => {
    const table = orchestrationTables.run_history;
    const fields = fieldsOf(foundWith(table, 'journal', null)).map((field) =>
      field.name === 'probes' ? { ...field, type: 'STRING' } : field,
    );
    expect(schemaFaults(table, { schema: { fields } })).toEqual([
      'has probes as STRING, expected INT64',
      'has no column journal (STRING)',
    ]);
  });
});

it.each([
  ['another location', { location: 'EU' }, true, ['is in EU, and PHASE3_BIGQUERY_LOCATION is US']],
  ['the same location', { location: 'us' }, true, []],
  [
    'tables that expire',
    { defaultTableExpirationMs: '5184000000' },
    true,
    ['deletes its tables after 60 days: it must not'],
  ],
  [
    'partitions that expire',
    { location: 'US', defaultPartitionExpirationMs: '86400000' },
    true,
    ['deletes its partitions after 1 days: it must not'],
  ],
  ['tables of others that expire', { defaultTableExpirationMs: '5184000000' }, false, []],
  ['nothing that expires', { defaultTableExpirationMs: '0' }, true, []],
])('a dataset with %s', (_, found, isOurs, faults) => {
  expect(datasetFaults(found, 'US', isOurs)).toEqual(faults);
});

describe('a schema with the columns that a table lacks', () => {
  it.each(everyTable)('%s: none when it lacks nothing', (_, table) => {
    expect(extendedSchema(table, tableMetadata(table))).toBeNull();
  });

  it('has everything that is there as it is, also what the declaration does not know, and all that is lacking', () => {
    const table = tableOf('team_offense_game_summary');
    const lacking = ['win_flag', 'ts_pct'];
    const notes = { name: 'notes', type: 'JSON', mode: 'NULLABLE', policyTags: { names: ['tag'] } };
    const there = [notes, ...fieldsOf(tableMetadata(table)).filter(({ name }) => !lacking.includes(name))];
    expect(extendedSchema(table, { schema: { fields: there } })).toEqual({
      fields: [
        ...there,
        { name: 'ts_pct', type: 'FLOAT', mode: 'NULLABLE' },
        { name: 'win_flag', type: 'BOOLEAN', mode: 'NULLABLE' },
      ],
    });
  });
});

it('the columns of a table are those of its schema, and none where it has no schema', () => {
  expect(columnsOf({ schema: { fields: [{ name: 'a' }, { name: 'b' }] } })).toEqual(new Set(['a', 'b']));
  expect(columnsOf({})).toEqual(new Set());
});
