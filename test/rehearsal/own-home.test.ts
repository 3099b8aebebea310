/** The home of a rehearsal: nothing of the asker's reaches into it, and nothing of it is left with him. */
import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config/config';
import { defaultPolicySettings } from '../../src/contracts/policy';
import { isOwnHome, makeOwnHome, playInstants } from '../../src/rehearsal/own-home';
import { lookingInto } from '../../src/stack/home-below';

const theirs = {
  PATH: '/usr/bin',
  PHASE3_HOME: '/somewhere/else',
  PHASE3_WAREHOUSE: 'bigquery',
  PHASE3_BIGQUERY_PROJECT: 'nba-props-prod',
  PHASE3_DATASET_PREFIX: 'shadow',
  PHASE3_WEBHOOK_URL: 'https://hooks.example.com/services/secret',
  PHASE3_READY_SHARE: '0',
  TEMPORAL_ADDRESS: 'temporal.example.com:7233',
  TEMPORAL_API_KEY: 'secret',
  GOOGLE_APPLICATION_CREDENTIALS: '/key.json',
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-asker-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the embedded warehouse, no alert, no server of anybody’s; the gate’s patience in the play’s time', async () => {
  const { path, environment } = await makeOwnHome(folder, theirs);
  const config = readConfig(environment);
  expect(config).toMatchObject({
    home: path,
    warehouse: { kind: 'duckdb' },
    datasetPrefix: null,
    path: '/usr/bin',
  });
  expect(config.notifications.channels).toEqual([]);
  expect(Object.keys(environment).filter((name) => /^(TEMPORAL_|GOOGLE_)/.test(name))).toEqual([
    'TEMPORAL_CONFIG_FILE',
  ]);
  const { firstWaitMs, longestWaitMs, deadlineMs, readyShare } = defaultPolicySettings;
  expect(config.policy).toMatchObject({
    readyShare,
    firstWaitMs: firstWaitMs / playInstants.factor,
    longestWaitMs: longestWaitMs / playInstants.factor,
    deadlineMs: deadlineMs / playInstants.factor,
  });
  expect(config.temporalPort).not.toBe(config.temporalUiPort);
});

test('it is told apart from every other home, and nothing is left of it', async () => {
  const own = await makeOwnHome(folder, {});
  expect(await isOwnHome(own.path)).toBe(true);
  expect(await isOwnHome(folder)).toBe(false);
  await own.remove();
  expect(await readdir(folder)).toEqual([]);
});

test('a home that was not there is not there afterwards, unless something else has come into it', async () => {
  const home = join(folder, 'new', 'home');
  await (await makeOwnHome(home, {})).remove();
  expect(await readdir(folder)).toEqual([]);

  const own = await makeOwnHome(home, {});
  await writeFile(join(home, 'warehouse.duckdb'), '');
  await own.remove();
  expect(await readdir(home)).toEqual(['warehouse.duckdb']);
});

test('two at once have each their own', async () => {
  const [one, other] = [await makeOwnHome(folder, {}), await makeOwnHome(folder, {})];
  await one.remove();
  await expect(access(other.path)).resolves.toBeUndefined();
});

test('how to look into it takes away what would lead elsewhere', () => {
  const own = { path: '/h/rehearsals/incident-1', environment: {}, remove: async () => undefined };
  expect(lookingInto(own, { PATH: '/usr/bin', PHASE3_HOME: '/h' })).toBe(
    'PHASE3_HOME=/h/rehearsals/incident-1',
  );
  expect(lookingInto(own, { PHASE3_WAREHOUSE: 'bigquery', TEMPORAL_ADDRESS: 'x:1' })).toBe(
    'env -u PHASE3_WAREHOUSE -u TEMPORAL_ADDRESS PHASE3_HOME=/h/rehearsals/incident-1',
  );
});
