import type { TableDefinition } from '../../src/tables/define-table';
import { bool, date, float, integer, required, string, timestamp } from '../../src/tables/define-table';
import { rawTables } from '../../src/tables/catalogue';
import { decodeGivenRow, decodeRow, type FieldFault } from '../../src/warehouse/decode-row';
import { goodNight } from '../support/fixtures';

const table: TableDefinition = {
  dataset: 'nba_raw',
  name: 'every_type',
  description: 'One column of each type.',
  key: ['day'],
  columns: {
    day: required(date),
    name: string,
    count: integer,
    share: float,
    flag: bool,
    at: timestamp,
  },
};
const good = {
  day: '2025-01-15',
  name: 'Dončić',
  count: 12,
  share: 0.5,
  flag: true,
  at: '2025-01-16T08:00:00.000Z',
};

function faultsOf(value: unknown): readonly FieldFault[] {
  const decoded = decodeRow(table, value);
  return decoded.ok ? [] : decoded.faults;
}

function cellOf(field: keyof typeof good, value: unknown): unknown {
  const decoded = decodeRow(table, { ...good, [field]: value });
  return decoded.ok ? decoded.row[field] : undefined;
}

it.each(['Don\u0000čić', '\u001b[31mDončić', '\ud83c'])(
  '%j is no text of a row that comes, and is read where it is stored',
  (name) => {
    expect(decodeGivenRow(table, { ...good, name })).toMatchObject({
      ...{
        ok: false,
        faults: [{ field: 'name', problem: expect.stringContaining('without control characters') }],
      },
    });
    expect(decodeRow(table, { ...good, name })).toMatchObject({ ok: true, row: { name } });
    expect(decodeGivenRow(table, { ...good, name: 'Dončić\tsen.\n' }).ok).toBe(true);
  },
);

describe('a row', () => {
  it('is decoded as it is, in the order of the declaration', () => {
    const decoded = decodeRow(table, Object.fromEntries(Object.entries(good).reverse()));
    expect(decoded).toEqual({ ok: true, row: good, unknownFields: [] });
    expect(decoded.ok && Object.keys(decoded.row)).toEqual(Object.keys(table.columns));
  });

  it('has null where a field is absent, and where it is null', () => {
    const bare = { day: '2025-01-15', name: null, count: null, share: null, flag: null, at: null };
    expect(decodeRow(table, { day: '2025-01-15' })).toEqual({ ok: true, row: bare, unknownFields: [] });
    expect(decodeRow(table, bare)).toEqual({ ok: true, row: bare, unknownFields: [] });
  });

  it('keeps zero, false and the empty text: none of them is null', () => {
    const odd = { ...good, name: '', count: 0, share: 0, flag: false };
    expect(decodeRow(table, odd)).toEqual({ ok: true, row: odd, unknownFields: [] });
  });

  it('leaves out fields that the table does not declare, and lists them', () => {
    expect(decodeRow(table, { ...good, fantasy_points: 43.9, zone: null })).toEqual({
      ok: true,
      row: good,
      unknownFields: ['fantasy_points', 'zone'],
    });
  });

  it('lists a field named like something every object has', () => {
    const line: unknown = JSON.parse('{"day":"2025-01-15","constructor":1,"__proto__":2}');
    expect(decodeRow(table, line)).toMatchObject({
      ok: true,
      unknownFields: ['constructor', '__proto__'],
    });
  });

  it.each([
    ['a list', [good], 'is [{"day":"2025-01-15"'],
    ['a text', 'day', 'is "day"'],
    ['a number', 7, 'is 7'],
    ['null', null, 'is empty'],
  ])('is never made of %s', (_what, value, shown) => {
    const [fault, ...others] = faultsOf(value);
    expect(others).toEqual([]);
    expect(fault?.field).toBe('(line)');
    expect(fault?.problem).toContain(shown);
    expect(fault?.problem).toMatch(/, expected a JSON object$/);
  });
});

describe('a fault names the field, what it is, and what would be right', () => {
  it.each([
    ['name', 17, 'is 17, expected a text or null'],
    ['name', true, 'is true, expected a text or null'],
    ['count', '12', 'is "12", expected a whole number or null'],
    ['count', 12.5, 'is 12.5, expected a whole number or null'],
    ['count', 2 ** 53, 'is 9007199254740992, expected a whole number or null'],
    ['count', true, 'is true, expected a whole number or null'],
    ['share', '0.5', 'is "0.5", expected a number or null'],
    ['share', [0.5], 'is [0.5], expected a number or null'],
    ['flag', 1, 'is 1, expected true or false or null'],
    ['flag', 'true', 'is "true", expected true or false or null'],
    ['at', 1736985600, 'is 1736985600, expected an instant such as 2025-01-16T08:00:00Z or null'],
    ['at', 'yesterday', 'is "yesterday", expected an instant such as 2025-01-16T08:00:00Z or null'],
    ['day', 17, 'is 17, expected a date written YYYY-MM-DD'],
    ['day', '15.01.2025', 'is "15.01.2025", expected a date written YYYY-MM-DD'],
    ['day', '2025-1-15', 'is "2025-1-15", expected a date written YYYY-MM-DD'],
    ['day', '2025-02-30', 'is "2025-02-30", expected a date written YYYY-MM-DD'],
    ['day', '2025-01-15T00:00:00Z', 'is "2025-01-15T00:00:00Z", expected a date written YYYY-MM-DD'],
    ['day', null, 'is empty, expected a date written YYYY-MM-DD'],
  ])('%s: %j', (field, value, problem) => {
    expect(faultsOf({ ...good, [field]: value })).toEqual([{ field, problem }]);
  });

  it('when a required field is absent', () => {
    const { day: _, ...without } = good;
    expect(faultsOf(without)).toEqual([
      { field: 'day', problem: 'is empty, expected a date written YYYY-MM-DD' },
    ]);
  });

  it('for every field at fault, in the order of the declaration', () => {
    expect(faultsOf({ flag: 0, count: 'x' }).map((fault) => fault.field)).toEqual(['day', 'count', 'flag']);
  });

  it('and shows a cell nested 5,000 levels only in part', () => {
    const deep = JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) as unknown;
    expect(faultsOf({ ...good, count: deep })).toMatchObject([{ field: 'count' }]);
  });

  it('and shows a long value only in part', () => {
    const [fault] = faultsOf({ ...good, count: 'x'.repeat(1000) });
    expect(fault?.problem.length).toBeLessThan(200);
    expect(fault?.problem).toContain('xxx… (1000 characters)');
  });
});

describe('an instant', () => {
  it.each([
    ['2025-01-16T08:00:00Z', '2025-01-16T08:00:00.000Z'],
    ['2025-01-16T08:00Z', '2025-01-16T08:00:00.000Z'],
    ['2025-01-16T08:00:00.5Z', '2025-01-16T08:00:00.500Z'],
    ['2025-01-16T08:00:00.123456Z', '2025-01-16T08:00:00.123Z'],
    ['2025-01-16T03:00:00-05:00', '2025-01-16T08:00:00.000Z'],
    ['2025-01-16T03:00:00-0500', '2025-01-16T08:00:00.000Z'],
    ['2025-01-16 03:00:00-05', '2025-01-16T08:00:00.000Z'],
    ['2025-01-16T23:30:00-05:00', '2025-01-17T04:30:00.000Z'],
    ['2025-01-16 08:00:00 UTC', '2025-01-16T08:00:00.000Z'],
    ['2025-01-16 08:00:00.123 UTC', '2025-01-16T08:00:00.123Z'],
    ['2025-01-16 08:00:00', '2025-01-16T08:00:00.000Z'],
    ['2025-01-16T08:00:00', '2025-01-16T08:00:00.000Z'],
  ])('%s is %s, wherever the machine stands', (text, instant) => {
    expect(cellOf('at', text)).toBe(instant);
  });

  it.each([
    '',
    '2025-01-16',
    '16 Jan 2025 08:00:00',
    '2025-01-16T25:00:00Z',
    '2025-13-16T08:00:00Z',
    '2025-01-32T08:00:00Z',
    '2025-01-16T08:00:61Z',
    '2025-01-16T08:00:00 EST',
    ' 2025-01-16T08:00:00Z',
  ])('%j is none', (text) => {
    expect(cellOf('at', text)).toBeUndefined();
  });

  // JavaScript reads 30 February as 2 March and 24:00 as the next day; a date is checked against that, an instant not.
  it.each(['2025-02-30T08:00:00Z', '2025-04-31T08:00:00Z', '2025-01-16T24:00:00Z'])(
    '%s is none: that day or hour is in no calendar',
    (text) => {
      expect(cellOf('at', text)).toBeUndefined();
    },
  );
});

describe('numbers', () => {
  it.each([
    ['count', -3],
    ['count', Number.MAX_SAFE_INTEGER],
    ['share', -0.25],
    ['share', 1e300],
    ['share', 3],
  ] as const)('%s holds %d', (field, value) => {
    expect(cellOf(field, value)).toBe(value);
  });
});

it('takes the rows that the fixtures build for each raw table', () => {
  const night = goodNight(1);
  for (const [name, definition] of Object.entries(rawTables))
    for (const row of night.rows[name] ?? [])
      expect(decodeRow(definition, row)).toEqual({ ok: true, row, unknownFields: [] });
});
