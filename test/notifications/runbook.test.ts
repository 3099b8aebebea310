/** Whatever a notification is about, the runbook has the paragraph that it leads to. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isTrouble } from '../../src/contracts/phase3';
import { runbookAnchor } from '../../src/notifications/runbook';
import { allKinds, allStates } from './notification';

/** Anchors of `##` headings, as GitHub makes them of plain words. */
const headings = [
  ...readFileSync(join(__dirname, '..', '..', 'docs', 'runbook.md'), 'utf8').matchAll(/^## ([A-Za-z ]+)$/gm),
].map(([, heading = '']) => heading.toLowerCase().replaceAll(' ', '-'));

it.each(allKinds.flatMap((kind) => allStates.map((state) => [kind, state] as const)))(
  '%s, %s leads to a heading that is there once',
  (kind, state) => {
    const anchor = runbookAnchor({ kind, state });
    expect(headings.filter((heading) => heading === anchor)).toHaveLength(1);
  },
);

it.each(allStates.filter((state) => isTrouble(state) || state === 'waiting' || state === 'cancelled'))(
  '%s has a paragraph of its own, at the first message and at the digest',
  (state) => {
    const anchor = state.replaceAll('_', '-');
    expect(runbookAnchor({ kind: 'trouble', state })).toBe(anchor);
    expect(runbookAnchor({ kind: 'still_in_trouble', state })).toBe(anchor);
  },
);

it.each(['published', 'unchanged'] as const)('%s and in trouble was built with a bypass', (state) => {
  expect(runbookAnchor({ kind: 'still_in_trouble', state })).toBe('standing-on-a-bypass');
});

it.each(allStates)('%s: a recovery, a backfill and what is not as published have theirs', (state) => {
  expect(runbookAnchor({ kind: 'not_as_published', state })).toBe('not-as-published');
  expect(runbookAnchor({ kind: 'as_published_again', state })).toBe('recovered');
  expect(runbookAnchor({ kind: 'recovered', state })).toBe('recovered');
  expect(runbookAnchor({ kind: 'backfill_in_trouble', state })).toBe('backfill-in-trouble');
  expect(runbookAnchor({ kind: 'late', state })).toBe('late');
  expect(runbookAnchor({ kind: 'late_over', state })).toBe('recovered');
  expect(runbookAnchor({ kind: 'recalled', state })).toBe('recalled');
});
