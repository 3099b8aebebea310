/** What may come to `/process-date-range`: dates and words for them, and everything that is wrong at once. */
import fc from 'fast-check';
import { addDays, daysBetween, isGameDate } from '../../src/contracts/game-date';
import { newYorkDate } from '../../src/contracts/new-york';
import { sentenceOf } from '../../src/contracts/schema';
import { processorNames } from '../../src/plan/registry';
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
/** The request of a body that must be good. */
function requestOf(body: unknown, now = today): RangeRequest {
  const { request, faults } = decodeRange(body, now);
  if (!request) throw new Error(faults.map(sentenceOf).join(' '));
  return request;
}

/** The faults of a body that must have some, as "code field". */
function codesOf(body: unknown, now = today): string[] {
  const { request, faults } = decodeRange(body, now);
  if (request) throw new Error(`it is ${JSON.stringify(request)}`);
  return faults.map(({ code, field }) => `${code} ${field}`);
}

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
  ])("are New York's: at %s (%s)", (_, at, yesterday, now) => {
    const body = { start_date: 'YESTERDAY', end_date: 'TODAY' };
    expect(requestOf(body, newYorkDate(new Date(at)))).toEqual({ ...asks, from: yesterday, to: now });
  });

  it.each([
    ['in the middle of a month', '2025-01-16', '2025-01-15', '2025-01-17'],
    ['at the beginning of a month', '2025-03-01', '2025-02-28', '2025-03-02'],
    ['on a leap day', '2024-02-29', '2024-02-28', '2024-03-01'],
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
      expect(codesOf({ start_date: word, end_date: 'TODAY' })).toEqual(['wrong_value start_date']);
      expect(codesOf({ start_date: 'TODAY', end_date: word })).toEqual(['wrong_value end_date']);
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
      future: ['2025-01-17'],
    });
  });

  it('may not be later, at either end', () => {
    const [start, end] = ['in_future start_date', 'in_future end_date'];
    expect(codesOf({ start_date: dayAfter, end_date: '2099-12-31' })).toEqual([start, end]);
    expect(codesOf({ start_date: 'TODAY', end_date: dayAfter })).toEqual([end]);
    expect(codesOf({ start_date: dayAfter, end_date: 'TODAY' })).toEqual([start]);
    // In New York, and not elsewhere.
    const evening = newYorkDate(new Date('2025-01-16T01:00:00Z'));
    expect(codesOf({ start_date: 'TODAY', end_date: '2025-01-17' }, evening)).toEqual([end]);
  });
});

/** Changes to a good range, each with what is wrong then. */
const bad: [change: Fields, ...faults: string[]][] = [
  ...[undefined, 20250110, null, [], {}].map((start_date): [Fields, string] => [
    { start_date },
    `${start_date === undefined ? 'missing' : 'wrong_type'} start_date`,
  ]),
  ...['', '2025-02-30', '01/15/2025', '2025-01-15T00:00:00Z'].map((end_date): [Fields, string] => [
    { end_date },
    'wrong_value end_date',
  ]),
  [{ start_date: '1946-10-31' }, 'too_early start_date'],
  [{ start_date: '2025-01-15', end_date: '2025-01-14' }, 'wrong_order start_date'],
  [{ start_date: 'TOMORROW', end_date: 'YESTERDAY' }, 'wrong_order start_date'],
  [
    { processors: [offense, 'TeamShoeSizeProcessor', '', '__proto__'] },
    ...[1, 2, 3].map((index) => `unknown_processor processors.${index}`),
  ],
  [{ processors: [player, 7] }, 'wrong_type processors.1'],
  [{ processors: player }, 'wrong_type processors'],
  [{ backfill_mode: 'true' }, 'wrong_type backfill_mode'],
  [{ skip_downstream_trigger: 1 }, 'wrong_type skip_downstream_trigger'],
  [{ correlation_id: ' ' }, 'wrong_value correlation_id'],
  [{ dates: 7, constructor: 1 }, 'unknown_field dates', 'unknown_field constructor'],
];

describe('is refused:', () => {
  it.each(bad.map(([change, ...faults]) => ({ change, faults })))('$change', ({ change, faults }) => {
    expect(codesOf(JSON.parse(JSON.stringify({ ...range, ...change })))).toEqual(faults);
  });

  it.each([null, [range], 'TODAY', 7])('%j, which is no object', (body) => {
    expect(codesOf(body)).toEqual(['wrong_type The body']);
  });

  it('nothing at all', () => {
    expect(decodeRange(undefined, today).faults?.map(sentenceOf)).toEqual([
      'The body is missing, expected a JSON object.',
    ]);
  });

  it('what is near to something, which is proposed', () => {
    const body = { ...range, processors: ['PlayerGameSumaryProcessor'], backfil_mode: true };
    expect(decodeRange(body, today).faults?.map(sentenceOf)).toEqual([
      `processors.0 is "PlayerGameSumaryProcessor", expected one of ${processorNames.join(', ')}. Did you mean ${player}?`,
      'backfil_mode is not a known field, expected start_date, end_date, processors, backfill_mode, skip_downstream_trigger, correlation_id. Did you mean backfill_mode?',
    ]);
  });

  it('a range of more than 4,000 dates, of which the day to come is none', () => {
    const longest = addDays(today, -3_999);
    expect(requestOf({ start_date: longest, end_date: 'TOMORROW' })).toMatchObject({
      from: longest,
      future: ['2025-01-17'],
    });
    for (const end of [today, 'TODAY', 'TOMORROW'])
      expect(codesOf({ start_date: addDays(longest, -1), end_date: end })).toEqual(['too_many end_date']);
  });
});

it('every fault is named at once, whichever there are', () => {
  const single = bad.filter(([change]) => Object.keys(change).length === 1);
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom(...single), { selector: ([change]) => Object.keys(change)[0] }),
      (some) => {
        if (some.length === 0) return;
        const body = Object.assign({}, range, ...some.map(([change]) => change)) as Fields;
        const faults = some.flatMap(([, ...codes]) => codes);
        expect(codesOf(JSON.parse(JSON.stringify(body))).sort()).toEqual(faults.sort());
      },
    ),
  );
});

it('whatever is sent is decoded or told why not, in sentences that a person reads', () => {
  const value = fc.oneof(fc.jsonValue({ stringUnit: 'binary' }), fc.constant('x'.repeat(100_000)));
  const date = fc.oneof(
    fc.constantFrom('TODAY', 'YESTERDAY', 'TOMORROW'),
    // From some days before the league to some days after tomorrow.
    fc.integer({ min: -29_000, max: 10 }).map((days) => addDays(today, days)),
    value,
  );
  const processors = fc.oneof(fc.array(fc.oneof(fc.constantFrom(...processorNames), fc.string())), value);
  const body = fc.oneof(
    value,
    fc.record(
      {
        ...{ start_date: date, end_date: date, processors, correlation_id: value },
        backfill_mode: fc.oneof(fc.boolean(), value),
        skip_downstream_trigger: fc.oneof(fc.boolean(), value),
      },
      { requiredKeys: ['start_date', 'end_date'] },
    ),
  );
  fc.assert(
    fc.property(body, (given) => {
      const { request, faults } = decodeRange(given, today);
      if (!request) {
        expect(faults).not.toEqual([]);
        for (const fault of faults) expect(sentenceOf(fault).length).toBeLessThanOrEqual(500);
        return;
      }
      const { from, to, future } = request;
      expect([from, to].filter(isGameDate)).toEqual([from, to]);
      expect(from <= to && from >= '1946-11-01').toBe(true);
      expect(daysBetween(from, to < today ? to : today)).toBeLessThan(4_000);
      // The days of the range that are to come, counted one by one.
      const days = Array.from({ length: daysBetween(from, to) + 1 }, (_, index) => addDays(from, index));
      expect(future).toEqual(days.filter((one) => one > today));
    }),
    { numRuns: 1_000 },
  );
});
