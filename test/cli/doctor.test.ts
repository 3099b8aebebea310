/** What the doctor makes of a version of Node, and how long a backfill says that it still takes. */
import { etaOf } from '../../src/cli/commands/backfill';
import { nodeFits } from '../../src/cli/doctor';

const wanted = '^20.19 || ^22.13 || >=24';

test.each(['20.19.0', '20.20.2', '22.13.1', '24.0.0', '25.1.0'])('Node %s fits', (version) => {
  expect(nodeFits(version, wanted)).toMatchObject({ status: 'ok' });
});

test.each(['18.20.0', '20.18.9', '21.0.0', '22.12.0', '23.5.0'])('Node %s does not', (version) => {
  const found = nodeFits(version, wanted);
  expect(found).toMatchObject({ status: 'fail', detail: `${version}, and ${wanted} is needed` });
});

test('a backfill says what is left at the pace that it had', () => {
  const replies = Object.fromEntries(
    ['a', 'b', 'c'].map((date) => [date, { state: 'published', summary: '' } as const]),
  );
  expect(etaOf({ replies, total: 9 }, 0, 30_000)).toBe('; about 60 s left');
  expect(etaOf({ replies, total: 33 }, 0, 30_000)).toBe('; about 5 min left');
  expect(etaOf({ replies: {}, total: 9 }, 0, 30_000)).toBe('');
});
