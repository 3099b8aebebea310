/** The declarations of variables, against what the readers ask for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../src/config/config';
import { configVariables } from '../../src/config/variables';
import { defaultPolicySettings } from '../../src/contracts/policy';

const folder = join(__dirname, '..', '..', 'src', 'config');

it('name every variable that the configuration reads, once', () => {
  const text = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  const read = new Set(text.join('\n').match(/\bPHASE3_[A-Z0-9_]+\b/g));
  const declared = configVariables.map(({ name }) => name);
  expect([...read].sort()).toEqual([...declared].sort());
  expect(new Set(declared).size).toBe(declared.length);
});

it('have the defaults that are in force, of which those of policy stand in one place', () => {
  expect(readConfig({}).policy).toEqual(defaultPolicySettings);
  const defaults = Object.fromEntries(configVariables.map((variable) => [variable.name, variable.default]));
  const { PHASE3_HOME: _, ...given } = defaults;
  const asWritten = readConfig(
    Object.fromEntries(
      Object.entries(given).filter(([name, value]) => value !== null && !/OIDC|BIGQUERY|RUNBOOK/.test(name)),
    ) as NodeJS.ProcessEnv,
  );
  const { environment: _a, ...one } = asWritten;
  const { environment: _b, ...other } = readConfig({});
  expect(one).toEqual(other);
});
