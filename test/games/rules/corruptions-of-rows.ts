/** Rows too many, too few, of another game or date, or of an hour before: what senders do to whole files. */
import { addDays } from '../../../src/contracts/game-date';
import type { Row } from '../../../src/tables/define-table';
import type { Night, RawTable } from '../../support/nights';
import { pick, type Corrupted, type Kind, type Random } from './corruptions';

const [schedule, team, player] = [
  'nbac_schedule',
  'nbac_team_boxscore',
  'nbac_gamebook_player_stats',
] as const;
const tables = [schedule, team, player] as const;
const words = { [schedule]: 'schedule', [team]: 'team', [player]: 'player' };

/** One game of a night, by whatever its rows call it. */
interface Picked {
  readonly gameId: string;
  readonly nbaGameId: string;
  readonly away: string;
  readonly home: string;
}

function gameOf(night: Night, random: Random): Picked {
  const row = pick(random, night[schedule]);
  const [away, home] = [String(row['away_team_tricode']), String(row['home_team_tricode'])];
  return {
    gameId: `${String(row['game_date']).replaceAll('-', '')}_${away}_${home}`,
    nbaGameId: String(row['game_id']),
    ...{ away, home },
  };
}

function isOf({ gameId, nbaGameId }: Picked): (row: Row) => boolean {
  return (row) => row['game_id'] === gameId || row['game_id'] === nbaGameId;
}

const n = (row: Row, field: string): number => Number(row[field] ?? 0);
const isActive = (row: Row): boolean => row['player_status'] === 'active';
const later = '2029-01-01T00:00:00.000Z';
const earlier = '2000-01-01T00:00:00.000Z';

/** Makes rows of a table from those of a picked game. */
function ofGame(
  name: string,
  table: RawTable,
  make: (own: readonly Row[], random: Random, night: Night, game: Picked) => readonly Row[] | null,
  more: Partial<Kind> = {},
): Kind {
  return {
    name,
    ...more,
    corrupt: (night, random) => {
      const game = gameOf(night, random);
      const own = night[table].filter(isOf(game));
      const made = make(own, random, night, game);
      if (!made) return null;
      const others = night[table].filter((row) => !own.includes(row));
      return { night: { ...night, [table]: [...others, ...made] }, what: game.gameId };
    },
  };
}

function ofNight(name: string, make: (night: Night, random: Random) => Partial<Night> | null): Kind {
  return {
    name,
    games: 'all',
    corrupt: (night, random) => {
      const made = make(night, random);
      return made && { night: { ...night, ...made }, what: String(night[schedule][0]?.['game_date']) };
    },
  };
}

const figures: Readonly<Record<RawTable, readonly string[]>> = {
  [schedule]: ['home_team_score', 'away_team_score'],
  [team]: ['fg_made', 'fg_attempted', 'ft_made', 'ft_attempted', 'assists', 'points', 'personal_fouls'],
  [player]: ['points', 'field_goals_made', 'field_goals_attempted', 'assists', 'personal_fouls'],
};

function halved(table: RawTable, row: Row): Row {
  const half = figures[table].map((field) => [field, row[field] === null ? null : n(row, field) >> 1]);
  return { ...row, ...(Object.fromEntries(half) as Row) };
}

const missing: readonly Kind[] = [
  ofGame('both team rows dropped', team, () => []),
  ofGame('all players of a game dropped', player, () => []),
  ofGame('all players of a team dropped', player, (own, _, __, { home }) =>
    own.filter((row) => row['team_abbr'] !== home),
  ),
  ofGame('half of the active players dropped', player, (own) => {
    let seen = 0;
    return own.filter((row) => !isActive(row) || (seen += 1) % 2 === 0);
  }),
  ofGame('every active player but five a team dropped', player, (own) => {
    const seen = new Map<unknown, number>();
    return own.filter((row) => {
      if (!isActive(row)) return true;
      const count = (seen.get(row['team_abbr']) ?? 0) + 1;
      seen.set(row['team_abbr'], count);
      return count <= 5;
    });
  }),
  ofNight('no team rows at all', () => ({ [team]: [] })),
  ofNight('no player rows at all', () => ({ [player]: [] })),
  ofNight('no schedule at all', () => ({ [schedule]: [] })),
  ofNight('the file of teams cut off', (night) => ({
    [team]: night[team].slice(0, Math.ceil(night[team].length / 2)),
  })),
  ofNight('the file of the schedule cut off', (night) =>
    night[schedule].length < 2 ? null : { [schedule]: night[schedule].slice(1) },
  ),
];

const missingEverywhere: Kind = {
  name: 'a game missing everywhere',
  corrupt: (night, random) => {
    if (night[schedule].length < 2) return null;
    const game = gameOf(night, random);
    const left = tables.map((table) => [table, night[table].filter((row) => !isOf(game)(row))]);
    return { night: Object.fromEntries(left) as Night, what: game.gameId };
  },
};

const tooMany: readonly Kind[] = [
  ...tables.flatMap((table) => [
    ofNight(`every ${words[table]} row twice`, (night) => ({ [table]: [...night[table], ...night[table]] })),
    ofGame(`a stale ${words[table]} copy that came before`, table, (own) => [
      ...own.map((row) => ({ ...halved(table, row), processed_at: earlier })),
      ...own,
    ]),
    ofGame(`a second version of ${words[table]} rows with half of the figures`, table, (own) => [
      ...own,
      ...own.map((row) => ({ ...halved(table, row), processed_at: later })),
    ]),
    ofGame(`${words[table]} rows at one instant with half of the figures`, table, (own) => [
      ...own,
      ...own.map((row) => halved(table, row)),
    ]),
  ]),
  ofGame('a third team row', team, (own) => [...own, { ...own[0]!, team_abbr: 'XYZ' }]),
  ofGame('a ghost among the players', player, (own) => {
    const row = own.find(isActive);
    return row ? [...own, { ...row, player_lookup: 'ghostplayer', player_name: 'Ghost Player' }] : null;
  }),
  ofGame('an idle row added', player, (own) => {
    const row = own.find((one) => !isActive(one));
    return row ? [...own, { ...row, player_lookup: 'ghostplayer', player_name: 'Ghost Player' }] : null;
  }),
  ofGame("an idle player in the opponent's list too", player, (own, _, __, { away, home }) => {
    const row = own.find((one) => !isActive(one));
    return row ? [...own, { ...row, team_abbr: row['team_abbr'] === away ? home : away }] : null;
  }),
  ofGame('an idle player with figures', player, (own) => {
    const row = own.find((one) => !isActive(one));
    const line = { minutes: '12:00', minutes_decimal: 12, points: 8, field_goals_made: 4 };
    return row ? own.map((one) => (one === row ? { ...one, ...line } : one)) : null;
  }),
  ofGame('an active player with a reason', player, (own) => {
    const row = own.find(isActive);
    return own.map((one) => (one === row ? { ...one, dnp_reason: 'Did Not Play' } : one));
  }),
];

/** Rows of one game under the name of another: of the night, of the date before, of the next season. */
const elsewhere: readonly Kind[] = [
  ...([team, player] as const).flatMap((table) => [
    ofGame(
      `${words[table]} rows of another game of the night`,
      table,
      (own, random, night, game) => {
        const others = night[table].filter((row) => !isOf(game)(row));
        const other = others.length > 0 ? pick(random, others) : null;
        return other && others.filter((row) => row['game_id'] === other['game_id']);
      },
      { games: 2 },
    ),
    ofGame(`${words[table]} rows with the id of the date before`, table, (own) =>
      own.map((row) => ({
        ...row,
        game_id: `${addDays(String(row['game_date']), -1).replaceAll('-', '')}${String(row['game_id']).slice(8)}`,
      })),
    ),
    ofGame(`${words[table]} rows on the date after`, table, () => []),
    ofGame(`${words[table]} rows with the sides reversed in their id`, table, (own) =>
      own.map((row) => {
        const [day, one, other] = String(row['game_id']).split('_');
        return { ...row, game_id: [day, other, one].join('_') };
      }),
    ),
  ]),
  ofGame('the two team rows have each other’s figures', team, ([one, other]) =>
    one && other
      ? [
          { ...other, ...identity(one) },
          { ...one, ...identity(other) },
        ]
      : null,
  ),
  ofGame('the players of both teams exchanged', player, (own, _, __, { away, home }) =>
    own.map((row) => ({ ...row, team_abbr: row['team_abbr'] === away ? home : away })),
  ),
  ofGame('a player of the other team under this one, by name', player, (own) => {
    const row = own.find((one) => isActive(one) && n(one, 'points') > 4);
    const other = own.find((one) => isActive(one) && one['team_abbr'] !== row?.['team_abbr']);
    if (!row || !other) return null;
    const { player_lookup, player_name } = other;
    return own.map((one) =>
      one === row ? { ...one, player_lookup: player_lookup ?? null, player_name: player_name ?? null } : one,
    );
  }),
];

function identity(row: Row): Row {
  const { team_abbr = null, team_id = null, is_home = null, game_id = null, nba_game_id = null } = row;
  return { team_abbr, team_id, is_home, game_id, nba_game_id };
}

const ofSchedule: readonly Kind[] = [
  ...['Postponed', 'PPD', 'Cancelled'].map((text) =>
    ofGame(`a played game is said to be ${text}`, schedule, (own) =>
      own.map((row) => ({ ...row, game_status: 1, game_status_text: text })),
    ),
  ),
  ofGame('a game of others in the schedule', schedule, (own, _, night) => {
    const [row] = own;
    if (!row) return null;
    const played = new Set(night[team].map((one) => one['team_abbr']));
    const [away, home] = ['ATL', 'BKN', 'CHA', 'DET', 'NYK', 'ORL', 'PHX'].filter(
      (code) => !played.has(code),
    );
    if (!away || !home) return null;
    const extra = {
      ...row,
      ...{ game_id: `${String(row['game_id']).slice(0, 5)}09997`, away_team_tricode: away },
      ...{ home_team_tricode: home, winning_team_tricode: home, home_team_score: 101, away_team_score: 99 },
      ...{ home_team_id: 1, away_team_id: 2 },
    };
    return [...own, extra];
  }),
  ofGame(
    'the same pair twice, under another id',
    schedule,
    (own) => {
      const [row] = own;
      return row ? [...own, { ...row, game_id: `${String(row['game_id']).slice(0, 5)}09996` }] : null;
    },
    { games: 2 },
  ),
  ofGame('a game on the date after', schedule, () => []),
  ofGame('an id without its zeros, beside the right one', schedule, (own) => {
    const [row] = own;
    return row ? [...own, { ...row, game_id: String(row['game_id']).replace(/^0+/, '') }] : null;
  }),
  ofGame('an id without its zeros', schedule, (own) =>
    own.map((row) => ({ ...row, game_id: String(row['game_id']).replace(/^0+/, '') })),
  ),
  ofGame('an All-Star id', schedule, (own) =>
    own.map((row) => ({ ...row, game_id: `003${String(row['game_id']).slice(3)}` })),
  ),
  ofGame('final without a score', schedule, (own) =>
    own.map((row) => ({ ...row, home_team_score: null, away_team_score: null, winning_team_tricode: null })),
  ),
  ofGame('a later listing that is not final', schedule, (own) => [
    ...own,
    ...own.map((row) => ({ ...row, game_status: 2, game_status_text: 'Q4 2:00', processed_at: later })),
  ]),
  ofGame('a later listing with another score', schedule, (own) => [
    ...own,
    ...own.map((row) => ({ ...row, home_team_score: n(row, 'home_team_score') + 3, processed_at: later })),
  ]),
];

/** The same fault in team row and players, which the schedule or a rule of the game contradicts all the same. */
const ofBoth: readonly Kind[] = [
  bothAlike('two more points in both sources', 'points', 'points', 2),
  bothAlike('a field goal more in both sources', 'fg_made', 'field_goals_made', 1),
  bothAlike('an assist more in both sources', 'assists', 'assists', 1),
  bothAlike('a foul more in both sources', 'personal_fouls', 'personal_fouls', 1),
  bothAlike('a hundred blocks more in both sources', 'blocks', 'blocks', 100),
];

function bothAlike(name: string, ofTeam: string, ofPlayer: string, by: number): Kind {
  return {
    name,
    corrupt: (night, random): Corrupted | null => {
      const rows = night[player].filter((row) => isActive(row) && n(row, 'minutes_decimal') > 5);
      const row = pick(random, rows);
      const isTeam = (own: Row): boolean =>
        own['game_id'] === row['game_id'] && own['team_abbr'] === row['team_abbr'];
      return {
        night: {
          ...night,
          [team]: night[team].map((own) => (isTeam(own) ? { ...own, [ofTeam]: n(own, ofTeam) + by } : own)),
          [player]: night[player].map((own) =>
            own === row ? { ...own, [ofPlayer]: n(own, ofPlayer) + by } : own,
          ),
        },
        what: `${String(row['game_id'])} ${String(row['player_lookup'])}`,
      };
    },
  };
}

/** What comes after the clean night went live: the live rows stay, or are replaced by what is right. */
const afterwards: readonly Kind[] = [
  ...tables.flatMap((table) => [
    after(`later, ${words[table]} rows with half of the figures`, table, (own) => [
      ...own,
      ...own.map((row) => ({ ...halved(table, row), processed_at: later })),
    ]),
    after(`later, ${words[table]} rows of one game in place of all`, table, (own) => own, true),
    after(`later, ${words[table]} rows are gone`, table, () => []),
    after(`later, a stale copy of ${words[table]} rows`, table, (own) => [
      ...own.map((row) => ({ ...halved(table, row), processed_at: earlier })),
      ...own,
    ]),
  ]),
  after('later, the status goes back to 1', schedule, (own) =>
    own.map((row) => ({ ...row, game_status: 1 })),
  ),
  after('later, the game is said to be postponed', schedule, (own) =>
    own.map((row) => ({ ...row, game_status: 1, game_status_text: 'Postponed' })),
  ),
  after('later, a preseason id', schedule, (own) =>
    own.map((row) => ({ ...row, game_id: `001${String(row['game_id']).slice(3)}` })),
  ),
  after('later, team rows of zeros', team, (own) =>
    own.map((row) => ({ ...row, points: 0, fg_attempted: 0, minutes: null, processed_at: later })),
  ),
];

function after(
  name: string,
  table: RawTable,
  make: (own: readonly Row[]) => readonly Row[],
  isAlone = false,
): Kind {
  return {
    name,
    corrupt: (night, random) => {
      const game = gameOf(night, random);
      const own = night[table].filter(isOf(game));
      const others = isAlone ? [] : night[table].filter((row) => !own.includes(row));
      return {
        first: night,
        night: { ...night, [table]: [...others, ...make(own)] },
        what: game.gameId,
      };
    },
  };
}

export const kindsOfRows: readonly Kind[] = [
  ...missing,
  missingEverywhere,
  ...tooMany,
  ...elsewhere,
  ...ofSchedule,
  ...ofBoth,
  ...afterwards,
];
