/** The page of incidents names tests that exist, and every data incident has one. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const page = join(__dirname, '../../docs/explanation/incidents.md');
const text = readFileSync(page, 'utf8');
const [, ofData = '', ofOperation = ''] = text.split(/^## .*$/m);

function numbersIn(table: string): number[] {
  return [...table.matchAll(/^\| (\d+)/gm)].map(([, number]) => Number(number));
}

it('lists the data incidents that are tested, by their numbers, and no others', () => {
  const tests = readFileSync(join(__dirname, '../incidents/data-incidents.test.ts'), 'utf8');
  const single = [...tests.matchAll(/^it\('incident (\d+): /gm)].map(([, number]) => Number(number));
  const ofTables = [...tests.matchAll(/^ {2}\[(\d+), '/gm)].map(([, number]) => Number(number));
  const tested = [...single, ...ofTables].sort((a, b) => a - b);
  expect(tested.length).toBeGreaterThan(15);
  expect(numbersIn(ofData)).toEqual(tested);
});

it('names tests that exist', () => {
  const links = [...ofOperation.matchAll(/\[([^\]]+)\]\(([^)]+\.test\.ts)\)/g)];
  expect(links).toHaveLength(numbersIn(ofOperation).length);
  for (const [, name = '', path = ''] of links)
    expect([name, readFileSync(join(dirname(page), path), 'utf8').includes(name)]).toEqual([name, true]);
});
