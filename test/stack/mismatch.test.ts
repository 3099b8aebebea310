/** A command must not speak to a worker of another warehouse or prefix than it was started for. */
import { readConfig } from '../../src/config/config';
import type { Health } from '../../src/control/protocol';
import { Stack } from '../../src/stack/stack';

const bigQuery = { PHASE3_WAREHOUSE: 'bigquery', PHASE3_BIGQUERY_PROJECT: 'nba-props-prod' };
const shadow = { PHASE3_DATASET_PREFIX: 'shadow' };

function mismatch(env: NodeJS.ProcessEnv, worker: Partial<Health>): string | null {
  const stack = new Stack(
    readConfig({ PHASE3_HOME: '/nowhere', ...env }),
    { build: { id: 'none', root: '/nowhere' }, gateway: '/nowhere/gateway.js' },
    () => undefined,
  );
  return stack.mismatch({
    ready: true,
    pid: 1,
    worker: 'RUNNING',
    warehouse: 'duckdb',
    location: '/nowhere/warehouse.duckdb',
    prefix: null,
    ...worker,
  });
}

it.each<readonly [string, NodeJS.ProcessEnv, Partial<Health>]>([
  ['the embedded warehouse', {}, {}],
  ['the embedded warehouse with a prefix', shadow, { prefix: 'shadow' }],
  ['BigQuery', bigQuery, { warehouse: 'bigquery', location: 'nba-props-prod (US)' }],
  [
    'BigQuery with a prefix',
    { ...bigQuery, ...shadow },
    { warehouse: 'bigquery', location: 'nba-props-prod (US)', prefix: 'shadow' },
  ],
])('a worker of %s is spoken to by a command for it', (_, env, worker) => {
  expect(mismatch(env, worker)).toBeNull();
});

const file = 'duckdb, /nowhere/warehouse.duckdb';
const project = 'bigquery, nba-props-prod (US)';

it.each<readonly [string, NodeJS.ProcessEnv, Partial<Health>, string, string]>([
  ['a live worker by a command of a shadow', shadow, {}, file, `${file}, with the prefix shadow`],
  ['a shadow’s worker by a live command', {}, { prefix: 'shadow' }, `${file}, with the prefix shadow`, file],
  [
    'one shadow by another',
    { PHASE3_DATASET_PREFIX: 'other' },
    { prefix: 'shadow' },
    `${file}, with the prefix shadow`,
    `${file}, with the prefix other`,
  ],
  ['the embedded one by a command for BigQuery', bigQuery, {}, file, project],
  [
    'BigQuery by a command for the embedded one',
    {},
    { warehouse: 'bigquery', location: 'nba-props-prod (US)' },
    project,
    file,
  ],
  [
    'one project by another',
    bigQuery,
    { warehouse: 'bigquery', location: 'nba-props-dev (US)' },
    'bigquery, nba-props-dev (US)',
    project,
  ],
  [
    'one location by another',
    { ...bigQuery, PHASE3_BIGQUERY_LOCATION: 'EU' },
    { warehouse: 'bigquery', location: 'nba-props-prod (US)' },
    project,
    'bigquery, nba-props-prod (EU)',
  ],
])('%s is refused, and both are named', (_, env, worker, is, wanted) => {
  const sentence = mismatch(env, worker);
  expect(sentence).toContain(
    `The worker that is up works on ${is}, and the environment says ${wanted}. Set `,
  );
  expect(sentence).toContain('`phase3 down` and `phase3 up`');
});
