/** Statements are prepared once and kept, and whoever runs one gets its own rows. */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { PreparedStatements } from '../../src/warehouse/duckdb/prepared-statements';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
let prepared: string[];
let statements: PreparedStatements;

beforeEach(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  const prepare = connection.prepare.bind(connection);
  prepared = [];
  connection.prepare = async (sql) => {
    prepared.push(sql);
    return prepare(sql);
  };
  statements = new PreparedStatements(connection);
});
afterEach(() => {
  statements.closeSync();
  instance.closeSync();
});

const twice = 'SELECT $1::INTEGER * 2 AS n';

test('the same text is prepared once, with other parameters too', async () => {
  expect(await statements.run(twice, [1])).toEqual([{ n: 2 }]);
  expect(await statements.run(twice, [21])).toEqual([{ n: 42 }]);
  expect(prepared).toEqual([twice]);
});

test('callers who come together do not get each other’s parameters', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => statements.run(twice, [n])));
  expect(answers).toEqual(Array.from({ length: 20 }, (_, n) => [{ n: 2 * n }]));
  // Of those that were prepared for them one is kept.
  const before = prepared.length;
  await statements.run(twice, [1]);
  expect(prepared).toHaveLength(before);
});

test('what is missing of parameters is an error, and not what the caller before gave', async () => {
  await statements.run('SELECT $1::INTEGER + $2::INTEGER AS n', [1, 2]);
  await expect(statements.run('SELECT $1::INTEGER + $2::INTEGER AS n', [1])).rejects.toThrow(/2/);
});

test('after an error it is prepared anew, and runs', async () => {
  await statements.run('CREATE TABLE t (n INTEGER PRIMARY KEY)', []);
  const insert = 'INSERT INTO t VALUES ($1)';
  await statements.run(insert, [1]);
  await expect(statements.run(insert, [1])).rejects.toThrow(/[Dd]uplicate/);
  await statements.run(insert, [2]);
  expect(prepared.filter((sql) => sql === insert)).toHaveLength(2);
  expect(await statements.run('SELECT count(*)::INTEGER AS n FROM t', [])).toEqual([{ n: 2 }]);
});

test('a table that was made anew in between is read as it is now', async () => {
  const read = 'SELECT * FROM t';
  for (const columns of ['1 AS a', "'x' AS b, 2 AS c"]) {
    await statements.run(`CREATE OR REPLACE TABLE t AS SELECT ${columns}`, []);
    expect(Object.keys((await statements.run(read, []))[0] ?? {})).toHaveLength(columns.split(',').length);
  }
});

test('not more are kept than a hundred: those that were used longest ago go', async () => {
  for (let n = 0; n < 101; n += 1) await statements.run(`SELECT ${n} AS n`, []);
  prepared.length = 0;
  await statements.run('SELECT 100 AS n', []);
  await statements.run('SELECT 1 AS n', []);
  expect(prepared).toEqual([]);
  await statements.run('SELECT 0 AS n', []);
  expect(prepared).toEqual(['SELECT 0 AS n']);
});
