/** The comparison with the published figures: what it calls right, and that nothing else passes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareSeason, type ComparedRow, type Comparison } from '../../scripts/verify/compare-season';
import { exportedRow } from '../../scripts/verify/exported-rows';
import { BadFolderError, readSeasonFolder } from '../../scripts/verify/season-folder';

const [offenseTable, defenseTable] = ['team_offense_game_summary', 'team_defense_game_summary'] as const;
const game_date = '2024-10-22';
const [key, teamKey] = [`${game_date} mikalbridges`, `${game_date} NYK`];
const mikal = { game_date, player_lookup: 'mikalbridges', team_abbr: 'NYK' };
const knicks = { game_date, team_abbr: 'NYK', opponent_team_abbr: 'BOS' };

/** Rows that are right, by where they stand. */
const right = {
  printedPlayer: { ...mikal, usg_pct: 20.6, ts_pct: 0.595, efg_pct: 0.615 } as ComparedRow,
  printedTeam: {
    ...knicks,
    ...{ pace: 89.6, off_rtg: 121.6, def_rtg: 147.3, ts_pct: 0.641, efg_pct: 0.622 },
  } as ComparedRow,
  player: {
    ...mikal,
    is_active: true,
    ...{ usage_rate: 20.64, usage_rate_raw: 20.64, ts_pct: 0.5951, efg_pct: 0.6154 },
  } as ComparedRow,
  offense: {
    ...knicks,
    ...{ pace: 89.61, offensive_rating: 121.62, ts_pct: 0.6411, efg_pct: 0.6221 },
  } as ComparedRow,
  defense: {
    ...{ game_date, defending_team_abbr: 'NYK', opponent_team_abbr: 'BOS', defensive_rating: 147.28 },
  } as ComparedRow,
};
type Side = keyof typeof right;

/** Compares a season of one row a table; `rows` says other ones. */
function compare(rows: Partial<Record<Side, readonly ComparedRow[]>> = {}): Comparison {
  const of = (side: Side): readonly ComparedRow[] => rows[side] ?? [right[side]];
  return compareSeason(
    { player_advanced: of('printedPlayer'), team_advanced: of('printedTeam') },
    new Map([
      ['player_game_summary', of('player')],
      [offenseTable, of('offense')],
      [defenseTable, of('defense')],
    ]),
  );
}

type Changes = Partial<Record<Side, ComparedRow>>;

/** The same with changes to the rows. */
function changed(changes: Changes): Comparison {
  return compare(
    Object.fromEntries(
      Object.entries(changes).map(([side, change]) => [side, [{ ...right[side as Side], ...change }]]),
    ),
  );
}

test('a season within the rounding is right, and every figure is counted', () => {
  const comparison = compare();
  const whole = { compared: 1, missing: [], extra: [], duplicates: [] };
  expect(comparison).toMatchObject({
    offenders: [],
    isRight: true,
    rows: [
      { table: 'player_game_summary', ...whole },
      { table: offenseTable, ...whole },
      { table: defenseTable, ...whole },
    ],
  });
  const [teamFigures, shooting] = [
    ['pace', 'offensive_rating', 'defensive_rating'],
    ['ts_pct', 'efg_pct'],
  ];
  expect(comparison.figures.map(({ figure, compared }) => [figure, compared])).toEqual(
    [
      'usage_rate',
      ...shooting.map((name) => `player ${name}`),
      ...teamFigures,
      ...shooting.map((name) => `team ${name}`),
    ].map((name) => [name, 1]),
  );
  expect(comparison.figures[0]).toMatchObject({ figure: 'usage_rate', at: key });
  expect(comparison.figures[0]?.largestError).toBeCloseTo(0.04, 9);
});

const blankUsage = { usage_rate: null, usage_rate_raw: null };

test.each<readonly [what: string, changes: Changes]>([
  ['half of the last digit more, in percent', { player: { usage_rate: 20.65 } }],
  ['half of the last digit less, in percent', { player: { usage_rate: 20.55 } }],
  ['half of the last digit of a fraction', { player: { ts_pct: 0.5955, efg_pct: 0.6145 } }],
  [
    'blank on both sides',
    {
      printedPlayer: { usg_pct: null, ts_pct: null, efg_pct: null },
      player: { ...blankUsage, ts_pct: null, efg_pct: null },
    },
  ],
  ['a true zero', { printedPlayer: { ts_pct: 0 }, player: { ts_pct: 0 } }],
  [
    'a published figure that is capped, beside our capped one',
    { printedPlayer: { usg_pct: 100 }, player: { usage_rate: 100, usage_rate_raw: 131.7 } },
  ],
  [
    'a published figure that is not capped, beside our raw one',
    { printedPlayer: { usg_pct: 131.7 }, player: { usage_rate: 100, usage_rate_raw: 131.72 } },
  ],
])('right: %s', (_what, changes) => {
  expect(changed(changes)).toMatchObject({ isRight: true, offenders: [] });
});

test('blank on both sides is not an error of zero', () => {
  expect(changed({ printedPlayer: { usg_pct: null }, player: blankUsage }).figures[0]).toEqual({
    figure: 'usage_rate',
    ...{ compared: 0, blank: 1, off: 0, largestError: 0, at: null },
  });
});

test.each<readonly [figure: string, sentence: string, changes: Changes]>([
  [
    'usage_rate',
    `${key}: usage_rate is 20.650001, printed 20.6, off by 0.0500`,
    { player: { usage_rate: 20.650001 } },
  ],
  [
    'usage_rate',
    `${key}: usage_rate is 20.549999, printed 20.6, off by`,
    { player: { usage_rate: 20.549999 } },
  ],
  ['usage_rate', `${key}: usage_rate is NaN`, { player: { usage_rate: NaN } }],
  ['player ts_pct', `${key}: player ts_pct is 0.595501,`, { player: { ts_pct: 0.595501 } }],
  ['player efg_pct', `${key}: player efg_pct is 0.614499,`, { player: { efg_pct: 0.614499 } }],
  ['pace', `${teamKey}: pace is 89.651,`, { offense: { pace: 89.651 } }],
  [
    'offensive_rating',
    `${teamKey}: offensive_rating is 121.549,`,
    { offense: { offensive_rating: 121.549 } },
  ],
  ['team ts_pct', `${teamKey}: team ts_pct is 0.6416,`, { offense: { ts_pct: 0.6416 } }],
  ['team efg_pct', `${teamKey}: team efg_pct is 0.6214,`, { offense: { efg_pct: 0.6214 } }],
  ['defensive_rating', `${teamKey}: defensive_rating is 147.36,`, { defense: { defensive_rating: 147.36 } }],
  ['usage_rate', `${key}: usage_rate is blank, printed 20.6`, { player: { usage_rate: null } }],
  ['player ts_pct', `${key}: player ts_pct is blank, printed 0.595`, { player: { ts_pct: null } }],
  [
    'usage_rate',
    `${key}: usage_rate is 0, printed blank`,
    { printedPlayer: { usg_pct: null }, player: { usage_rate: 0 } },
  ],
  [
    'player efg_pct',
    `${key}: player efg_pct is 0, printed blank`,
    { printedPlayer: { efg_pct: null }, player: { efg_pct: 0 } },
  ],
  [
    'usage_rate',
    `${key}: usage_rate is 130, printed 131.7`,
    { printedPlayer: { usg_pct: 131.7 }, player: { usage_rate: 100, usage_rate_raw: 130 } },
  ],
  [
    'usage_rate',
    `${key}: usage_rate is 131.7, above its cap of 100`,
    { printedPlayer: { usg_pct: 131.7 }, player: { usage_rate: 131.7, usage_rate_raw: 131.7 } },
  ],
])('wrong: %s, %s', (name, sentence, changes) => {
  const { isRight, offenders, figures } = changed(changes);
  expect(isRight).toBe(false);
  expect(offenders).toEqual([expect.stringMatching(`^${sentence.replaceAll('.', '\\.')}`)]);
  expect(figures.filter(({ off }) => off > 0)).toMatchObject([{ figure: name, off: 1 }]);
});

const sides = [
  ['player', 0, key, 'player_lookup', 'team_abbr'],
  ['offense', 1, teamKey, 'team_abbr', 'opponent_team_abbr'],
  ['defense', 2, teamKey, 'defending_team_abbr', 'opponent_team_abbr'],
] as const;

test.each(sides)('rows of %s: missing, extra, twice, or with another team', (side, index, own, id, team) => {
  const row = right[side];
  const found = (rows: readonly ComparedRow[]) => {
    const { isRight, rows: reports, offenders } = compare({ [side]: rows });
    return { isRight, ...reports[index], offenders };
  };
  const wrong = { isRight: false, table: expect.any(String) as string };
  const none = { missing: [], extra: [], duplicates: [], offenders: [] };
  expect(found([])).toEqual({ ...wrong, ...none, compared: 0, missing: [own] });
  const other = { ...row, [id]: 'other' };
  expect(found([row, other])).toEqual({ ...wrong, ...none, compared: 1, extra: [`${game_date} other`] });
  expect(found([row, row])).toEqual({ ...wrong, ...none, compared: 1, duplicates: [own] });
  const nextDay = { ...row, game_date: '2024-10-23' };
  expect(found([nextDay])).toMatchObject({ missing: [own], extra: [own.replace('22', '23')] });
  expect(found([{ ...row, [team]: 'LAL' }])).toMatchObject({
    isRight: false,
    offenders: [`${own}: ${team} is LAL, printed ${side === 'player' ? 'NYK' : 'BOS'}`],
  });
});

test('players who did not play are not published, and have a key all the same', () => {
  const idle = { ...right.player, is_active: false };
  expect(compare({ player: [right.player, { ...idle, player_lookup: 'joshhart' }] }).isRight).toBe(true);
  expect(compare({ player: [idle] }).rows[0]).toMatchObject({ missing: [key], extra: [] });
  const twice = compare({ player: [idle, right.player] });
  expect(twice).toMatchObject({ isRight: false, rows: [{ duplicates: [key] }, {}, {}] });
});

test('nothing compared is nothing proved', () => {
  const none = { printedPlayer: [], printedTeam: [], player: [], offense: [], defense: [] };
  expect(compare(none).isRight).toBe(false);
});

describe('exported lines', () => {
  test('are decoded by the promised names', () => {
    const rows = [right.player, right.offense, right.defense];
    const tables = ['player_game_summary', offenseTable, defenseTable];
    expect(rows.map((row, index) => exportedRow(tables[index] ?? '', JSON.stringify(row)))).toEqual(rows);
  });

  test.each([
    ['a figure that is left out', { usage_rate: undefined }],
    ['a figure as text', { usage_rate: '20.64' }],
    ['a flag as text', { is_active: 'true' }],
    ['a key that is null', { player_lookup: null }],
  ])('%s is refused', (_name, change) => {
    const line = JSON.stringify({ ...right.player, ...change });
    expect(() => exportedRow('player_game_summary', line)).toThrow(
      /^The export of player_game_summary has n/,
    );
  });
});

describe('the folder', () => {
  let folder: string;
  const files: Record<string, string> = {
    'nba_raw/nbac_schedule.ndjson': '{}\n',
    'nba_raw/nbac_team_boxscore.ndjson.gz': '',
    'nba_raw/nbac_gamebook_player_stats.ndjson.gz': '',
    'published/player_advanced.csv':
      'game_date,game_id,team_abbr,player_lookup,minutes,usg_pct,ts_pct,efg_pct\n' +
      '2024-10-22,20241022_NYK_BOS,NYK,mikalbridges,34:37,20.6,0.595,\n' +
      '2024-10-22,20241022_NYK_BOS,NYK,joshhart,0:00,,,0\n',
    'published/team_advanced.csv':
      'game_date,game_id,team_abbr,opponent_team_abbr,pace,off_rtg,def_rtg,ts_pct,efg_pct,nba_possessions\n' +
      '2024-10-22,20241022_NYK_BOS,NYK,BOS,89.6,121.6,147.3,0.641,0.622,91.0\n',
  };

  const write = (changes: Record<string, string | null> = {}): void => {
    for (const [path, text] of Object.entries({ ...files, ...changes }))
      if (text !== null) writeFileSync(join(folder, path), text);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'phase3-season-test-'));
    mkdirSync(join(folder, 'nba_raw'));
    mkdirSync(join(folder, 'published'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('is read, blanks as null', () => {
    write();
    const { printedPlayer, printedTeam } = right;
    expect(readSeasonFolder(folder)).toEqual({
      player_advanced: [
        { ...printedPlayer, efg_pct: null },
        { ...printedPlayer, player_lookup: 'joshhart', usg_pct: null, ts_pct: null, efg_pct: 0 },
      ],
      team_advanced: [printedTeam],
    });
  });

  test('that is not there, or is a file, is named', () => {
    const [none, file] = [join(folder, 'no-such'), join(folder, 'file')];
    writeFileSync(file, '');
    expect(() => readSeasonFolder(none)).toThrow(new BadFolderError(`There is no folder ${none}.`));
    expect(() => readSeasonFolder(file)).toThrow(new BadFolderError(`${file} is a file, not a folder.`));
  });

  test('lacks files: all are named at once', () => {
    write({ 'nba_raw/nbac_team_boxscore.ndjson.gz': null, 'published/team_advanced.csv': null });
    expect(() => readSeasonFolder(folder)).toThrow(
      new BadFolderError(
        `${folder} lacks ${join('nba_raw', 'nbac_team_boxscore.ndjson')}[.gz], ${join('published', 'team_advanced.csv')}.`,
      ),
    );
  });

  test.each([
    ['no rows', 'game_date,team_abbr,player_lookup,usg_pct,ts_pct,efg_pct\n', 'holds no rows'],
    [
      'a lost column',
      'game_date,team_abbr,player_lookup,ts_pct\n2024-10-22,NYK,x,1\n',
      'has no column usg_pct',
    ],
    ['no number', '2024-10-22,NYK,x,much,,\n', 'line 2: usg_pct is "much", not a number'],
    ['no key', '2024-10-22,NYK,,1,,\n', 'line 2: player_lookup is empty'],
    ['no date', '2024-13-22,NYK,x,1,,\n', 'line 2: game_date is "2024-13-22", not a date'],
    ['a line that is cut off', '2024-10-22,NYK\n', 'cannot be read as CSV'],
  ])('with a print that has %s', (_name, text, message) => {
    const header = 'game_date,team_abbr,player_lookup,usg_pct,ts_pct,efg_pct\n';
    write({ 'published/player_advanced.csv': text.startsWith('game_date') ? text : header + text });
    expect(() => readSeasonFolder(folder)).toThrow(BadFolderError);
    expect(() => readSeasonFolder(folder)).toThrow(message);
  });
});
