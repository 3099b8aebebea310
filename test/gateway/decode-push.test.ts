/** What may come to `/process`, good and bad, as a push and as the plain message. */
import fc from 'fast-check';
import { sentenceOf, type Fault } from '../../src/contracts/schema';
import { decodeBody, type DecodedMessage, type ProcessRequest } from '../../src/gateway/decode-push';
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
  isOfNothing: false,
  correlationId: null,
};

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

function faultsOf(body: unknown): readonly Fault[] {
  const decoded = decode(body);
  if (decoded.kind !== 'bad') throw new Error(`it is ${JSON.stringify(decoded)}`);
  return decoded.faults;
}

/** The faults of a body that must have some, as "code field". */
function codesOf(body: unknown): string[] {
  return faultsOf(body).map(({ code, field }) => `${code} ${field}`);
}

describe('a good message', () => {
  it.each<[string, Fields, Partial<ProcessRequest>]>([
    ['names its table with the dataset', news, {}],
    ['says that no rows came', { ...news, record_count: 0 }, { isOfNothing: true }],
    ['says that some did', { ...news, record_count: 8 }, {}],
    ['counts in its own way', { ...news, record_count: 'many' }, {}],
    ['names it alone', { ...news, output_table: 'nbac_team_boxscore' }, { source: 'nbac_team_boxscore' }],
    [
      'names it with project and dataset',
      { ...news, output_table: 'nba-props.nba_raw.nbac_injury_report' },
      { source: 'nbac_injury_report' },
    ],
    [
      'names it as the older senders do',
      { source_table: 'nbac_player_boxscores', game_date: gameDate },
      { source: 'nbac_player_boxscores' },
    ],
    ['names both, of which output_table goes first', { ...news, source_table: 'nbac_team_boxscore' }, {}],
    [
      'names what it does not know as null',
      {
        ...{ output_table: null, source_table: 'nbac_team_boxscore', game_date: gameDate },
        ...{ status: null, success: null, backfill_mode: null, correlation_id: null },
      },
      { source: 'nbac_team_boxscore' },
    ],
    ['is a backfill', { ...news, backfill_mode: true }, { isBackfill: true }],
    ['has a correlation id', { ...news, correlation_id: 'scrape 17/b' }, { correlationId: 'scrape 17/b' }],
    ['says that all is well', { ...news, status: 'success', success: true }, {}],
    ['says success, which goes before status', { ...news, status: 'partial', success: true }, {}],
    ['is about today', { ...news, game_date: today }, { gameDate: today }],
    ['is about a leap day', { ...news, game_date: '2024-02-29' }, { gameDate: '2024-02-29' }],
    ["is about the league's first game", { ...news, game_date: '1946-11-01' }, { gameDate: '1946-11-01' }],
    ['has other fields', { ...news, rows: 7, season: null, nested: { game_date: 7 }, gameDate: 'never' }, {}],
  ])('%s', (_, message, changes) => {
    const decoded = { kind: 'ask', request: { ...asks, ...changes } };
    expect(decodeBody(message, today)).toEqual({ push: null, decoded });
    expect(decode(pushOf(message))).toEqual(decoded);
  });

  it('may have any field that nobody knows, and null for everything that it may leave out', () => {
    const optional = ['source_table', 'status', 'success', 'backfill_mode', 'correlation_id'];
    const known = [...optional, 'output_table', 'game_date', 'message'];
    const others = fc.dictionary(
      fc.string().filter((key) => !known.includes(key)),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(others, fc.subarray(optional), (more, names) => {
        const nulls = Object.fromEntries(names.map((name) => [name, null]));
        const isStray = ['processors', 'start_date', 'end_date', 'skip_downstream_trigger'].some((name) =>
          Object.hasOwn(more, name),
        );
        if (!isStray) expect(decode({ ...more, ...nulls, ...news })).toEqual({ kind: 'ask', request: asks });
      }),
    );
  });
});

describe('an upstream that has failed', () => {
  it.each<[Fields, string]>([
    [{ ...news, status: 'failed' }, 'status "failed"'],
    [{ ...news, status: 'FAILED' }, 'status "FAILED"'],
    [{ ...news, status: '' }, 'status ""'],
    [{ ...news, success: false, status: 'success' }, 'success false'],
    [{ status: 'failed' }, 'status "failed"'],
    [{ output_table: 'player_game_summary', success: false }, 'success false'],
    [{ ...news, game_date: '2025-12-25', status: 'failed' }, 'status "failed"'],
    [{ output_table: 7, game_date: [], success: false }, 'success false'],
  ])('is skipped whatever else is wrong: %j', (message, said) => {
    const reason = `The upstream says ${said}, so there is nothing new to process.`;
    expect(decode(message)).toEqual({ kind: 'skipped', reason });
    expect(decode(pushOf(message))).toEqual({ kind: 'skipped', reason });
  });

  it('is no reason to take an envelope without an id', () => {
    expect(codesOf(pushOf({ status: 'failed' }, { messageId: undefined }))).toEqual([
      'missing message.messageId',
    ]);
  });
});

describe('a table that sets off nothing', () => {
  it.each([
    ...['bdl_injuries', 'nba_raw.bdl_player_boxscores', 'nba-props.nba_raw.bdl_player_boxscores'],
    // Read by processors, and yet no trigger; a source's name in a dataset that is not ours; what every object has.
    ...['nba_raw.nbac_schedule', 'nba_raw_test.nbac_team_boxscore', 'nba-props.other.nbac_team_boxscore'],
    ...['NBAC_TEAM_BOXSCORE', 'constructor', '__proto__'],
  ])('is %s', (table) => {
    const decoded = { kind: 'no_processors', source: table };
    expect(decode({ ...news, output_table: table })).toEqual(decoded);
    expect(decode(pushOf({ ...news, output_table: table }))).toEqual(decoded);
    // There is nothing that its date could be wrong for.
    expect(decode({ source_table: table, game_date: '2031-01-01' })).toEqual(decoded);
  });

  it.each([...Object.keys(analyticsTables), ...Object.keys(orchestrationTables)])(
    'is a fault where it is our own: %s',
    (name) => {
      for (const field of ['output_table', 'source_table'])
        for (const table of [name, `nba_analytics.${name}`, `nba-props.nba_orchestration.${name}`])
          expect(codesOf({ [field]: table, game_date: gameDate })).toEqual([`built_here ${field}`]);
    },
  );
});

/** Each with its one fault. */
const badMessages: [what: string, message: unknown, fault: string][] = [
  ...[[news], 'news', 7, null].map((given): [string, unknown, string] => [
    `no object: ${JSON.stringify(given)}`,
    given,
    'wrong_type The message',
  ]),
  ...(['output_table', 'game_date'] as const).flatMap((field): [string, unknown, string][] => [
    [`no ${field}`, { ...news, [field]: undefined }, `missing ${field}`],
    [`null for ${field}`, { ...news, [field]: null }, `missing ${field}`],
    [`a number for ${field}`, { ...news, [field]: 7 }, `wrong_type ${field}`],
  ]),
  ...['', 'nbac_team_boxscore ', 'a.b.c.d', 'nba_raw.', '`x`; DROP', 'x\n', 'x'.repeat(201)].map(
    (table): [string, unknown, string] => [
      `the table ${JSON.stringify(table).slice(0, 30)}`,
      { ...news, output_table: table },
      'wrong_value output_table',
    ],
  ),
  ['an older table that is none', { source_table: [], game_date: gameDate }, 'wrong_type source_table'],
  ...['', '2025-02-30', '2025-02-29', '20250115', '2025-01-15T00:00:00', ' 2025-01-15', 'TODAY'].map(
    (date): [string, unknown, string] => [
      `the date "${date}"`,
      { ...news, game_date: date },
      'wrong_value game_date',
    ],
  ),
  ['tomorrow', { ...news, game_date: '2025-01-17' }, 'in_future game_date'],
  ['a date before the league', { ...news, game_date: '1946-10-31' }, 'too_early game_date'],
  ['a status that is no text', { ...news, status: 7 }, 'wrong_type status'],
  ['a success that is a text', { ...news, success: 'false' }, 'wrong_type success'],
  ['a backfill_mode that is a text', { ...news, backfill_mode: 'true' }, 'wrong_type backfill_mode'],
  ['a number for a correlation id', { ...news, correlation_id: 7 }, 'wrong_type correlation_id'],
  ...['  ', 'a\nb', 'a\u200bb', 'a\ud83d', 'x'.repeat(101)].map((id): [string, unknown, string] => [
    `the correlation id ${JSON.stringify(id).slice(0, 20)}`,
    { ...news, correlation_id: id },
    'wrong_value correlation_id',
  ]),
];

it.each(badMessages)('is refused: %s', (_, message, fault) => {
  const sent = JSON.parse(JSON.stringify(message)) as unknown;
  expect(codesOf(sent)).toEqual([fault]);
  expect(codesOf(pushOf(message))).toEqual([fault]);
});

it('fields of a range, sent here by hand, are refused by name; those of upstreams mean nothing', () => {
  const strays = { ...news, processors: ['PlayerGameSummaryProcessor'], start_date: '2025-01-15' };
  expect(codesOf(strays)).toEqual(['not_allowed processors', 'not_allowed start_date']);
  expect(decode({ ...news, rows: 7, message: 'done' })).toMatchObject({ kind: 'ask' });
  expect(codesOf({ message: 'done' })).toContain('wrong_type message');
});

const levels = (count: number): string => '['.repeat(count) + ']'.repeat(count);
const withData = (data: string | Uint8Array): Fields => pushOf(news, { data: base64(data) });

/** Each with its one fault, where the message within has none. */
const badPushes: [what: string, push: Fields, fault: string][] = [
  ...['%%%', 'e30_', 'e30', 'e30==', ' e30=', 'e\n30='].map((data): [string, Fields, string] => [
    `the data ${JSON.stringify(data)}`,
    pushOf(news, { data }),
    'not_base64 message.data',
  ]),
  ['bytes that are not UTF-8', withData(Uint8Array.of(0x7b, 0xff, 0x7d)), 'not_utf8 message.data'],
  ['half of a JSON', withData('{"game_date":'), 'not_json message.data'],
  ['a list within', withData('[1]'), 'wrong_type The message'],
  ['a body nested 5,000 levels', withData(levels(5_000)), 'too_deep message.data'],
  ['one nested a million levels', withData(levels(1_000_000)), 'too_deep message.data'],
  ['no data', pushOf(news, { data: undefined }), 'missing message.data'],
  ['empty data', pushOf(news, { data: '' }), 'wrong_value message.data'],
  ['a number for data', pushOf(news, { data: 7 }), 'wrong_type message.data'],
  ['no id', pushOf(news, { messageId: undefined }), 'missing message.messageId'],
  ['a number for an id', pushOf(news, { messageId: 7 }), 'wrong_type message.messageId'],
  ...['', ' ', 'a\nb', 'x'.repeat(81)].map((messageId): [string, Fields, string] => [
    `the id ${JSON.stringify(messageId).slice(0, 12)}`,
    pushOf(news, { messageId }),
    'wrong_value message.messageId',
  ]),
  ['attributes that are a list', pushOf(news, { attributes: [] }), 'wrong_type message.attributes'],
  ['an attribute that is no text', pushOf(news, { attributes: { a: 7 } }), 'wrong_type message.attributes.a'],
  ['a number for a time', pushOf(news, { publishTime: 7 }), 'wrong_type message.publishTime'],
  ['a message that is a list', pushOf(news, {}, { message: [] }), 'wrong_type message'],
  ['a message that is null', pushOf(news, {}, { message: null }), 'wrong_type message'],
  ['a number for a subscription', pushOf(news, {}, { subscription: 7 }), 'wrong_type subscription'],
  ['an attempt below nothing', pushOf(news, {}, { deliveryAttempt: -1 }), 'wrong_value deliveryAttempt'],
  ['half an attempt', pushOf(news, {}, { deliveryAttempt: 1.5 }), 'wrong_value deliveryAttempt'],
  ['a text for an attempt', pushOf(news, {}, { deliveryAttempt: '1' }), 'wrong_type deliveryAttempt'],
];

it.each(badPushes)('a push is refused: %s', (_, push, fault) => {
  expect(codesOf(push)).toEqual([fault]);
});

it('a push keeps of its envelope what is good, under either spelling', () => {
  const whole = pushOf(
    news,
    { messageId: undefined, message_id: '7', publishTime: '2025-01-16T08:00:00Z', attributes: null },
    { deliveryAttempt: 3, later: {} },
  );
  const { push, decoded } = decodeBody(whole, today);
  expect(decoded).toEqual({ kind: 'ask', request: asks });
  expect(push).toEqual({
    ...{ messageId: '7', subscription: 'projects/nba/subscriptions/phase3', deliveryAttempt: 3 },
    ...{ publishedAt: '2025-01-16T08:00:00Z', message: whole['message'] },
  });
  const bad = pushOf(news, { messageId: 'a\nb' }, { subscription: 7, deliveryAttempt: 'x' });
  expect(decodeBody(bad, today).push).toMatchObject({
    ...{ messageId: null, subscription: null, deliveryAttempt: null, publishedAt: null },
  });
});

it("a correlation id may be an attribute, and the message's own goes first", () => {
  const attributes = { correlation_id: 'of the push' };
  const idOf = (body: unknown): unknown =>
    (decode(body) as { request?: ProcessRequest }).request?.correlationId;
  expect(idOf(pushOf(news, { attributes }))).toBe('of the push');
  expect(idOf(pushOf({ ...news, correlation_id: null }, { attributes }))).toBe('of the push');
  expect(idOf(pushOf({ ...news, correlation_id: 'its own' }, { attributes }))).toBe('its own');
});

it('every fault is named at once, of the envelope and of the message', () => {
  const push = pushOf(
    { output_table: 7, backfill_mode: 'yes', correlation_id: '' },
    { messageId: '' },
    { deliveryAttempt: -1 },
  );
  expect(codesOf(push)).toEqual([
    ...['wrong_value message.messageId', 'wrong_value deliveryAttempt', 'wrong_type output_table'],
    ...['wrong_type backfill_mode', 'wrong_value correlation_id', 'missing game_date'],
  ]);
});

it('whatever is sent is decoded or told why not, in sentences that a person reads', () => {
  const value = fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 });
  const fields = fc.constantFrom(
    ...['output_table', 'source_table', 'game_date', 'status', 'success', 'backfill_mode', 'correlation_id'],
    ...['message', 'messageId', 'data', 'attributes', 'publishTime', 'subscription', 'deliveryAttempt'],
  );
  const message = fc.oneof(value, fc.dictionary(fields, fc.oneof(value, fc.constant('x'.repeat(10_000)))));
  fc.assert(
    fc.property(message, message, (given, inner) => {
      for (const body of [given, pushOf(inner), pushOf(inner, { attributes: given as Fields })]) {
        const decoded = decode(body);
        if (decoded.kind !== 'bad') continue;
        expect(decoded.faults).not.toEqual([]);
        for (const fault of decoded.faults) {
          expect(sentenceOf(fault)).toMatch(/[.?]$/);
          expect(sentenceOf(fault).length).toBeLessThanOrEqual(500);
        }
      }
    }),
    { numRuns: 500 },
  );
});

it('a sentence names the field, what it is, and what would be right', () => {
  expect(faultsOf({ ...news, game_date: 7 }).map(sentenceOf)).toEqual([
    'game_date is 7, expected a calendar date written YYYY-MM-DD, such as 2025-01-15.',
  ]);
  expect(faultsOf({ game_date: '2025-01-17' }).map(sentenceOf)).toEqual([
    'output_table is missing, expected the name of the table that has changed (or source_table).',
    "game_date is 2025-01-17, which is in the future: it is 2025-01-16 in New York. The newest date that can run is today's.",
  ]);
});
