/** The page of incidents has all of them, each with a link to the file that has the test of its number. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const page = join(__dirname, '../../docs/explanation/incidents.md');
const text = readFileSync(page, 'utf8');
const root = join(__dirname, '..');
/** The list of the previous pipeline. */
const all = Array.from({ length: 33 }, (_, index) => index + 1);

/** Numbers that the tests of a file have in their names: `incident 7: …`, or the rows of a table of tests. */
function numbersIn(tests: string): number[] {
  const single = [...tests.matchAll(/^(?:it|test)\(\s*'incident (\d+): /gm)].map(([, number]) =>
    Number(number),
  );
  const ofTables = tests.includes("('incident %i: ")
    ? [...tests.matchAll(/^ {2}\[(\d+), '/gm)].map(([, number]) => Number(number))
    : [];
  return [...single, ...ofTables];
}

const rows = [...text.matchAll(/^\| (\d+) .*\[incident (\d+)\]\(([^)]+\.test\.ts)\) +\|$/gm)];

it('has every incident once, in order', () => {
  expect(rows.map(([, number]) => Number(number))).toEqual(all);
  expect(rows.map(([, , number]) => Number(number))).toEqual(all);
});

it.each(rows.map(([, number, , path]) => [Number(number), path ?? ''] as const))(
  'incident %i is tested by its number in %s',
  (number, path) => {
    expect(numbersIn(readFileSync(join(dirname(page), path), 'utf8'))).toContain(number);
  },
);

it('no number is tested in two places, and none that is not on the page', () => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.test.ts'),
  );
  const tested = files.flatMap((name) => numbersIn(readFileSync(join(root, name), 'utf8')));
  expect(tested.sort((a, b) => a - b)).toEqual(all);
});
