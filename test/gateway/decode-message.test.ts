/** What may come to `/process`, good and bad, as a push and as the plain message. */
import fc from 'fast-check';
import { decodeBody, type DecodedMessage, type ProcessRequest } from '../../src/gateway/decode-message';
import { analyticsTables, orchestrationTables } from '../../src/tables/catalogue';
import { gameDate } from '../support/fixtures';

type Fields = Readonly<Record<string, unknown>>;

/** The date in New York, the day after the one that the messages are about. */
const today = '2025-01-16';
const news = { output_table: 'nba_raw.nbac_gamebook_player_stats', game_date: gameDate };
const asks: ProcessRequest = {
  gameDate,
  source: 'nbac_gamebook_player_stats',
  isBackfill: false,
  correlationId: null,
};

const noTable = 'output_table is missing, expected the name of the table that has changed (or source_table).';
const noDate = 'game_date is missing, expected a calendar date written YYYY-MM-DD, such as 2025-01-15.';

function base64(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** An envelope as Pub/Sub sends it; `message` and `envelope` say otherwise. */
function pushOf(data: unknown, message: Fields = {}, envelope: Fields = {}): Fields {
  const body = {
    message: { data: base64(JSON.stringify(data)), messageId: '1234', ...message },
    subscription: 'projects/nba/subscriptions/phase3',
    ...envelope,
  };
  // On its way it loses what is undefined.
  return JSON.parse(JSON.stringify(body)) as Fields;
}

/** What is made of a plain message. */
function decode(body: unknown): DecodedMessage {
  return decodeBody(body, today).decoded;
}

/** The faults of a body that must have some. */
function faultsOf(body: unknown): readonly string[] {
  const decoded = decode(body);
  if (decoded.kind !== 'bad') throw new Error(`it is ${JSON.stringify(decoded)}`);
  expect(decoded.faults).not.toEqual([]);
  return decoded.faults;
}

describe('a good message', () => {
  it.each<[string, Fields, Partial<ProcessRequest>]>([
    ['names its table with the dataset', news, {}],
    [
      'names its table alone',
      { ...news, output_table: 'nbac_team_boxscore' },
      { source: 'nbac_team_boxscore' },
    ],
    [
      'names its table with project and dataset',
      { ...news, output_table: 'nba-props.nba_raw.nbac_injury_report' },
      { source: 'nbac_injury_report' },
    ],
    [
      'names its table as the older senders do',
      { source_table: 'nbac_player_boxscores', game_date: gameDate },
      { source: 'nbac_player_boxscores' },
    ],
    ['names both, of which output_table goes first', { ...news, source_table: 'nbac_team_boxscore' }, {}],
    [
      'names what it does not know as null',
      {
        output_table: null,
        source_table: 'nbac_team_boxscore',
        game_date: gameDate,
        status: null,
        success: null,
        backfill_mode: null,
        correlation_id: null,
      },
      { source: 'nbac_team_boxscore' },
    ],
    ['is a backfill', { ...news, backfill_mode: true }, { isBackfill: true }],
    ['is none', { ...news, backfill_mode: false }, {}],
    ['has a correlation id', { ...news, correlation_id: 'scrape 17/b' }, { correlationId: 'scrape 17/b' }],
    [
      'has the longest correlation id',
      { ...news, correlation_id: '🏀'.repeat(100) },
      { correlationId: '🏀'.repeat(100) },
    ],
    ['says that all is well', { ...news, status: 'success', success: true }, {}],
    ['says success, which goes before status', { ...news, status: 'partial', success: true }, {}],
    ['is about today', { ...news, game_date: today }, { gameDate: today }],
    ['is about a leap day', { ...news, game_date: '2024-02-29' }, { gameDate: '2024-02-29' }],
    ["is about the league's first game", { ...news, game_date: '1946-11-01' }, { gameDate: '1946-11-01' }],
    [
      'has fields that nobody knows',
      { ...news, processor_name: 'X', rows: 7, season: null, nested: { game_date: 7 }, gameDate: 'never' },
      {},
    ],
  ])('%s', (_, message, changes) => {
    const decoded = { kind: 'ask', request: { ...asks, ...changes } };
    expect(decodeBody(message, today)).toEqual({ push: null, decoded });
    expect(decode(pushOf(message))).toEqual(decoded);
  });

  it('may have any field that nobody knows', () => {
    const known = ['output_table', 'source_table', 'game_date', 'status', 'success'];
    const others = fc.dictionary(
      fc.string().filter((key) => ![...known, 'backfill_mode', 'correlation_id', 'message'].includes(key)),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(others, (more) => {
        expect(decode({ ...more, ...news })).toEqual({ kind: 'ask', request: asks });
      }),
    );
  });

  it('may have null for everything that it may leave out', () => {
    const optional = ['source_table', 'status', 'success', 'backfill_mode', 'correlation_id'];
    fc.assert(
      fc.property(fc.subarray(optional), (names) => {
        const nulls = Object.fromEntries(names.map((name) => [name, null]));
        expect(decode({ ...nulls, ...news })).toEqual({ kind: 'ask', request: asks });
      }),
    );
  });
});

describe('an upstream that has failed', () => {
  it.each<[string, Fields, string]>([
    ['says so by status', { ...news, status: 'failed' }, 'status "failed"'],
    ['says so by another status', { ...news, status: 'partial' }, 'status "partial"'],
    ['says so in capitals', { ...news, status: 'FAILED' }, 'status "FAILED"'],
    ['says so by an empty status', { ...news, status: '' }, 'status ""'],
    ['says so by success', { ...news, success: false }, 'success false'],
    ['says success false and a good status', { ...news, success: false, status: 'success' }, 'success false'],
    ['names no table and no date', { status: 'failed' }, 'status "failed"'],
    ['names a table of ours', { output_table: 'player_game_summary', success: false }, 'success false'],
    ['names an unknown table', { output_table: 'elsewhere', success: false }, 'success false'],
    ['names a date that is none', { ...news, game_date: '2025-02-30', status: 'failed' }, 'status "failed"'],
    ['names a date to come', { ...news, game_date: '2025-12-25', status: 'failed' }, 'status "failed"'],
    ['sends things of other types', { output_table: 7, game_date: [], success: false }, 'success false'],
  ])('%s', (_, message, said) => {
    const decoded = {
      kind: 'skipped',
      reason: `The upstream says ${said}, so there is nothing new to process.`,
    };
    expect(decode(message)).toEqual(decoded);
    expect(decode(pushOf(message))).toEqual(decoded);
  });

  it('is skipped whatever else its message says', () => {
    const failed = fc.constantFrom(
      { status: 'failed' },
      { success: false },
      { status: 'failed', success: false },
    );
    const fields = fc.record(
      {
        output_table: fc.jsonValue(),
        source_table: fc.jsonValue(),
        game_date: fc.jsonValue(),
        backfill_mode: fc.jsonValue(),
        correlation_id: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fields, failed, (given, says) => {
        expect(decode({ ...given, ...says }).kind).toBe('skipped');
      }),
    );
  });

  it('is no reason to take an envelope without an id', () => {
    expect(faultsOf(pushOf({ status: 'failed' }, { messageId: undefined }))).toEqual([
      "message.messageId is missing, expected Pub/Sub's id of it.",
    ]);
  });
});

describe('a table that sets off nothing', () => {
  it.each([
    'bdl_injuries',
    'nba_raw.bdl_player_boxscores',
    'nba-props.nba_raw.bdl_player_boxscores',
    // Read by processors, and yet no trigger.
    'nba_raw.nbac_schedule',
    // A source's name in a dataset that is not ours.
    'nba_raw_test.nbac_team_boxscore',
    'nba_analytics.nbac_team_boxscore',
    'nba-props.other.nbac_team_boxscore',
    'NBAC_TEAM_BOXSCORE',
    'constructor',
    '__proto__',
    'hasOwnProperty',
  ])('is %s', (table) => {
    const decoded = { kind: 'no_processors', source: table };
    expect(decode({ ...news, output_table: table })).toEqual(decoded);
    expect(decode({ source_table: table, game_date: gameDate })).toEqual(decoded);
    expect(decode(pushOf({ ...news, output_table: table }))).toEqual(decoded);
    // There is nothing that its date could be wrong for.
    expect(decode({ output_table: table, game_date: '2031-01-01' })).toEqual(decoded);
  });

  it.each([...Object.keys(analyticsTables), ...Object.keys(orchestrationTables)])(
    'is a fault where it is our own: %s',
    (name) => {
      for (const field of ['output_table', 'source_table'])
        for (const table of [name, `nba_analytics.${name}`, `nba-props.nba_orchestration.${name}`])
          expect(faultsOf({ [field]: table, game_date: gameDate })).toEqual([
            `${field} is "${table}", a table that is built here and sets off nothing; expected a raw table such as nba_raw.nbac_gamebook_player_stats.`,
          ]);
    },
  );
});

const dateIs = (shown: string): string =>
  `game_date is ${shown}, expected a calendar date written YYYY-MM-DD, such as 2025-01-15.`;
const tableIs = (shown: string): string =>
  `output_table is ${shown}, expected the name of a table, such as nba_raw.nbac_gamebook_player_stats.`;
const correlationIs = (shown: string): string =>
  `correlation_id is ${shown}, expected a text of at most 100 characters, none of them unseen, which goes on record.`;

/** Each with its one fault. */
const badMessages: [string, unknown, string][] = [
  ['a list', [news], `The message is [${JSON.stringify(news)}], expected a JSON object.`],
  ['a text', 'news', 'The message is "news", expected a JSON object.'],
  ['a number', 7, 'The message is 7, expected a JSON object.'],
  ['null', null, 'The message is null, expected a JSON object.'],
  ['no table', { game_date: gameDate }, noTable],
  ['null for a table', { ...news, output_table: null }, noTable],
  ['a number for a table', { ...news, output_table: 7 }, tableIs('7')],
  ['an empty table', { ...news, output_table: '' }, tableIs('""')],
  [
    'a table with a blank',
    { ...news, output_table: 'nbac_team_boxscore ' },
    tableIs('"nbac_team_boxscore "'),
  ],
  ['a table of four parts', { ...news, output_table: 'a.b.c.d' }, tableIs('"a.b.c.d"')],
  ['a dataset without a table', { ...news, output_table: 'nba_raw.' }, tableIs('"nba_raw."')],
  ['a table that is SQL', { ...news, output_table: '`x`; DROP' }, tableIs('"`x`; DROP"')],
  [
    'a table with a line',
    { ...news, output_table: 'nbac_team_boxscore\n' },
    tableIs('"nbac_team_boxscore\\n"'),
  ],
  ['a table too long', { ...news, output_table: 'x'.repeat(201) }, tableIs(`"${'x'.repeat(119)}…`)],
  [
    'an older table that is none',
    { source_table: [], game_date: gameDate },
    'source_table is [], expected the name of a table, such as nba_raw.nbac_gamebook_player_stats; read where there is no output_table.',
  ],
  ['no date', { output_table: news.output_table }, noDate],
  ['null for a date', { ...news, game_date: null }, noDate],
  ['a number for a date', { ...news, game_date: 20250115 }, dateIs('20250115')],
  ['an empty date', { ...news, game_date: '' }, dateIs('""')],
  ['a date that is none', { ...news, game_date: '2025-02-30' }, dateIs('"2025-02-30"')],
  ['a leap day of another year', { ...news, game_date: '2025-02-29' }, dateIs('"2025-02-29"')],
  ['a date without dashes', { ...news, game_date: '20250115' }, dateIs('"20250115"')],
  ['a date with a time', { ...news, game_date: '2025-01-15T00:00:00' }, dateIs('"2025-01-15T00:00:00"')],
  ['a date with a blank', { ...news, game_date: ' 2025-01-15' }, dateIs('" 2025-01-15"')],
  ['a word, which ranges know', { ...news, game_date: 'TODAY' }, dateIs('"TODAY"')],
  [
    'tomorrow',
    { ...news, game_date: '2025-01-17' },
    "game_date is 2025-01-17, which is in the future: it is 2025-01-16 in New York. The newest date that can run is today's.",
  ],
  [
    'a date before there was a league',
    { ...news, game_date: '1946-10-31' },
    "game_date is 1946-10-31, before the league's first game (1946-11-01).",
  ],
  [
    'a status that is no text',
    { ...news, status: 7 },
    'status is 7, expected a text; anything but success is an upstream that has failed.',
  ],
  [
    'a success that is a text',
    { ...news, success: 'false' },
    'success is "false", expected true or false, which goes before status.',
  ],
  [
    'a backfill_mode that is a text',
    { ...news, backfill_mode: 'true' },
    'backfill_mode is "true", expected true or false: true asks once, and what is missing then is not waited for.',
  ],
  ['a number for a correlation id', { ...news, correlation_id: 7 }, correlationIs('7')],
  ['a blank correlation id', { ...news, correlation_id: '  ' }, correlationIs('"  "')],
  ['a correlation id of two lines', { ...news, correlation_id: 'a\nb' }, correlationIs('"a\\nb"')],
  ['an unseen character in it', { ...news, correlation_id: 'a\u200bb' }, correlationIs('"a\u200bb"')],
  ['half a character in it', { ...news, correlation_id: 'a\ud83d' }, correlationIs('"a\\ud83d"')],
  [
    'a correlation id too long',
    { ...news, correlation_id: 'x'.repeat(101) },
    correlationIs(`"${'x'.repeat(101)}"`),
  ],
];

it('fields of a range, sent here by hand, are refused by name; those of upstreams mean nothing', () => {
  const strays = { ...news, processors: ['PlayerGameSummaryProcessor'], start_date: '2025-01-15' };
  expect(decodeBody(strays, today)).toEqual({
    push: null,
    decoded: {
      kind: 'bad',
      faults: ['processors', 'start_date'].map(
        (field) => `${field} is no field of /process; /process-date-range takes it.`,
      ),
    },
  });
  expect(decodeBody({ ...news, rows: 7, message: 'done' }, today)).toMatchObject({
    push: null,
    decoded: { kind: 'ask' },
  });
  expect(decodeBody({ message: 'done' }, today)).toMatchObject({ decoded: { kind: 'bad' } });
});

it.each(badMessages)('is refused: %s', (_, message, fault) => {
  expect(faultsOf(message)).toEqual([fault]);
  expect(faultsOf(pushOf(message))).toEqual([fault]);
});

const dataIs = (shown: string): string => `message.data is ${shown}, expected base64.`;
const holds = (shown: string): string => `message.data holds ${shown}, expected base64 of a JSON object.`;
const notUtf8 = holds('bytes that are no UTF-8');
const noId = (shown: string): string => `message.messageId is ${shown}, expected Pub/Sub's id of it.`;
const attempt = (shown: string): string => `deliveryAttempt is ${shown}, expected a whole number from 0.`;

/** Each with its one fault, where the message within has none. */
const badPushes: [string, Fields, string][] = [
  ['data that is no base64', pushOf(news, { data: '%%%' }), dataIs('"%%%"')],
  ['base64 of URLs', pushOf(news, { data: 'e30_' }), dataIs('"e30_"')],
  ['base64 that lacks its end', pushOf(news, { data: 'e30' }), dataIs('"e30"')],
  ['base64 that is padded twice', pushOf(news, { data: 'e30==' }), dataIs('"e30=="')],
  ['base64 in lines', pushOf(news, { data: 'e3\n0=' }), dataIs('"e3\\n0="')],
  ['JSON that is not encoded', pushOf(news, { data: '{}' }), dataIs('"{}"')],
  ['bytes that are no text', pushOf(news, { data: base64(Uint8Array.of(0xff, 0xfe)) }), notUtf8],
  ['half a character', pushOf(news, { data: base64(Uint8Array.of(0x22, 0xc3, 0x22)) }), notUtf8],
  ['Latin-1', pushOf(news, { data: Buffer.from('"José"', 'latin1').toString('base64') }), notUtf8],
  ['no JSON', pushOf(news, { data: base64('news!') }), holds('"news!"')],
  ['JSON with one comma too many', pushOf(news, { data: base64('{"a":1,}') }), holds('"{\\"a\\":1,}"')],
  [
    'JSON that is cut off',
    pushOf(news, { data: base64('{"game_date": "2025') }),
    holds('"{\\"game_date\\": \\"2025"'),
  ],
  ['a blank', pushOf(news, { data: base64(' ') }), holds('" "')],
  ['empty data', pushOf(news, { data: '' }), 'message.data is "", expected base64 of a JSON object.'],
  [
    'data that is an object',
    pushOf(news, { data: news }),
    `message.data is ${JSON.stringify(news)}, expected base64 of a JSON object.`,
  ],
  ['no data', pushOf(news, { data: null }), 'message.data is missing, expected base64 of a JSON object.'],
  ['no id', pushOf(news, { messageId: null }), "message.messageId is missing, expected Pub/Sub's id of it."],
  ['an empty id', pushOf(news, { messageId: '' }), noId('""')],
  ['an id that is a number', pushOf(news, { messageId: 1234 }), noId('1234')],
  ['an id of two lines', pushOf(news, { messageId: '12\n34' }), noId('"12\\n34"')],
  ['an id too long', pushOf(news, { messageId: '1'.repeat(81) }), noId(`"${'1'.repeat(81)}"`)],
  [
    'a message that is a text',
    { message: 'news' },
    'message is "news", expected an object with data and messageId.',
  ],
  [
    'a message that is null',
    { message: null },
    'message is null, expected an object with data and messageId.',
  ],
  ['a message that is a list', { message: [] }, 'message is [], expected an object with data and messageId.'],
  [
    'attributes that are a list',
    pushOf(news, { attributes: ['a'] }),
    'message.attributes is ["a"], expected an object of texts.',
  ],
  [
    'an attribute that is no text',
    pushOf(news, { attributes: { retries: 3 } }),
    'message.attributes.retries is 3, expected a text.',
  ],
  [
    'a time that is no text',
    pushOf(news, { publishTime: 7 }),
    'message.publishTime is 7, expected an instant such as 2025-01-16T08:00:00Z.',
  ],
  [
    'a subscription that is no text',
    pushOf(news, {}, { subscription: 7 }),
    "subscription is 7, expected the subscription's name.",
  ],
  ['half an attempt', pushOf(news, {}, { deliveryAttempt: 1.5 }), attempt('1.5')],
  ['an attempt before the first', pushOf(news, {}, { deliveryAttempt: -1 }), attempt('-1')],
  ['an attempt that is a text', pushOf(news, {}, { deliveryAttempt: '1' }), attempt('"1"')],
];

it.each(badPushes)('is refused as a push: %s', (_, body, fault) => {
  expect(faultsOf(body)).toEqual([fault]);
  // An endpoint of a person's own making sends no less.
  expect(decodeBody(body, today).push).toMatchObject({ message: body['message'] });
});

it('names both of an empty message', () => {
  expect(faultsOf({})).toEqual([noTable, noDate]);
  expect(faultsOf(pushOf({}))).toEqual([noTable, noDate]);
  expect(faultsOf({ message: {} })).toEqual([
    'message.data is missing, expected base64 of a JSON object.',
    "message.messageId is missing, expected Pub/Sub's id of it.",
  ]);
});

describe('every fault is named at once', () => {
  /** Faults that have nothing to do with one another: a field, what makes it wrong, and what is said. */
  const inner: [string, unknown, RegExp][] = [
    ['output_table', 'a b', /^output_table is "a b", /],
    ['source_table', 7, /^source_table is 7, /],
    ['game_date', '2025-13-01', /^game_date is "2025-13-01", /],
    ['success', 1, /^success is 1, /],
    ['backfill_mode', 'no', /^backfill_mode is "no", /],
    ['correlation_id', '', /^correlation_id is "", /],
  ];
  const outer: [string, unknown, RegExp][] = [
    ['messageId', ' ', /^message\.messageId is " ", /],
    ['publishTime', 7, /^message\.publishTime is 7, /],
    ['attributes', { a: 1 }, /^message\.attributes\.a is 1, /],
  ];
  const envelope: [string, unknown, RegExp][] = [
    ['subscription', false, /^subscription is false, /],
    ['deliveryAttempt', 0.5, /^deliveryAttempt is 0\.5, /],
  ];
  const made = (rows: readonly [string, unknown, RegExp][]): Fields =>
    Object.fromEntries(rows.map(([field, value]) => [field, value]));

  it('whichever there are', () => {
    const some = fc.tuple(fc.subarray(inner), fc.subarray(outer), fc.subarray(envelope));
    const isAny = (rows: readonly unknown[][]): boolean => rows.some((part) => part.length > 0);
    fc.assert(
      fc.property(some.filter(isAny), ([within, around, outside]) => {
        const body = pushOf({ ...news, ...made(within) }, made(around), made(outside));
        const faults = faultsOf(body);
        const wanted = [...within, ...around, ...outside];
        for (const [, , sentence] of wanted) expect(faults).toContainEqual(expect.stringMatching(sentence));
        expect(faults).toHaveLength(wanted.length);
        if (within.length > 0) expect(faultsOf({ ...news, ...made(within) })).toHaveLength(within.length);
      }),
    );
  });

  it('also where the data cannot be read', () => {
    const body = pushOf(
      news,
      { data: '%', messageId: '', attributes: { a: null } },
      { deliveryAttempt: 'x' },
    );
    expect(faultsOf(body)).toEqual([
      noId('""'),
      'message.attributes.a is null, expected a text.',
      attempt('"x"'),
      dataIs('"%"'),
    ]);
  });

  it('and what is not there as well as what is wrong', () => {
    expect(faultsOf({ correlation_id: [], success: 'no' })).toEqual([
      'success is "no", expected true or false, which goes before status.',
      correlationIs('[]'),
      noTable,
      noDate,
    ]);
  });

  it('up to twenty, and how many there are besides', () => {
    const attributes = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`a${index}`, index]));
    const faults = faultsOf(pushOf(news, { attributes }));
    expect(faults).toHaveLength(21);
    expect(faults.at(-1)).toBe('There are 10 more faults.');
  });
});

describe('a push', () => {
  const told = {
    subscription: 'projects/nba/subscriptions/phase3',
    deliveryAttempt: null,
    publishedAt: null,
  };

  it('is told with its message as it came, good or bad', () => {
    for (const data of [base64(JSON.stringify(news)), '%']) {
      const message = {
        data,
        messageId: '1234',
        message_id: '1234',
        publishTime: '2025-01-16T08:00:00.123Z',
        orderingKey: 'x',
        attributes: { origin: 'scraper' },
      };
      const body = {
        message,
        subscription: 'projects/nba/subscriptions/phase3',
        deliveryAttempt: 3,
        later: {},
      };
      const { push, decoded } = decodeBody(body, today);
      expect(push).toEqual({
        messageId: '1234',
        subscription: 'projects/nba/subscriptions/phase3',
        deliveryAttempt: 3,
        publishedAt: '2025-01-16T08:00:00.123Z',
        message,
      });
      expect(decoded.kind).toBe(data === '%' ? 'bad' : 'ask');
    }
  });

  it.each<[string, Fields, string | null]>([
    ['messageId', { messageId: '17' }, '17'],
    ['message_id', { messageId: undefined, message_id: '18' }, '18'],
    ['message_id, where messageId is null', { messageId: null, message_id: '18' }, '18'],
    ['messageId, where both are there', { messageId: '17', message_id: '18' }, '17'],
    ['messageId, whatever message_id is', { messageId: '17', message_id: 18 }, '17'],
    ['none, where it could be no key', { messageId: '1'.repeat(81) }, null],
    ['none, where it is a number', { messageId: undefined, message_id: 18 }, null],
    ['none, where it is not said', { messageId: undefined }, null],
  ])('has as its id: %s', (_, message, messageId) => {
    const { push, decoded } = decodeBody(pushOf(news, message), today);
    expect(push).toMatchObject({ ...told, messageId });
    expect(decoded.kind).toBe(messageId === null ? 'bad' : 'ask');
  });

  it.each([
    [0, 0],
    [1, 1],
    [5, 5],
    [null, null],
    [undefined, null],
    [1.5, null],
    [-1, null],
    ['2', null],
  ])('of attempt %p counts %p', (deliveryAttempt, counted) => {
    expect(decodeBody(pushOf(news, {}, { deliveryAttempt }), today).push).toMatchObject({
      deliveryAttempt: counted,
    });
  });

  it('needs nothing but data and an id', () => {
    const message = { data: base64(JSON.stringify(news)), messageId: '1' };
    expect(decodeBody({ message }, today)).toEqual({
      push: { messageId: '1', subscription: null, deliveryAttempt: null, publishedAt: null, message },
      decoded: { kind: 'ask', request: asks },
    });
  });

  it('may have null for everything else', () => {
    const nulls = { attributes: null, publishTime: null, orderingKey: null };
    const body = pushOf(news, nulls, { subscription: null, deliveryAttempt: null });
    expect(decode(body)).toEqual({ kind: 'ask', request: asks });
  });

  it.each<[string, Fields, Fields | null, string | null]>([
    ["its attributes'", {}, { correlation_id: 'from attributes', other: 'x' }, 'from attributes'],
    ["its attributes', where the message's is null", { correlation_id: null }, { correlation_id: 'a' }, 'a'],
    ["the message's own first", { correlation_id: 'own' }, { correlation_id: 'a' }, 'own'],
    ['none', {}, { correlationId: 'of another name' }, null],
    ['none without attributes', {}, null, null],
  ])('has as its correlation id %s', (_, message, attributes, correlationId) => {
    const body = pushOf({ ...news, ...message }, { attributes });
    expect(decode(body)).toEqual({ kind: 'ask', request: { ...asks, correlationId } });
  });

  it('is judged by the correlation id of its attributes too', () => {
    expect(faultsOf(pushOf(news, { attributes: { correlation_id: '\u0007' } }))).toEqual([
      correlationIs('"\\u0007"'),
    ]);
  });

  it('takes nothing else from its attributes', () => {
    const attributes = { output_table: 'nbac_team_boxscore', game_date: gameDate, status: 'failed' };
    expect(faultsOf(pushOf({}, { attributes }))).toEqual([noTable, noDate]);
  });
});

describe('whatever is sent', () => {
  const value = fc.jsonValue({ stringUnit: 'binary' });
  /** Values where a field of ours is likely to be one. */
  const message = fc.oneof(
    value,
    fc.record(
      {
        output_table: fc.oneof(fc.constant(news.output_table), value),
        source_table: value,
        game_date: fc.oneof(fc.constant(gameDate), value),
        status: fc.oneof(fc.constant('success'), value),
        success: fc.oneof(fc.constant(true), value),
        backfill_mode: value,
        correlation_id: value,
      },
      { requiredKeys: [] },
    ),
  );
  const isPlain = (given: unknown): boolean =>
    typeof given !== 'object' || given === null || !('message' in given);

  function expectSentences(decoded: DecodedMessage): void {
    if (decoded.kind !== 'bad') return;
    expect(decoded.faults).not.toEqual([]);
    expect(new Set(decoded.faults).size).toBe(decoded.faults.length);
    for (const fault of decoded.faults) {
      expect(fault).toMatch(/\.$/);
      expect(fault.length).toBeLessThanOrEqual(400);
    }
  }

  it('a plain message is decoded, and says the same as a push', () => {
    fc.assert(
      fc.property(message.filter(isPlain), (given) => {
        const decoded = decode(given);
        expectSentences(decoded);
        expect(decode(pushOf(given))).toEqual(decoded);
      }),
      { numRuns: 500 },
    );
  });

  it('an envelope is decoded', () => {
    const part = fc.record(
      {
        data: fc.oneof(
          value,
          message.map((given) => base64(JSON.stringify(given))),
        ),
        messageId: fc.oneof(fc.constant('1'), value),
        message_id: value,
        attributes: fc.oneof(fc.dictionary(fc.string(), value), value),
        publishTime: value,
      },
      { requiredKeys: [] },
    );
    const body = fc.record(
      { message: fc.oneof(part, value), subscription: value, deliveryAttempt: value },
      { requiredKeys: ['message'] },
    );
    fc.assert(
      fc.property(body, (given) => {
        const { push, decoded } = decodeBody(given, today);
        expectSentences(decoded);
        expect(push?.message).toBe(given.message);
        // What is asked for has an id, so that a redelivery is known.
        if (decoded.kind !== 'bad') expect(push?.messageId).toMatch(/\S/);
      }),
      { numRuns: 500 },
    );
  });

  it('data of any text and any bytes is bad', () => {
    const data = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      fc.uint8Array().map(base64),
      fc.string({ unit: 'binary' }).map(base64),
    );
    fc.assert(
      fc.property(data, (given) => {
        const decoded = decode(pushOf(news, { data: given }));
        expect(decoded.kind).toBe('bad');
        expectSentences(decoded);
      }),
      { numRuns: 500 },
    );
  });

  it('no sentence is longer than a person reads, however long what was sent is', () => {
    const long = 'x'.repeat(100_000);
    const bodies: unknown[] = [
      long,
      [long],
      { output_table: long },
      { source_table: long },
      { output_table: `${'x'.repeat(98)}.${'y'.repeat(80)}.player_game_summary`, game_date: gameDate },
      { ...news, game_date: [long] },
      { ...news, game_date: { [long]: long } },
      { ...news, status: [long] },
      { ...news, success: long },
      { ...news, backfill_mode: long },
      { ...news, correlation_id: long },
      { message: long },
      pushOf(news, { data: long }),
      pushOf(news, { data: `${long}!` }),
      pushOf(news, { data: base64(long) }),
      pushOf(long),
      pushOf(news, { messageId: long }),
      pushOf(news, { publishTime: [long] }),
      pushOf(news, { attributes: long }),
      pushOf(news, { attributes: { [long]: [long] } }),
      pushOf(news, { attributes: { correlation_id: long } }),
      pushOf(news, {}, { subscription: long, deliveryAttempt: long }),
    ];
    for (const body of bodies) {
      const decoded = decode(body);
      expect(decoded.kind).toBe('bad');
      expectSentences(decoded);
    }
  });

  it('what an upstream says of itself is not told at length', () => {
    const decoded = decode({ status: 'x'.repeat(100_000) });
    expect(decoded).toEqual({
      kind: 'skipped',
      reason: `The upstream says status "${'x'.repeat(119)}…, so there is nothing new to process.`,
    });
  });
});
