/** The level log, in the plan's words. */
import { isSatisfied, type Outcome } from '../../src/contracts/phase3';
import type { JournalLevel } from '../../src/contracts/date-state';
import {
  after,
  asks,
  at,
  deadline,
  linesOf,
  looks,
  messageOf,
  opens,
  readyOf,
  settled,
  starts,
  took,
  verdictOf,
  waits,
  type Step,
} from '../support/date-events';
import { defense, gameDate, gameIdOf, missingGame, offense, player, resultOf } from '../support/fixtures';

const held = [verdictOf(offense)];
const waitsFor = `⏳ Level 1 waits: nbac_team_boxscore 8 of at least 10 rows (${gameIdOf(0)} missing, no team row) - next check in`;
const decided = messageOf({ by: 'ana', reason: 'the feed was corrected', processors: [offense] });
const came = (outcome: Outcome): Step => settled(offense, { outcome, reason: 'why' });
const recheck = { requestId: 'k1', by: 'ana' };

it.each<[string, readonly Step[], readonly (readonly [JournalLevel, string])[]]>([
  [
    'how many processors start, not how many the level has',
    [starts(defense)],
    [['INFO', 'Level 1: Running 1 processors - Team stats - foundation for player calculations']],
  ],
  [
    'that one starts without what a bypass waives',
    [{ type: 'started', level: 1, processors: [player], why: 'without waiting for the bypassed input' }],
    [['INFO', 'Level 1: Running 1 processors - without waiting for the bypassed input']],
  ],
  [
    'what there is nothing to build for',
    looks([verdictOf(player)], {
      settled: [offense, defense].map((name) => resultOf(name, { outcome: 'unchanged', reason: 'why' })),
    }),
    [
      ['INFO', `Level 1: nothing to build for ${offense}, ${defense}`],
      ['INFO', `✅ ${offense} completed - unchanged, why`],
      ['INFO', `✅ ${defense} completed - unchanged, why`],
      ['INFO', '✅ Level 1 complete - proceeding to next level'],
    ],
  ],
  ['published', [came('published')], [['INFO', `✅ ${offense} completed`]]],
  ['unchanged', [came('unchanged')], [['INFO', `✅ ${offense} completed - unchanged, why`]]],
  ['skipped', [came('skipped')], [['INFO', `${offense} skipped - why`]]],
  ['nothing of what goes on waiting', [came('waiting')], []],
  ...(['blocked', 'quarantined', 'failed', 'upstream_failed'] as const).map(
    (outcome): [string, Step[], [JournalLevel, string][]] => [
      outcome,
      [came(outcome)],
      [['ERROR', `❌ ${offense} ${outcome} - why`]],
    ],
  ),
  [
    'the warnings, the games that it ran without, the bypass, and the rule that it passed by',
    [
      settled(offense, {
        missingGames: [
          missingGame(0),
          missingGame(1, { status: 'not_final', table: null, detail: 'not yet' }),
        ],
        policyBypass: { kind: 'policy', rule: 'older_than_two_days', readyGames: 1, finalGames: 2 },
        warnings: ['rating_is_usual: ATL has an offensive rating of 170.0'],
        bypassIds: ['b1'],
      }),
    ],
    [
      ['WARNING', `${offense}: rating_is_usual: ATL has an offensive rating of 170.0`],
      [
        'WARNING',
        `${offense} runs without ${gameIdOf(0)} (nbac_team_boxscore: missing, no team row); ${gameIdOf(1)} (game: not_final, not yet)`,
      ],
      ['WARNING', `${offense} was built with bypass b1`],
      ['WARNING', `${offense} ran by policy (older_than_two_days): 1 of 2 games are ready`],
      ['INFO', `✅ ${offense} completed`],
    ],
  ],
  [
    'no games that a blocked processor runs without',
    [settled(offense, { outcome: 'blocked', reason: 'why', missingGames: [missingGame(0)] })],
    [['ERROR', `❌ ${offense} blocked - why`]],
  ],
  [
    'what the level waits for, found and expected, until when; nothing of a sibling that is ready',
    [...looks([...held, readyOf(defense)]), waits(at, '2025-01-16T08:02:30.000Z')],
    [['WARNING', `${waitsFor} 150 s, deadline ${deadline}`]],
  ],
  [
    'which upstream is built first, and why',
    looks([readyOf(offense)], {
      rebuilds: [{ processor: offense, reason: 'its inputs changed', before: player }],
    }),
    [
      [
        'WARNING',
        `${offense} is published but not up to date (its inputs changed) - rebuilding it before ${player}`,
      ],
    ],
  ],
  [
    'what moved under a processor',
    [{ type: 'moved', processor: player, detail: 'it moved', at }],
    [['WARNING', `${player} stopped before publishing: it moved - checking again`]],
  ],
  [
    'that the pass could not be opened',
    [{ type: 'notOpened', why: 'PassFenced: another run', seen: 0, at }],
    [['ERROR', 'Nothing was started: PassFenced: another run']],
  ],
  [
    'who reruns what, and why',
    [asks({ ...decided, kind: 'rerun' }), asks({ ...decided, kind: 'rerun', force: true })],
    [
      ['INFO', `Rerun of ${offense} by ana: the feed was corrected`],
      ['INFO', `Rerun of ${offense}, even if unchanged, by ana: the feed was corrected`],
    ],
  ],
  [
    'who restores what, and why',
    [asks({ ...decided, kind: 'restore', version: 2 })],
    [['WARNING', `Restore of version 2 of ${offense} by ana: the feed was corrected`]],
  ],
  [
    'what came again, what is tried again, what is refused and what there is no room for',
    [took({ again: ['r1'], triedAgain: ['r2'], refused: [{ requestId: null, why: 'no.' }], leftOut: 3 })],
    [
      ['INFO', 'Request r2 failed before and is tried again'],
      ['INFO', 'Request r1 is a repetition and joins the first one'],
      ['WARNING', 'A message was refused: no.'],
      ['WARNING', 'No room for more requests: 3 were not taken, and their senders have to send them again'],
    ],
  ],
  [
    'of many of a kind the first twenty, and how many there are more',
    [took({ again: Array.from({ length: 2_000 }, (_, index) => `r${index}`) })],
    [
      ...Array.from({ length: 20 }, (_, index): [JournalLevel, string] => [
        ...(['INFO', `Request r${index} is a repetition and joins the first one`] as const),
      ]),
      ['INFO', '... and 1980 more of that kind'],
    ],
  ],
  [
    'who rechecks once, however often, and what comes of it',
    [took({ rechecks: [recheck, { ...recheck, requestId: 'k2' }] })],
    [['INFO', 'Recheck requested by ana (2 times): nothing is waiting']],
  ],
  [
    'what a recheck has checked',
    [came('blocked'), took({ rechecks: [recheck] })],
    [
      ['ERROR', `❌ ${offense} blocked - why`],
      ['INFO', `Recheck requested by ana: ${offense} checked once`],
    ],
  ],
  [
    'that it is abandoned',
    [{ type: 'ended', as: 'abandoned', seen: 9, at }],
    [['WARNING', `${gameDate} is abandoned: nobody acted in time`]],
  ],
  [
    'that it was cancelled',
    [{ type: 'ended', as: 'cancelled', seen: 9, at }],
    [['WARNING', `${gameDate} was cancelled`]],
  ],
])('says %s', (_, events, lines) => {
  expect(after(events).journal).toEqual(lines.map(([level, message]) => ({ at, level, message })));
});

it.each<[string, readonly Step[], string]>([
  ['waits', [...opens(), ...looks(held), waits()], 'the dependencies are checked again'],
  ['runs', [...opens(), ...looks(held)], 'the date is running'],
  [
    'is ending',
    [{ type: 'ended', as: 'cancelled', seen: 9, at }],
    'the run is ending, so nothing is checked',
  ],
])('says what a recheck does to a date that %s', (_, events, effect) => {
  expect(linesOf(after([...events, took({ rechecks: [recheck] })])).at(-1)).toBe(
    `Recheck requested by ana: ${effect}`,
  );
});

it.each(
  (['published', 'unchanged', 'blocked', 'quarantined', 'failed', 'upstream_failed', 'skipped'] as const).map(
    (outcome): [Outcome, boolean] => [outcome, isSatisfied(outcome) || outcome === 'skipped'],
  ),
)('calls a level with a processor %s complete: %s', (outcome, complete) => {
  const asked = looks([readyOf(offense), readyOf(defense)], { open: [offense, defense, player] });
  const first = after([...asked, came('published'), settled(defense, { outcome })]);
  expect(first.journal.at(-1)).toEqual(
    complete
      ? { at, level: 'INFO', message: '✅ Level 1 complete - proceeding to next level' }
      : { at, level: 'WARNING', message: `Level 1 ended without ${defense} - proceeding to next level` },
  );
  const last = after([...looks([readyOf(player)]), settled(player, { outcome })]);
  expect(linesOf(last).at(-1)).toBe(complete ? '✅ Level 2 complete' : `Level 2 ended without ${player}`);
});

it('keeps the newest 200 lines in order, and counts those before; a pass begins at its own', () => {
  const joins = Array.from({ length: 250 }, (_, index) => took({ again: [`r${index}`] }));
  const memory = after([...joins, { type: 'closed', overtaken: [], at }]);
  expect([memory.journal.length, memory.journalDropped, memory.passStartsAtLine]).toEqual([200, 50, 250]);
  expect(linesOf(memory)[0]).toContain('r50 ');
  expect(linesOf(memory).at(-1)).toContain('r249 ');
});
