/** The database of the embedded Temporal: one server works on it, and that it is damaged is said. */
import { appendFile, copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Home } from '../../src/stack/home';
import { isAlive } from '../../src/stack/processes';
import { Cli } from '../support/cli';

jest.setTimeout(90_000);

let cli: Cli;
let home: Home;

beforeAll(async () => {
  cli = await Cli.create();
  home = new Home(cli.home);
  await cli.ok('up');
});
afterAll(() => cli.dispose());

test('a home that has forgotten its Temporal starts no second one on its database', async () => {
  const { temporal } = await home.readStack();
  const file = join(cli.home, 'stack.json');
  await copyFile(file, `${file}.kept`);
  await rm(file);
  const { code, stderr } = await cli.run(['up']);
  await copyFile(`${file}.kept`, file);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining(
      `${home.temporalFile} is in use by a Temporal that this home does not know of.`,
    ) as string,
  });
  expect(await isAlive(temporal)).toBe(true);
  expect(await cli.json('status')).toMatchObject({ healthy: true, problems: [] });
});

test('a database that Temporal finds damaged is a problem, though it answers', async () => {
  await appendFile(join(home.logs, 'temporal.log'), 'error="database disk image is malformed (11)"\n');
  expect(await cli.json('status')).toMatchObject({
    healthy: false,
    problems: [expect.stringContaining(`${home.temporalFile} is damaged. Stop the stack with`)],
  });
});
