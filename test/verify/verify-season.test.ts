/** The comparison with the print: what it calls right, and that nothing else passes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  compareSeason,
  type Comparison,
  type DefenseRow,
  type OffenseRow,
  type PlayerRow,
  type PrintedPlayer,
  type PrintedTeam,
} from '../../scripts/verify/compare-season';
import { defenseRow, offenseRow, playerRow } from '../../scripts/verify/exported-rows';
import { BadFolderError, readSeasonFolder } from '../../scripts/verify/season-folder';

const gameDate = '2024-10-22';

const printedPlayer: PrintedPlayer = {
  gameDate,
  playerLookup: 'mikalbridges',
  teamAbbr: 'NYK',
  usageRate: 20.6,
  tsPct: 0.595,
  efgPct: 0.615,
};
const ourPlayer: PlayerRow = {
  ...printedPlayer,
  usageRate: 20.64,
  usageRateRaw: 20.64,
  tsPct: 0.5951,
  efgPct: 0.6154,
  isActive: true,
};
const printedTeam: PrintedTeam = {
  gameDate,
  teamAbbr: 'NYK',
  opponentAbbr: 'BOS',
  pace: 89.6,
  offensiveRating: 121.6,
  defensiveRating: 147.3,
  tsPct: 0.641,
  efgPct: 0.622,
};
const ourOffense: OffenseRow = {
  gameDate,
  teamAbbr: 'NYK',
  opponentAbbr: 'BOS',
  pace: 89.61,
  offensiveRating: 121.62,
  tsPct: 0.6411,
  efgPct: 0.6221,
};
const ourDefense: DefenseRow = { gameDate, teamAbbr: 'NYK', opponentAbbr: 'BOS', defensiveRating: 147.28 };

interface Sides {
  printedPlayers: PrintedPlayer[];
  printedTeams: PrintedTeam[];
  players: PlayerRow[];
  offense: OffenseRow[];
  defense: DefenseRow[];
}

/** Compares a small season that is right but for what the test says. */
function compare(sides: Partial<Sides> = {}): Comparison {
  return compareSeason(
    { players: sides.printedPlayers ?? [printedPlayer], teams: sides.printedTeams ?? [printedTeam] },
    {
      players: sides.players ?? [ourPlayer],
      offense: sides.offense ?? [ourOffense],
      defense: sides.defense ?? [ourDefense],
    },
  );
}

/** The same with one pair of player rows. */
function comparePlayer(printed: Partial<PrintedPlayer>, ours: Partial<PlayerRow>): Comparison {
  return compare({
    printedPlayers: [{ ...printedPlayer, ...printed }],
    players: [{ ...ourPlayer, ...ours }],
  });
}

function figure(comparison: Comparison, name: string): Comparison['figures'][number] {
  const found = comparison.figures.find((candidate) => candidate.figure === name);
  if (!found) throw new Error(`no figure ${name}`);
  return found;
}

test('a season within the rounding is right, and every figure is counted', () => {
  const comparison = compare();
  expect(comparison.offenders).toEqual([]);
  expect(comparison.isRight).toBe(true);
  expect(comparison.rows).toEqual([
    { table: 'player_game_summary', compared: 1, missing: [], extra: [], duplicates: [] },
    { table: 'team_offense_game_summary', compared: 1, missing: [], extra: [], duplicates: [] },
    { table: 'team_defense_game_summary', compared: 1, missing: [], extra: [], duplicates: [] },
  ]);
  expect(comparison.figures.map(({ figure: name, compared }) => [name, compared])).toEqual([
    ['usage_rate', 1],
    ['player ts_pct', 1],
    ['player efg_pct', 1],
    ['pace', 1],
    ['offensive_rating', 1],
    ['defensive_rating', 1],
    ['team ts_pct', 1],
    ['team efg_pct', 1],
  ]);
  expect(figure(comparison, 'usage_rate').largestError).toBeCloseTo(0.04, 9);
  expect(figure(comparison, 'usage_rate').at).toBe('2024-10-22 mikalbridges');
});

describe('tolerances', () => {
  test.each([
    ['usage_rate', { usageRate: 20.6 }, { usageRate: 20.65 }],
    ['usage_rate', { usageRate: 20.6 }, { usageRate: 20.55 }],
    ['player ts_pct', { tsPct: 0.595 }, { tsPct: 0.5955 }],
    ['player efg_pct', { efgPct: 0.615 }, { efgPct: 0.6145 }],
  ] as const)('half of the last printed digit is right: %s', (_name, printed, ours) => {
    expect(comparePlayer(printed, ours).isRight).toBe(true);
  });

  test.each([
    ['usage_rate', { usageRate: 20.6 }, { usageRate: 20.650001 }],
    ['usage_rate', { usageRate: 20.6 }, { usageRate: 20.549999 }],
    ['player ts_pct', { tsPct: 0.595 }, { tsPct: 0.595501 }],
    ['player efg_pct', { efgPct: 0.615 }, { efgPct: 0.614499 }],
  ] as const)('a little more is wrong: %s', (name, printed, ours) => {
    const comparison = comparePlayer(printed, ours);
    expect(comparison.isRight).toBe(false);
    expect(figure(comparison, name).off).toBe(1);
    expect(comparison.offenders).toHaveLength(1);
    expect(comparison.offenders[0]).toMatch(
      new RegExp(`^2024-10-22 mikalbridges: ${name} is .*, printed .*, off by`),
    );
  });

  test.each([
    ['pace', { pace: 89.651 }],
    ['offensive_rating', { offensiveRating: 121.549 }],
    ['team ts_pct', { tsPct: 0.6416 }],
    ['team efg_pct', { efgPct: 0.6214 }],
  ] as const)('of the offence: %s', (name, ours) => {
    const comparison = compare({ offense: [{ ...ourOffense, ...ours }] });
    expect(comparison.isRight).toBe(false);
    expect(figure(comparison, name).off).toBe(1);
  });

  test('of the defence', () => {
    const comparison = compare({ defense: [{ ...ourDefense, defensiveRating: 147.36 }] });
    expect(comparison.isRight).toBe(false);
    expect(figure(comparison, 'defensive_rating').off).toBe(1);
  });

  test('what is no number is wrong', () => {
    expect(comparePlayer({}, { usageRate: NaN }).isRight).toBe(false);
  });
});

describe('blanks', () => {
  test('blank on both sides is right, and not an error of zero', () => {
    const comparison = comparePlayer(
      { usageRate: null, tsPct: null, efgPct: null },
      { usageRate: null, usageRateRaw: null, tsPct: null, efgPct: null },
    );
    expect(comparison.isRight).toBe(true);
    expect(figure(comparison, 'usage_rate')).toEqual({
      figure: 'usage_rate',
      compared: 0,
      blank: 1,
      off: 0,
      largestError: 0,
      at: null,
    });
  });

  test.each(['usageRate', 'tsPct', 'efgPct'] as const)('printed, but blank with us: %s', (field) => {
    const comparison = comparePlayer({}, { [field]: null });
    expect(comparison.isRight).toBe(false);
    expect(comparison.offenders[0]).toContain('is blank, printed');
  });

  test.each(['usageRate', 'tsPct', 'efgPct'] as const)('blank in the print, but not with us: %s', (field) => {
    const comparison = comparePlayer({ [field]: null }, { [field]: 0 });
    expect(comparison.isRight).toBe(false);
    expect(comparison.offenders[0]).toContain('is 0, printed blank');
  });

  test('a true zero is no blank', () => {
    expect(comparePlayer({ tsPct: 0, efgPct: 0 }, { tsPct: 0, efgPct: 0 }).isRight).toBe(true);
  });
});

describe('usage beyond 100', () => {
  test('a capped print is compared with the capped figure', () => {
    expect(comparePlayer({ usageRate: 100 }, { usageRate: 100, usageRateRaw: 131.7 }).isRight).toBe(true);
    expect(comparePlayer({ usageRate: 100 }, { usageRate: 131.7, usageRateRaw: 131.7 }).isRight).toBe(false);
  });

  test('a print that is not capped is compared with the raw figure', () => {
    expect(comparePlayer({ usageRate: 131.7 }, { usageRate: 100, usageRateRaw: 131.72 }).isRight).toBe(true);
    expect(comparePlayer({ usageRate: 131.7 }, { usageRate: 100, usageRateRaw: 130 }).isRight).toBe(false);
  });

  test('the cap holds whatever is printed', () => {
    const comparison = comparePlayer({ usageRate: 131.7 }, { usageRate: 131.7, usageRateRaw: 131.7 });
    expect(comparison.isRight).toBe(false);
    expect(comparison.offenders).toEqual([
      '2024-10-22 mikalbridges: usage_rate is 131.7, above its cap of 100',
    ]);
  });
});

describe('rows', () => {
  test('a printed player who is not in the table', () => {
    const { isRight, rows } = compare({ players: [] });
    expect(isRight).toBe(false);
    expect(rows[0]).toMatchObject({ compared: 0, missing: ['2024-10-22 mikalbridges'] });
  });

  test('a printed player who is in the table, but not as active', () => {
    const { isRight, rows } = compare({ players: [{ ...ourPlayer, isActive: false }] });
    expect(isRight).toBe(false);
    expect(rows[0]).toMatchObject({ missing: ['2024-10-22 mikalbridges'], extra: [] });
  });

  test('an active player who is not printed', () => {
    const other = { ...ourPlayer, playerLookup: 'joshhart' };
    const { isRight, rows } = compare({ players: [ourPlayer, other] });
    expect(isRight).toBe(false);
    expect(rows[0]).toMatchObject({ compared: 1, extra: ['2024-10-22 joshhart'] });
  });

  test('players who did not play need not be printed', () => {
    const bench = { ...ourPlayer, playerLookup: 'joshhart', isActive: false, usageRate: null };
    expect(compare({ players: [ourPlayer, bench] }).isRight).toBe(true);
  });

  test('the same player on another date is another row', () => {
    const { rows } = compare({ players: [{ ...ourPlayer, gameDate: '2024-10-23' }] });
    expect(rows[0]).toMatchObject({
      missing: ['2024-10-22 mikalbridges'],
      extra: ['2024-10-23 mikalbridges'],
    });
  });

  test('a key that comes twice, once of a player who did not play', () => {
    const { isRight, rows } = compare({ players: [{ ...ourPlayer, isActive: false }, ourPlayer] });
    expect(isRight).toBe(false);
    expect(rows[0]?.duplicates).toEqual(['2024-10-22 mikalbridges']);
  });

  test('a player of the wrong team', () => {
    const { isRight, offenders } = comparePlayer({}, { teamAbbr: 'BKN' });
    expect(isRight).toBe(false);
    expect(offenders).toEqual(['2024-10-22 mikalbridges: team_abbr is BKN, printed NYK']);
  });

  test.each(['offense', 'defense'] as const)('%s rows: missing, extra, twice, wrong opponent', (side) => {
    const row = side === 'offense' ? ourOffense : ourDefense;
    const index = side === 'offense' ? 1 : 2;
    const withRows = (rows: (OffenseRow | DefenseRow)[]): Comparison => compare({ [side]: rows });
    expect(withRows([]).rows[index]?.missing).toEqual(['2024-10-22 NYK']);
    expect(withRows([row, { ...row, teamAbbr: 'LAL' }]).rows[index]?.extra).toEqual(['2024-10-22 LAL']);
    expect(withRows([row, row]).rows[index]?.duplicates).toEqual(['2024-10-22 NYK']);
    expect(withRows([{ ...row, opponentAbbr: 'LAL' }]).offenders).toEqual([
      '2024-10-22 NYK: opponent_team_abbr is LAL, printed BOS',
    ]);
    for (const rows of [
      [],
      [row, { ...row, teamAbbr: 'LAL' }],
      [row, row],
      [{ ...row, opponentAbbr: 'LAL' }],
    ])
      expect(withRows(rows).isRight).toBe(false);
  });

  test('nothing compared is nothing proved', () => {
    const none = { printedPlayers: [], printedTeams: [], players: [], offense: [], defense: [] };
    expect(compare(none).isRight).toBe(false);
  });
});

describe('exported lines', () => {
  const player = {
    game_date: gameDate,
    player_lookup: 'mikalbridges',
    team_abbr: 'NYK',
    is_active: true,
    usage_rate: 20.64,
    usage_rate_raw: 20.64,
    ts_pct: null,
    efg_pct: 0.6154,
  };

  test('are decoded by the promised names', () => {
    expect(playerRow(JSON.stringify(player))).toEqual({ ...ourPlayer, tsPct: null });
    expect(
      offenseRow(
        JSON.stringify({
          game_date: gameDate,
          team_abbr: 'NYK',
          opponent_team_abbr: 'BOS',
          pace: 89.61,
          offensive_rating: 121.62,
          ts_pct: 0.6411,
          efg_pct: 0.6221,
        }),
      ),
    ).toEqual(ourOffense);
    expect(
      defenseRow(
        JSON.stringify({
          game_date: gameDate,
          defending_team_abbr: 'NYK',
          opponent_team_abbr: 'BOS',
          defensive_rating: 147.28,
        }),
      ),
    ).toEqual(ourDefense);
  });

  test.each([
    ['a figure that is left out', { usage_rate: undefined }],
    ['a figure as text', { usage_rate: '20.64' }],
    ['a flag as text', { is_active: 'true' }],
    ['a key that is null', { player_lookup: null }],
  ])('refuses %s', (_name, change) => {
    expect(() => playerRow(JSON.stringify({ ...player, ...change }))).toThrow(
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
    expect(readSeasonFolder(folder)).toEqual({
      players: [
        { ...printedPlayer, efgPct: null },
        { ...printedPlayer, playerLookup: 'joshhart', usageRate: null, tsPct: null, efgPct: 0 },
      ],
      teams: [printedTeam],
    });
  });

  test('that is not there is named', () => {
    expect(() => readSeasonFolder(join(folder, 'no-such'))).toThrow(
      new BadFolderError(`There is no folder ${join(folder, 'no-such')}.`),
    );
  });

  test('that is a file is named', () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    expect(() => readSeasonFolder(path)).toThrow(new BadFolderError(`${path} is a file, not a folder.`));
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
