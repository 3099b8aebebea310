import type { OpenDate } from '../../src/client';
import { isWanted, renderExplanation, renderListed } from '../../src/cli/commands/why';
import { mergeStandings, needsPerson, type ListedDate } from '../../src/explain/listed-dates';
import type { RecordedStanding } from '../../src/control/protocol';
import { explainRecord } from '../../src/explain/explain-record';
import { heldVerdict, missingGame, offense, player, resultOf } from '../support/fixtures';

const recorded: RecordedStanding = {
  gameDate: '2025-01-15',
  state: 'blocked',
  endedAt: '2025-01-16T08:30:00.000Z',
  missing: ['nbac_team_boxscore'],
  bypassIds: [],
  decisions: {},
  reasons: ['TeamOffenseGameSummaryProcessor blocked: still missing'],
  lacking: [],
  without: [],
  held: [],
  pinned: [],
  isStale: null,
};
const open: OpenDate = {
  gameDate: '2025-01-15',
  state: 'waiting',
  blockedOn: ['nbac_gamebook_player_stats'],
  marks: [],
  since: '2025-01-16T08:00:00.000Z',
};

test('what Temporal says of an open date goes before what was recorded of it', () => {
  const [date, ...more] = mergeStandings([open], [recorded]);
  expect(more).toEqual([]);
  expect(date).toMatchObject({ state: 'waiting', isOpen: true, missing: ['nbac_gamebook_player_stats'] });
  // Why it was blocked is not why it waits.
  expect(date?.reasons).toEqual([]);
  expect(mergeStandings([{ ...open, state: 'blocked' }], [recorded])[0]?.reasons).toEqual(recorded.reasons);
});

test.each<[boolean, string, Partial<Parameters<typeof needsPerson>[0]>]>([
  [true, 'without some games', { state: 'partial' }],
  [true, 'in trouble', { state: 'quarantined' }],
  [true, 'that waits', { state: 'waiting', isOpen: true }],
  [true, 'that stands on a bypass', { bypassed: true }],
  [true, 'that is stale', { isStale: true }],
  [false, 'that is published', {}],
  [false, 'whose run is no more and that waited', { state: 'waiting' }],
  [false, 'that never ran', { state: 'unknown', bypassed: true }],
])('%s: a person is needed for a date %s', (isNeeded, _, date) => {
  const published = { state: 'published' as const, isOpen: false, bypassed: false, isStale: null };
  expect(needsPerson({ ...published, ...date })).toBe(isNeeded);
});

test('dates come in order, open ones and closed ones', () => {
  const closed = { ...recorded, gameDate: '2025-01-14', state: 'published' as const };
  const dates = mergeStandings([open, { ...open, gameDate: '2025-01-13' }], [recorded, closed]);
  expect(dates.map(({ gameDate, isOpen }) => [gameDate, isOpen])).toEqual([
    ['2025-01-13', true],
    ['2025-01-14', false],
    ['2025-01-15', true],
  ]);
});

test('a mark of the record is not lost beside an open run that does not know of it', () => {
  expect(mergeStandings([open], [{ ...recorded, bypassIds: ['b-1'] }])[0]).toMatchObject({
    bypassed: true,
    bypassIds: ['b-1'],
  });
});

test.each([
  [{}, ['published', 'blocked', 'waiting', 'failed', 'quarantined', 'partial', 'disputed', 'unknown']],
  [{ blocked: true }, ['blocked']],
  [{ waiting: true }, ['waiting']],
  [{ failed: true }, ['failed', 'quarantined', 'disputed']],
  [{ quarantined: true }, ['quarantined']],
  [{ blocked: true, failed: true }, ['blocked', 'failed', 'quarantined', 'disputed']],
  [{ bypassed: true }, []],
  [{ partial: true }, ['partial', 'disputed']],
])('%j lists those states', (options, wanted) => {
  const states = [
    ...(['published', 'blocked', 'waiting', 'failed', 'quarantined'] as const),
    ...(['partial', 'disputed', 'unknown'] as const),
  ];
  const dates = states.map((state): ListedDate => ({
    ...{ gameDate: '2025-01-15', state, isOpen: false, missing: [], bypassed: false },
    ...{
      bypassIds: [],
      decisions: {},
      since: null,
      reasons: [],
      lacking: [],
      without: [],
      held: [],
      pinned: [],
      isStale: null,
    },
  }));
  expect(dates.filter((date) => isWanted(date, options)).map(({ state }) => state)).toEqual(wanted);
  const [first] = dates;
  if (first) expect(isWanted({ ...first, bypassed: true }, { bypassed: true })).toBe(true);
});

test('a list says which games are not published, and of contradicted ones only that', () => {
  const reasons = ['with 20250115_BOS_NYK: disputed, a rule'];
  const [disputed] = mergeStandings(
    [],
    [{ ...recorded, missing: [], lacking: ['20250115_BOS_NYK'], reasons }],
  );
  expect(renderListed(disputed!)).toBe(`2025-01-15  blocked                  ${reasons[0]}`);
  const [held] = mergeStandings(
    [],
    [{ ...recorded, missing: [], lacking: ['g1'], without: ['g1'], reasons: [] }],
  );
  expect(renderListed(held!)).toBe('2025-01-15  blocked                  without g1');
});

test('why shows the sentence, what can be done, and found against expected by table and game', () => {
  const { details, missing, missingGames } = heldVerdict(offense);
  const lines = renderExplanation(
    explainRecord('2025-01-15', {
      state: 'blocked',
      results: [
        resultOf(offense, { outcome: 'blocked', reason: 'still missing', details, missing, missingGames }),
        resultOf(player, { outcome: 'published', bypassIds: ['b-1'], version: 2, rowCount: 90 }),
      ],
      bypasses: [],
    }),
  ).join('\n');
  expect(lines).toMatch(
    /^2025-01-15 is blocked: TeamOffenseGameSummaryProcessor, still missing\.\n {2}→ `phase3 rerun 2025-01-15 --reason "WHY"` runs the date again\.\n/,
  );
  expect(lines).toContain('nbac_team_boxscore             found 8, expected at least 10: insufficient_data');
  expect(lines).toContain('missing: no team row');
  expect(lines).toContain('PlayerGameSummaryProcessor: published, version 2 (90 rows), on bypass b-1');
});

test('why shows the rules that a game breaks, with their figures, and what is stale', () => {
  const figures = [
    { table: 'nbac_team_boxscore', row: 'ATL', field: 'assists', value: 24 },
    { table: 'nbac_gamebook_player_stats', row: 'ATL, all active players', field: 'assists', value: 30 },
  ];
  const broken = [{ rule: 'plays_add_up', evidence: '0', detail: '30 and 24', figures }];
  const held = missingGame(0, { status: 'held', detail: 'plays_add_up: 30 and 24', broken });
  const lines = renderExplanation(
    explainRecord(
      '2025-01-15',
      { state: 'partial', results: [resultOf(offense, { missingGames: [held] })], bypasses: [] },
      [{ processor: offense, reason: 'its inputs changed' }],
    ),
  );
  expect(lines[0]).toBe(
    `2025-01-15 is partial: everything is published without 1 of its games (${held.gameId} held, plays_add_up: 30 and 24).`,
  );
  expect(lines).toEqual(
    expect.arrayContaining([
      `  stale, not current any more: ${offense}, its inputs changed`,
      `    without ${held.gameId}: held`,
      '      plays_add_up: 30 and 24',
      '        nbac_team_boxscore, ATL: assists 24',
      '        nbac_gamebook_player_stats, ATL, all active players: assists 30',
    ]),
  );
});

test('what stands on a release or an estimate does not say that it stands on a bypass', () => {
  const marked = resultOf(player, {
    ...{ outcome: 'published', version: 2, rowCount: 90, bypassIds: ['b-1', 'r-1', 'e-1'] },
    decisions: { 'r-1': 'release', 'e-1': 'estimate' },
  });
  const why = explainRecord('2025-01-15', { state: 'published', results: [marked], bypasses: [] });
  expect(why.headline).toContain('built with bypass b-1, release r-1, estimate e-1.');
  expect(renderExplanation(why).join('\n')).toContain('on bypass b-1, release r-1, estimate e-1 - built');
});

test('a game whose live rows are kept is not said to be left out', () => {
  const detail = 'no team row; its live rows are kept';
  const kept = missingGame(0, { status: 'missing', detail, isLive: true });
  const gone = missingGame(1, { status: 'missing', detail: 'no team row' });
  const results = [resultOf(offense, { missingGames: [kept, gone] })];
  const why = explainRecord('2025-01-15', { state: 'partial', results, bypasses: [] });
  expect(why.headline).toContain(
    'everything is published without 1 of its games and with the live rows of 1 of its games kept',
  );
  const lines = renderExplanation(why);
  expect(lines).toContain(`    with ${kept.gameId}: missing, ${detail}`);
  expect(lines).toContain(`    without ${gone.gameId}: missing, no team row`);
});

test('of a partial date that is pinned why names unpin, and no decision that would change nothing', () => {
  const broken = [{ rule: 'plays_add_up', evidence: '0', detail: '30 and 24', figures: [] }];
  const held = missingGame(0, { status: 'held', detail: 'plays_add_up: 30 and 24', broken });
  const pin = { requestId: 'p-1', by: 'ana', reason: 'why', at: '2025-01-16T00:00:00Z', version: 1 };
  const actsOf = (given: object): string =>
    explainRecord('2025-01-15', {
      state: 'partial',
      results: [resultOf(offense, { missingGames: [held], ...given })],
      bypasses: [],
    }).acts.join('\n');
  expect(actsOf({})).toContain('phase3 quarantine release');
  const pinned = actsOf({ pin: { ...pin, questioned: null } });
  expect(pinned).toContain('`phase3 unpin 2025-01-15 --reason "WHY"`');
  expect(pinned).not.toContain('quarantine release');
});
