/** Every column of every raw table, spoiled in every way that its type allows. */
import { tableOf } from '../../../src/tables/catalogue';
import type { Cell, Column, Row } from '../../../src/tables/define-table';
import type { Night, RawTable } from '../../support/nights';
import { pick, type Corrupted, type Kind, type Random } from './corruptions';

/** What makes of a cell another; `undefined` where it has nothing to change. */
type Spoil = (value: unknown, random: Random, others: readonly unknown[]) => unknown;

const ofNumbers: Readonly<Record<string, Spoil>> = {
  zero: (value) => (value === 0 ? undefined : 0),
  negative: (value) => -1 - Number(value),
  'one more': (value) => Number(value) + 1,
  'one less': (value) => Number(value) - 1,
  'times ten': (value) => (value === 0 ? undefined : Number(value) * 10),
  'times 1.3': (value) => changedTo(value, Math.round(Number(value) * 1.3)),
  huge: () => 2 ** 40,
  another: (value, random, others) => another(value, random, others),
};
const ofTexts: Readonly<Record<string, Spoil>> = {
  empty: (value) => changedTo(value, ''),
  'with a blank': (value) => `${String(value)} `,
  'in capitals': (value) => changedTo(value, String(value).toUpperCase()),
  'in small letters': (value) => changedTo(value, String(value).toLowerCase()),
  'cut off': (value) => changedTo(value, String(value).slice(0, -1)),
  'of another encoding': (value) => Buffer.from(`${String(value)}é`, 'utf8').toString('latin1'),
  'of no meaning': () => '???',
  'the word null': () => 'null',
  another: (value, random, others) => another(value, random, others),
};
const ofFlags: Readonly<Record<string, Spoil>> = { turned: (value) => !value };
const ofInstants: Readonly<Record<string, Spoil>> = {
  'of 1970': () => '1970-01-01T00:00:00.000Z',
  'of 2099': () => '2099-01-01T00:00:00.000Z',
};

function changedTo(value: unknown, other: unknown): unknown {
  return value === other ? undefined : other;
}

function another(value: unknown, random: Random, others: readonly unknown[]): unknown {
  const different = others.filter((other) => other !== null && other !== value);
  return different.length === 0 ? undefined : pick(random, different);
}

function spoilsOf({ type, required }: Column): Readonly<Record<string, Spoil>> {
  const own = {
    ...{ INT64: ofNumbers, FLOAT64: ofNumbers, STRING: ofTexts },
    ...{ BOOL: ofFlags, TIMESTAMP: ofInstants, DATE: {} },
  }[type];
  return required ? own : { ...own, null: () => null };
}

const words = {
  nbac_schedule: 'schedule',
  nbac_team_boxscore: 'team',
  nbac_gamebook_player_stats: 'player',
} as const satisfies Record<RawTable, string>;

/** Rows that are meant by one of them: itself, its team's of the game, its game's, the night's. */
const reaches: Readonly<Record<string, (row: Row) => (own: Row) => boolean>> = {
  '': (row) => (own) => own === row,
  ', of a team': (row) => (own) => own['game_id'] === row['game_id'] && own['team_abbr'] === row['team_abbr'],
  ', of a game': (row) => (own) => own['game_id'] === row['game_id'],
  ', of the night': () => () => true,
};

function spoil(
  night: Night,
  random: Random,
  table: RawTable,
  column: string,
  isMeantBy: (row: Row) => (own: Row) => boolean,
  make: Spoil,
): Corrupted | null {
  const known = night[table].filter((row) => (row[column] ?? null) !== null);
  if (known.length === 0) return null;
  const row = pick(random, known);
  const isMeant = isMeantBy(row);
  const ofGame = known.filter((own) => own['game_id'] === row['game_id']).map((own) => own[column]);
  const others = ofGame.length > 1 ? ofGame : known.map((own) => own[column]);
  let changes = 0;
  const rows = night[table].map((own) => {
    if (!isMeant(own) || (own[column] ?? null) === null) return own;
    const made = make(own[column], random, others);
    if (made === undefined) return own;
    changes += 1;
    return { ...own, [column]: made as Cell };
  });
  const label = [row['game_id'], row['team_abbr'], row['player_lookup']].filter(Boolean).join(' ');
  return changes === 0 ? null : { night: { ...night, [table]: rows }, what: `${label}, ${changes} rows` };
}

/** A code or id of another game touches that one too. */
function gamesOf(reach: string, how: string): Pick<Kind, 'games'> {
  if (reach === ', of the night') return { games: 'all' };
  return how === 'another' ? { games: 2 } : {};
}

/** A kind for each column, each way and each reach: `player points: times ten, of a team`. */
export const kindsOfColumns: readonly Kind[] = (Object.keys(words) as RawTable[]).flatMap((table) =>
  Object.entries(tableOf(table).columns).flatMap(([column, declared]) =>
    Object.entries(spoilsOf(declared)).flatMap(([how, make]) =>
      Object.entries(reaches)
        .filter(([reach]) => table !== 'nbac_schedule' || ['', ', of the night'].includes(reach))
        .map(([reach, isMeantBy]): Kind => ({
          name: `${words[table]} ${column}: ${how}${reach}`,
          ...gamesOf(reach, how),
          corrupt: (night, random) => spoil(night, random, table, column, isMeantBy, make),
        })),
    ),
  ),
);
