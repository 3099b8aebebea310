/**
 * Single corruptions of real nights against the pure engine: files, rules, build, checks. What differs from the clean night must
 * be held, null with a reason, or come with a warning that names it; only what nobody can know from the night gets through.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoNights, describeWithSeason, seasonNights } from '../../support/nights';
import { closedList } from './closed-list';
import { everyKind } from './every-kind';
import { cases, heldBeside, report, through, tryAll, type Tried } from './fuzz';

const times = Number(process.env['FUZZ_TIMES'] ?? 500);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);

/** With `FUZZ_PRINT=1` every corruption too. */
function print(title: string, tried: readonly Tried[]): void {
  const all = tried.map(
    ({ outcome, kind, what, seed: own }) => `${outcome}: ${kind.name} (seed ${own}): ${what}`,
  );
  console.log([report(title, tried), ...(process.env['FUZZ_PRINT'] ? all : [])].join('\n'));
}

it('each kind has a name of its own', () => {
  expect(new Set(everyKind.map(({ name }) => name)).size).toBe(everyKind.length);
});

it('of corruptions of the playoffs of 2017 none gets through that the night itself contradicts', async () => {
  const tried = await tryAll(cases(demoNights(), times, seed));
  print(`${times} corruptions of the playoffs of 2017`, tried);
  expect(through(tried)).toEqual([]);
  expect(heldBeside(tried)).toEqual([]);
}, 240_000);

it('a team scaled by 1.3 in every source alike is found, though no two sources contradict each other', async () => {
  const kind = everyKind.find(({ name }) => name === 'a team scaled by 1.3 in every source')!;
  const group = 'figures';
  const all = cases(demoNights(), 30, 2).map(({ night, seed: own }) => {
    const corrupted = kind.corrupt(night, () => (own % 97) / 97)!;
    return { group, kind, night, corrupted, seed: own };
  });
  expect(new Set((await tryAll(all)).map(({ outcome }) => outcome))).not.toContain('silently wrong');
});

describeWithSeason('the season of 2024-25', () => {
  it('of corruptions none gets through that the night itself contradicts', async () => {
    // Each fourth night: a clean one takes as long as a corrupted one.
    const nights = seasonNights().filter((_, index) => index % 4 === seed % 4);
    const tried = await tryAll(cases(nights, times, seed + 6));
    print(`${times} corruptions of the season of 2024-25`, tried);
    expect(through(tried)).toEqual([]);
    expect(heldBeside(tried)).toEqual([]);
  }, 240_000);
});

it('the closed list is that of the documentation, line by line, and each line has a kind that is tried', () => {
  const page = readFileSync(join(__dirname, '../../../docs/explanation/data-limits.md'), 'utf8');
  const [, list = ''] = page.split('cannot be found:');
  const lines = list
    .slice(0, list.indexOf('To find these'))
    .trim()
    .split(/\n?- /)
    .filter(Boolean)
    .map((line) => line.replace(/\s+/g, ' ').trim());
  expect(closedList.map(({ line }) => line)).toEqual(lines);
  for (const { line, kinds } of closedList)
    expect([line, everyKind.some(({ name }) => kinds.test(name))]).toEqual([line, true]);
});
