/** What every source says alike, so that none contradicts another: only what no real game has gives it away. */
import { rebuiltSource } from '../../../src/sources/nbac-team-boxscore/whole-game';
import type { Row } from '../../../src/tables/define-table';
import type { Night, RawTable } from '../../support/nights';
import { pick, type Kind, type Random } from './corruptions';

const [schedule, team, player] = [
  'nbac_schedule',
  'nbac_team_boxscore',
  'nbac_gamebook_player_stats',
] as const;
const tables: readonly RawTable[] = [schedule, team, player];

type Changes = Readonly<Record<string, unknown>>;
type Spoil = (row: Row, table: RawTable, game: Row, random: Random) => Changes | null;

function isActive(row: Row): boolean {
  return row['player_status'] === 'active';
}

/** Spoils rows of one game, whose row of the schedule is `game`; `isPossible` says whether the night has such a game. */
function ofGame(
  name: string,
  spoil: Spoil,
  isPossible: (players: readonly Row[]) => boolean = () => true,
): Kind {
  return {
    name,
    corrupt: (night: Night, random) => {
      const game = pick(random, night[schedule]);
      const teams = [game['home_team_tricode'], game['away_team_tricode']];
      const isOf = (row: Row): boolean => row === game || teams.includes(row['team_abbr'] ?? null);
      if (!isPossible(night[player].filter((row) => isOf(row) && isActive(row)))) return null;
      const rows = tables.map((table) => [
        table,
        night[table].map((row) =>
          isOf(row) ? ({ ...row, ...spoil(row, table, game, random) } as Row) : row,
        ),
      ]);
      return { night: Object.fromEntries(rows) as Night, what: String(game['game_code']) };
    },
  };
}

/** The same column in both tables of figures; 0 for who did not play is nothing. */
function everywhere(name: string, fields: { team: string; player: string }, value: number): Kind {
  return ofGame(name, (row, table) => {
    if (table === schedule || (table === player && !isActive(row))) return null;
    return { [table === team ? fields.team : fields.player]: value };
  });
}

function withId(name: string, id: (own: string, row: Row) => string): Kind {
  return ofGame(name, (row, table, game) => {
    const own = id(String(game['game_id']), game);
    if (table === player) return null;
    return table === schedule ? { game_id: own } : { nba_game_id: own };
  });
}

function exchanged(row: Row, one: string, other: string): Changes {
  return { [one]: row[other], [other]: row[one] };
}

function withCode(name: string, code: (own: string) => string): Kind {
  return ofGame(name, (row, _, game) => {
    const own = String(game['home_team_tricode']);
    const fields = Object.entries(row).filter(
      ([field, value]) => typeof value === 'string' && field !== 'player_lookup' && value.includes(own),
    );
    return Object.fromEntries(fields.map(([field, value]) => [field, String(value).replace(own, code(own))]));
  });
}

function halved(row: Row): [Changes, Changes] {
  const counts = Object.keys(row).filter((field) =>
    /_(made|attempted|rebounds)$|^(assists|steals|blocks|turnovers|personal_fouls)$/.test(field),
  );
  const half = counts.map((field): [string, number] => [field, Math.floor(Number(row[field]) / 2)]);
  const rest = half.map(([field, value]): [string, number] => [field, Number(row[field]) - value]);
  const whole = (entries: readonly [string, number][], minutes: number): Changes => {
    const line = Object.fromEntries(entries) as Record<string, number>;
    return {
      ...line,
      total_rebounds: line['offensive_rebounds']! + line['defensive_rebounds']!,
      points: 2 * line['field_goals_made']! + line['three_pointers_made']! + line['free_throws_made']!,
      ...{ minutes: `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}` },
      minutes_decimal: minutes / 60,
    };
  };
  const [minutes = 0, seconds = 0] = String(row['minutes']).split(':').map(Number);
  const all = 60 * minutes + seconds;
  return [whole(half, Math.floor(all / 2)), whole(rest, all - Math.floor(all / 2))];
}

/** Text of one player's name, as no eye sees it. */
function inName(name: string, text: string): Kind {
  return {
    name,
    games: 'all',
    corrupt: (night, random) => {
      const meant = pick(random, night[player].filter(isActive));
      const rows = night[player].map((row) =>
        row === meant ? { ...row, player_name: `${text}${String(row['player_name'])}` } : row,
      );
      const bytes = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      return { night, file: { table: player, bytes }, what: String(meant['player_lookup']) };
    },
  };
}

export const kindsOfAllSources: readonly Kind[] = [
  withId('an id with a digit too many everywhere', (id) => `${id}0`),
  withId('an id cut to seven digits everywhere', (id) => id.slice(3)),
  withId('an id of another league everywhere', (id) => `10${id.slice(2)}`),
  withId('an id of no kind everywhere', (id) => `007${id.slice(3)}`),
  withId('an id of the other part of the season everywhere', (id) =>
    id.startsWith('004') ? `002${id.slice(3)}` : `004${id.slice(3)}`,
  ),
  withId("our own id in place of the league's everywhere", (_, game) => String(game['game_code'])),
  withCode('a code of two letters everywhere', (code) => code.slice(0, 2)),
  withCode('a code in small letters everywhere', (code) => code.toLowerCase()),
  withCode('a code with a blank everywhere', (code) => `${code} `),
  withCode('a code of another spelling everywhere', (code) => `${code.slice(0, 2)}Z`),
  ofGame('home and away turned in all but the ids', (row, table) => {
    if (table === team) return { is_home: !row['is_home'] };
    if (table === player) return exchanged(row, 'home_team_abbr', 'away_team_abbr');
    return Object.assign(
      {},
      ...['team_id', 'team_tricode', 'team_name', 'team_score'].map((field) =>
        exchanged(row, `home_${field}`, `away_${field}`),
      ),
    ) as Changes;
  }),
  everywhere('0 assists in both sources', { team: 'assists', player: 'assists' }, 0),
  everywhere('0 steals in both sources', { team: 'steals', player: 'steals' }, 0),
  everywhere('0 blocks in both sources', { team: 'blocks', player: 'blocks' }, 0),
  everywhere('0 fouls in both sources', { team: 'personal_fouls', player: 'personal_fouls' }, 0),
  ofGame(
    'assists and fouls exchanged in both sources',
    (row, table) => (table === schedule ? null : exchanged(row, 'assists', 'personal_fouls')),
    (players) => players.some((row) => Number(row['assists']) > 6),
  ),
  ofGame('whole minutes with their decimal', (row, table) => {
    if (table !== player || !isActive(row)) return null;
    const minutes = Math.round(Number(row['minutes_decimal']));
    return { minutes: String(minutes), minutes_decimal: minutes };
  }),
  ofGame('a team row that says it was rebuilt, with other figures', (row, table) =>
    table === team && row['is_home'] === true
      ? { data_source: rebuiltSource, assists: Number(row['assists']) + 3 }
      : null,
  ),
  {
    name: "a team row that never came, and assists on nobody's field goals",
    corrupt: (night, random) => {
      const meant = pick(
        random,
        night[player].filter((row) => isActive(row) && Number(row['points']) > 0),
      );
      return {
        night: {
          ...night,
          [team]: night[team].filter((row) => row['team_abbr'] !== meant['team_abbr']),
          [player]: night[player].map((row) => (row === meant ? { ...row, assists: 99 } : row)),
        },
        what: String(meant['player_lookup']),
      };
    },
  },
  {
    name: 'a line split over two spellings of a name',
    corrupt: (night, random) => {
      const meant = pick(
        random,
        night[player].filter((row) => isActive(row) && Number(row['minutes_decimal']) > 12),
      );
      const [one, other] = halved(meant);
      const second = {
        ...{ ...meant, ...one, plus_minus: 0 },
        ...{ player_lookup: `${String(meant['player_lookup'])}jr` },
        player_name: `${String(meant['player_name'])} Jr.`,
      };
      const rows = night[player].map((row) => (row === meant ? { ...row, ...other } : row));
      return {
        night: { ...night, [player]: [...rows, second] as Row[] },
        what: String(meant['player_lookup']),
      };
    },
  },
  inName('a zero character in a name', '\u0000'),
  inName('half a character in a name', '\ud800'),
  inName('a character that turns the line around in a name', '\u202e'),
  inName('a character of no width in a name', '\u200b'),
];
