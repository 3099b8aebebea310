/** What may come to `/process-date-range`: dates and words for them, and everything that is wrong at once. */
import fc from 'fast-check';
import { addDays, daysBetween, isGameDate } from '../../src/contracts/game-date';
import { newYorkDate } from '../../src/contracts/new-york';
import { processorNames } from '../../src/contracts/phase3';
import { decodeRange, type RangeRequest } from '../../src/gateway/decode-range';
import { defense, offense, player } from '../support/fixtures';

type Fields = Readonly<Record<string, unknown>>;

const today = '2025-01-16';
const range = { start_date: '2025-01-10', end_date: '2025-01-15' };
const asks: RangeRequest = {
  from: '2025-01-10',
  to: '2025-01-15',
  future: [],
  processors: null,
  isBackfill: false,
  correlationId: null,
};
const fields =
  'Fields: start_date, end_date, processors, backfill_mode, skip_downstream_trigger, correlation_id.';
const known = `Processors: ${processorNames.join(', ')}.`;

/** The request of a body that must be good. */
function requestOf(body: unknown, now = today): RangeRequest {
  const decoded = decodeRange(body, now);
  if ('faults' in decoded) throw new Error(decoded.faults.join(' '));
  return decoded.request;
}

/** The faults of a body that must have some. */
function faultsOf(body: unknown, now = today): readonly string[] {
  const decoded = decodeRange(body, now);
  if ('request' in decoded) throw new Error(`it is ${JSON.stringify(decoded.request)}`);
  expect(decoded.faults).not.toEqual([]);
  return decoded.faults;
}

const dateIs = (field: string, shown: string): string =>
  `${field} is ${shown}, expected a calendar date written YYYY-MM-DD, such as 2025-01-15, or TODAY, YESTERDAY or TOMORROW.`;
const inFuture = (field: string, date: string, now = today): string =>
  `${field} is ${date}, which is in the future: it is ${now} in New York. The newest date that can run is today's.`;

describe('a good range', () => {
  it.each<[string, Fields, Partial<RangeRequest>]>([
    ['has two dates', range, {}],
    ['is one date', { start_date: '2025-01-15', end_date: '2025-01-15' }, { from: '2025-01-15' }],
    [
      "begins with the league's first game",
      { start_date: '1946-11-01', end_date: '1946-11-02' },
      { from: '1946-11-01', to: '1946-11-02' },
    ],
    [
      'has a leap day',
      { start_date: '2024-02-29', end_date: '2024-02-29' },
      { from: '2024-02-29', to: '2024-02-29' },
    ],
    ['ends today', { ...range, end_date: today }, { to: today }],
    ['is a backfill', { ...range, backfill_mode: true }, { isBackfill: true }],
    ['is none', { ...range, backfill_mode: false }, {}],
    ['sends nothing downstream', { ...range, skip_downstream_trigger: true }, {}],
    ['would send something downstream', { ...range, skip_downstream_trigger: false }, {}],
    ['has a correlation id', { ...range, correlation_id: 'again 17' }, { correlationId: 'again 17' }],
    ['names no processor', { ...range, processors: [] }, { processors: null }],
    ['names one', { ...range, processors: [player] }, { processors: [player] }],
    [
      'names some in another order, one of them twice',
      { ...range, processors: [player, offense, player] },
      { processors: [offense, player] },
    ],
    [
      'names all',
      { ...range, processors: [player, defense, offense] },
      { processors: [offense, defense, player] },
    ],
  ])('%s', (_, body, changes) => {
    expect(requestOf(body)).toEqual({ ...asks, ...changes });
  });
});

describe('TODAY, YESTERDAY and TOMORROW', () => {
  it.each([
    ['the last millisecond of a day in winter', '2025-01-16T04:59:59.999Z', '2025-01-14', '2025-01-15'],
    ['the first of the next', '2025-01-16T05:00:00.000Z', '2025-01-15', '2025-01-16'],
    ['the last millisecond of a day in summer', '2025-07-05T03:59:59.999Z', '2025-07-03', '2025-07-04'],
    ['the first of the next', '2025-07-05T04:00:00.000Z', '2025-07-04', '2025-07-05'],
    ['midnight in London', '2025-01-16T00:00:00.000Z', '2025-01-14', '2025-01-15'],
    ['before clocks go forward', '2025-03-09T06:59:59.999Z', '2025-03-08', '2025-03-09'],
    ['the end of the day of 23 hours', '2025-03-10T03:59:59.999Z', '2025-03-08', '2025-03-09'],
    ['the day after it', '2025-03-10T04:00:00.000Z', '2025-03-09', '2025-03-10'],
    ['the end of the day of 25 hours', '2025-11-03T04:59:59.999Z', '2025-11-01', '2025-11-02'],
    ['the day after it', '2025-11-03T05:00:00.000Z', '2025-11-02', '2025-11-03'],
    ["New Year's Eve", '2025-01-01T04:59:59.999Z', '2024-12-30', '2024-12-31'],
    ['New Year', '2025-01-01T05:00:00.000Z', '2024-12-31', '2025-01-01'],
  ])("are New York's: at %s (%s)", (_, at, yesterday, now) => {
    const body = { start_date: 'YESTERDAY', end_date: 'TODAY' };
    expect(requestOf(body, newYorkDate(new Date(at)))).toEqual({ ...asks, from: yesterday, to: now });
  });

  it.each([
    ['in the middle of a month', '2025-01-16', '2025-01-15', '2025-01-17'],
    ['at the end of a long month', '2025-01-31', '2025-01-30', '2025-02-01'],
    ['at the end of a short one', '2025-04-30', '2025-04-29', '2025-05-01'],
    ['at the beginning of a month', '2025-03-01', '2025-02-28', '2025-03-02'],
    ['the same in a leap year', '2024-03-01', '2024-02-29', '2024-03-02'],
    ['before a leap day', '2024-02-28', '2024-02-27', '2024-02-29'],
    ['on a leap day', '2024-02-29', '2024-02-28', '2024-03-01'],
    ['in a year of a century that has none', '2100-02-28', '2100-02-27', '2100-03-01'],
    ['at the end of a year', '2025-12-31', '2025-12-30', '2026-01-01'],
    ['at the beginning of one', '2025-01-01', '2024-12-31', '2025-01-02'],
  ])('are the days next to one another %s', (_, now, yesterday, tomorrow) => {
    const body = { start_date: 'YESTERDAY', end_date: 'TOMORROW' };
    expect(requestOf(body, now)).toEqual({ ...asks, from: yesterday, to: tomorrow, future: [tomorrow] });
    expect(requestOf({ start_date: 'TODAY', end_date: 'TODAY' }, now)).toMatchObject({ from: now, to: now });
  });

  it('go with dates', () => {
    expect(requestOf({ start_date: '2025-01-01', end_date: 'YESTERDAY' })).toMatchObject({
      from: '2025-01-01',
      to: '2025-01-15',
    });
    expect(requestOf({ start_date: 'YESTERDAY', end_date: today })).toMatchObject({
      from: '2025-01-15',
      to: today,
    });
  });

  it.each(['today', 'Today', ' TODAY', 'NOW', 'TODAY-1', 'toString', '__proto__', 'constructor'])(
    'are no other words: %p',
    (word) => {
      expect(faultsOf({ start_date: word, end_date: 'TODAY' })).toEqual([dateIs('start_date', `"${word}"`)]);
      expect(faultsOf({ start_date: 'TODAY', end_date: word })).toEqual([dateIs('end_date', `"${word}"`)]);
    },
  );
});

describe('dates to come', () => {
  const tomorrow = '2025-01-17';
  const dayAfter = '2025-01-18';

  it.each<[string, string, string, string, string]>([
    ['a range that ends tomorrow', '2025-01-10', 'TOMORROW', '2025-01-10', tomorrow],
    ['the same with its date', '2025-01-10', tomorrow, '2025-01-10', tomorrow],
    ['today and tomorrow', 'TODAY', 'TOMORROW', today, tomorrow],
    ['tomorrow alone', 'TOMORROW', 'TOMORROW', tomorrow, tomorrow],
    ['tomorrow alone, in two ways', tomorrow, 'TOMORROW', tomorrow, tomorrow],
  ])('may be tomorrow, which is told apart: %s', (_, start, end, from, to) => {
    expect(requestOf({ start_date: start, end_date: end })).toEqual({
      ...asks,
      from,
      to,
      future: [tomorrow],
    });
  });

  it('may not be later, at either end', () => {
    expect(faultsOf({ start_date: dayAfter, end_date: '2099-12-31' })).toEqual([
      inFuture('start_date', dayAfter),
      inFuture('end_date', '2099-12-31'),
    ]);
    expect(faultsOf({ start_date: 'TODAY', end_date: dayAfter })).toEqual([inFuture('end_date', dayAfter)]);
    expect(faultsOf({ start_date: dayAfter, end_date: 'TODAY' })).toEqual([inFuture('start_date', dayAfter)]);
  });

  it('are to come in New York and not elsewhere', () => {
    const evening = newYorkDate(new Date('2025-01-16T01:00:00Z'));
    expect(faultsOf({ start_date: 'TODAY', end_date: '2025-01-17' }, evening)).toEqual([
      inFuture('end_date', '2025-01-17', '2025-01-15'),
    ]);
  });
});

describe('is refused:', () => {
  const boolean = 'expected true or false';
  it.each<[string, unknown, string[]]>([
    ['null', null, ['The body is null, expected a JSON object.']],
    ['a list', [range], [`The body is [${JSON.stringify(range)}], expected a JSON object.`]],
    ['a text', 'TODAY', ['The body is "TODAY", expected a JSON object.']],
    ['nothing', undefined, ['The body is missing, expected a JSON object.']],
    [
      'no dates',
      {},
      ['start_date', 'end_date'].map(
        (field) =>
          `${field} is missing, expected a calendar date written YYYY-MM-DD, such as 2025-01-15, or TODAY, YESTERDAY or TOMORROW.`,
      ),
    ],
    ['a start that is a number', { ...range, start_date: 20250110 }, [dateIs('start_date', '20250110')]],
    ['a start that is null', { ...range, start_date: null }, [dateIs('start_date', 'null')]],
    ['an empty start', { ...range, start_date: '' }, [dateIs('start_date', '""')]],
    ['an end that is none', { ...range, end_date: '2025-02-30' }, [dateIs('end_date', '"2025-02-30"')]],
    [
      'an end of another notation',
      { ...range, end_date: '01/15/2025' },
      [dateIs('end_date', '"01/15/2025"')],
    ],
    [
      'an end with a time',
      { ...range, end_date: '2025-01-15T00:00:00Z' },
      [dateIs('end_date', '"2025-01-15T00:00:00Z"')],
    ],
    [
      'a date before there was a league',
      { ...range, start_date: '1946-10-31' },
      ["start_date is 1946-10-31, before the league's first game (1946-11-01)."],
    ],
    [
      'a range the wrong way round',
      { start_date: '2025-01-15', end_date: '2025-01-14' },
      ['start_date is 2025-01-15, after end_date, 2025-01-14. The earlier date comes first.'],
    ],
    [
      'words the wrong way round',
      { start_date: 'TOMORROW', end_date: 'YESTERDAY' },
      ['start_date is 2025-01-17, after end_date, 2025-01-15. The earlier date comes first.'],
    ],
    [
      'a processor that there is not, near to one',
      { ...range, processors: ['PlayerGameSumaryProcessor'] },
      [`processors names "PlayerGameSumaryProcessor", which there is not. Did you mean ${player}? ${known}`],
    ],
    [
      'one near to nothing',
      { ...range, processors: [offense, 'TeamShoeSizeProcessor', 'x'] },
      [
        `processors names "TeamShoeSizeProcessor", which there is not. ${known}`,
        `processors names "x", which there is not. ${known}`,
      ],
    ],
    [
      'processors by the names of their tables',
      { ...range, processors: ['player_game_summary'] },
      [`processors names "player_game_summary", which there is not. ${known}`],
    ],
    [
      'an empty name, and one that every object has',
      { ...range, processors: ['', '__proto__'] },
      [
        `processors names "", which there is not. ${known}`,
        `processors names "__proto__", which there is not. ${known}`,
      ],
    ],
    [
      'a processor that is no text',
      { ...range, processors: [player, 7] },
      ['processors.1 is 7, expected a processor, such as PlayerGameSummaryProcessor.'],
    ],
    [
      'processors that are no list',
      { ...range, processors: player },
      [
        `processors is "${player}", expected a list of processors, such as ["${offense}"]; none means all of them.`,
      ],
    ],
    [
      'a backfill_mode that is a text',
      { ...range, backfill_mode: 'true' },
      [`backfill_mode is "true", ${boolean}: true asks once, and what is missing then is not waited for.`],
    ],
    [
      'a skip_downstream_trigger that is a number',
      { ...range, skip_downstream_trigger: 1 },
      [`skip_downstream_trigger is 1, ${boolean}; nothing is sent downstream in either case.`],
    ],
    [
      'a correlation id that is blank',
      { ...range, correlation_id: ' ' },
      [
        'correlation_id is " ", expected a text of at most 100 characters, none of them unseen, which goes on record.',
      ],
    ],
    ['a field that there is not', { ...range, dates: 7 }, [`dates is no field of it. ${fields}`]],
    [
      'one near to a field',
      { ...range, backfil_mode: true },
      [`backfil_mode is no field of it. Did you mean backfill_mode? ${fields}`],
    ],
    [
      'a field of the other endpoint',
      { ...range, game_date: '2025-01-15' },
      [`game_date is no field of it. Did you mean start_date? ${fields}`],
    ],
  ])('%s', (_, body, faults) => {
    expect(faultsOf(body)).toEqual(faults);
  });

  it('a range of more than 4,000 dates, of which the day to come is none', () => {
    const longest = addDays(today, -3_999);
    expect(daysBetween(longest, today) + 1).toBe(4_000);
    expect(requestOf({ start_date: longest, end_date: today })).toMatchObject({ from: longest, to: today });
    expect(requestOf({ start_date: longest, end_date: 'TOMORROW' })).toMatchObject({
      future: ['2025-01-17'],
    });
    const from = addDays(longest, -1);
    for (const end of [today, 'TODAY', 'TOMORROW'])
      expect(faultsOf({ start_date: from, end_date: end })).toEqual([
        `${from} to ${today} are 4001 dates; one request takes 4000 at the most.`,
      ]);
  });
});

it('every fault is named at once', () => {
  expect(
    faultsOf({
      start_date: '2025-01-18',
      end_date: '2025-02-30',
      processors: ['X', 7, player],
      backfill_mode: 'yes',
      skip_downstream_trigger: [],
      correlation_id: 7,
      when: 'now',
    }),
  ).toEqual([
    `when is no field of it. ${fields}`,
    'processors.1 is 7, expected a processor, such as PlayerGameSummaryProcessor.',
    'backfill_mode is "yes", expected true or false: true asks once, and what is missing then is not waited for.',
    'skip_downstream_trigger is [], expected true or false; nothing is sent downstream in either case.',
    'correlation_id is 7, expected a text of at most 100 characters, none of them unseen, which goes on record.',
    inFuture('start_date', '2025-01-18'),
    dateIs('end_date', '"2025-02-30"'),
    `processors names "X", which there is not. ${known}`,
  ]);
});

it('every fault is named at once, whichever there are', () => {
  const bad: [string, unknown, RegExp][] = [
    ['start_date', '2025-1-1', /^start_date is "2025-1-1", /],
    ['end_date', 'SOON', /^end_date is "SOON", /],
    ['processors', ['Nobody'], /^processors names "Nobody", /],
    ['backfill_mode', 1, /^backfill_mode is 1, /],
    ['skip_downstream_trigger', 'no', /^skip_downstream_trigger is "no", /],
    ['correlation_id', '\n', /^correlation_id is "\\n", /],
    ['force', true, /^force is no field of it\./],
    ['dry_run', true, /^dry_run is no field of it\./],
  ];
  fc.assert(
    fc.property(fc.subarray(bad, { minLength: 1 }), (some) => {
      const faults = faultsOf({
        ...range,
        ...Object.fromEntries(some.map(([field, value]) => [field, value])),
      });
      for (const [, , sentence] of some) expect(faults).toContainEqual(expect.stringMatching(sentence));
      expect(faults).toHaveLength(some.length);
    }),
  );
});

it('a fault that is there twice is named once', () => {
  expect(faultsOf({ ...range, processors: ['X', 'X', 'X'] })).toEqual([
    `processors names "X", which there is not. ${known}`,
  ]);
});

describe('whatever is sent', () => {
  const value = fc.jsonValue({ stringUnit: 'binary' });
  const date = fc.oneof(
    fc.constantFrom('TODAY', 'YESTERDAY', 'TOMORROW'),
    // From some days before the league to some days after tomorrow.
    fc.integer({ min: -29_000, max: 10 }).map((days) => addDays(today, days)),
    value,
  );
  const body = fc.oneof(
    value,
    fc.record(
      {
        start_date: date,
        end_date: date,
        processors: fc.oneof(fc.array(fc.oneof(fc.constantFrom(...processorNames), fc.string())), value),
        backfill_mode: fc.oneof(fc.boolean(), value),
        skip_downstream_trigger: fc.oneof(fc.boolean(), value),
        correlation_id: value,
      },
      { requiredKeys: ['start_date', 'end_date'] },
    ),
  );

  it('is decoded or told why not, in sentences that a person reads', () => {
    fc.assert(
      fc.property(body, (given) => {
        const decoded = decodeRange(given, today);
        if ('faults' in decoded) {
          expect(decoded.faults).not.toEqual([]);
          for (const fault of decoded.faults) {
            expect(fault).toMatch(/\.$/);
            expect(fault.length).toBeLessThanOrEqual(400);
          }
          return;
        }
        const { from, to, future } = decoded.request;
        expect([from, to].filter(isGameDate)).toEqual([from, to]);
        expect(from <= to).toBe(true);
        expect(from >= '1946-11-01').toBe(true);
        expect(daysBetween(from, to < today ? to : today)).toBeLessThan(4_000);
        // The days of the range that are to come, counted one by one.
        const days = Array.from({ length: daysBetween(from, to) + 1 }, (_, index) => addDays(from, index));
        expect(future).toEqual(days.filter((day) => day > today));
        expect(future.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1_000 },
    );
  });

  it('every range of dates that can be is taken', () => {
    const days = fc.integer({ min: 0, max: 3_999 });
    fc.assert(
      fc.property(days, days, (one, other) => {
        const from = addDays(today, -Math.max(one, other));
        const to = addDays(today, -Math.min(one, other));
        expect(requestOf({ start_date: from, end_date: to })).toEqual({ ...asks, from, to });
        if (from !== to)
          expect(faultsOf({ start_date: to, end_date: from })).toEqual([
            `start_date is ${to}, after end_date, ${from}. The earlier date comes first.`,
          ]);
      }),
    );
  });

  it('no sentence is longer than a person reads, however long what was sent is', () => {
    const long = 'x'.repeat(100_000);
    const bodies: unknown[] = [
      long,
      [long],
      { ...range, start_date: [long] },
      { ...range, end_date: { [long]: long } },
      { ...range, processors: [long] },
      { ...range, processors: [[long]] },
      { ...range, processors: long },
      { ...range, backfill_mode: long },
      { ...range, skip_downstream_trigger: long },
      { ...range, correlation_id: long },
      { ...range, [long]: long },
    ];
    for (const given of bodies)
      for (const fault of faultsOf(given)) expect(fault.length).toBeLessThanOrEqual(400);
  });
});
