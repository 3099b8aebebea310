/** Rules of who is who: one row a person, under one name, for one team. Pure. */
import { visibleLine } from '../../contracts/visible-text';
import { knownStatuses, type GamebookPlayerRow } from '../../sources/nbac-gamebook-player-stats/table';
import { counts } from './columns';
import { ofPlayer, spelled, type Contradiction, type GameRule, type RuleInput } from './define-rule';

/** Of 26,331 lines of 2024-25 no two of a team with more figures than this above 0 are the same. */
const figuresOfChance = 4;

export const peopleRules: readonly GameRule[] = [
  {
    id: 'K1',
    name: 'one_row_a_person',
    sentence:
      'No row comes twice at one instant with other figures, and nobody is active for two teams or in two games of a date.',
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: ({ conflicts, sides: [away, home], elsewhere, game }) => [
      ...conflicts,
      ...away.active.flatMap((row) => {
        const other = home.active.find((own) => own.player_lookup === row.player_lookup);
        return other
          ? [
              {
                detail: `${row.player_lookup} is active for ${row.team_abbr} (${row.minutes}) and for ${other.team_abbr} (${other.minutes}): two people under one name, or a row in the wrong list`,
                figures: [ofPlayer(row, 'minutes'), ofPlayer(other, 'minutes')],
              },
            ]
          : [];
      }),
      ...elsewhere.map(({ row, gameId }) => ({
        detail: `${row.player_lookup} is active for ${row.team_abbr} in ${game.gameId} and in ${gameId}: two people under one name, or a row in the wrong list`,
        figures: [ofPlayer(row, 'player_lookup')],
      })),
    ],
  },
  {
    id: 'P12',
    name: 'a_name_is_one_person',
    sentence:
      'A player_lookup is letters a to z and digits, no two of them in a game have one line, no two of a team are one name with and without its suffix, and most of a game are the names in plain letters.',
    needs: ['nbac_gamebook_player_stats'],
    blocking: true,
    tolerance: {
      value: figuresOfChance,
      unit: 'figures above 0',
      why: 'as many as two lines of 2024-25 that are the same have; more, and they are one person',
    },
    since: '0.1.0',
    find: (input) => [
      ...badLookups(input),
      ...oneLineTwice(input),
      ...suffixesApart(input),
      ...mostAreOthers(input),
    ],
  },
  {
    id: 'P13',
    name: 'the_status_is_known',
    sentence: `A player_status is one of ${knownStatuses.join(', ')}, spelled so.`,
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: ({ sides }) =>
      sides.flatMap(({ listed }) =>
        listed
          .filter(({ player_status }) => !knownStatuses.some((known) => known === player_status))
          .map((row) => ({
            detail: `the player_status of ${row.player_lookup} (${row.team_abbr}) is ${spelled(row.player_status)}, expected one of ${knownStatuses.join(', ')}`,
            figures: [ofPlayer(row, 'player_status')],
          })),
      ),
  },
  {
    id: 'P14',
    name: 'the_name_is_the_lookup',
    sentence: 'A player_lookup is the player_name in plain letters, all of which are seen.',
    needs: ['nbac_gamebook_player_stats'],
    blocking: false,
    tolerance: null,
    since: '0.1.0',
    find: ({ sides }) =>
      sides.flatMap(({ listed }) =>
        listed
          .filter((row) => row.player_name === null || isOfAnother(row) || hasUnseen(row.player_name))
          .map((row) => ({
            detail:
              row.player_name === null
                ? `${row.player_lookup} (${row.team_abbr}) has no player_name`
                : `the player_lookup of ${spelled(row.player_name)} is ${spelled(row.player_lookup)}`,
            figures: [ofPlayer(row, 'player_name')],
          })),
      ),
  },
  {
    id: 'P15',
    name: 'who_did_not_play_has_a_reason',
    sentence: 'A player who did not play has a reason and no figures; one who is active has no reason.',
    needs: ['nbac_gamebook_player_stats'],
    blocking: false,
    tolerance: null,
    since: '0.1.0',
    find: ({ sides }) => sides.flatMap(({ listed }) => listed.flatMap((row) => oddStatus(row) ?? [])),
  },
];

/** Whether there are characters in it that are not seen: they make one name look like another. */
function hasUnseen(name: string): boolean {
  return visibleLine(name) !== name;
}

/** Whether the lookup is not that of the name. */
function isOfAnother({ player_name, player_lookup }: GamebookPlayerRow): boolean {
  return player_name !== null && plainName(player_name) !== player_lookup;
}

/** Aliases and other alphabets are few; where half of a game's lookups are not the names, the column is of something else. */
function mostAreOthers({ sides }: RuleInput): Contradiction[] {
  const listed = sides.flatMap((side) => side.listed).filter(({ player_name }) => player_name !== null);
  const others = listed.filter(isOfAnother);
  const [first] = others;
  if (!first || others.length * 2 < listed.length) return [];
  return [
    {
      detail: `the player_lookup of ${others.length} of ${listed.length} players is not that of their names: that of ${spelled(first.player_name)} is ${spelled(first.player_lookup)}`,
      figures: [ofPlayer(first, 'player_lookup'), ofPlayer(first, 'player_name')],
    },
  ];
}

/** What a reason of one status begins with, and no reason of the other. */
const reasons = {
  dnp: /^(DNP|DND|NWT|did not|not with)\b/i,
  inactive: /^inactive\b/i,
} as const;

/** What a row says of whether somebody played, and says otherwise too. */
function oddStatus(row: GamebookPlayerRow): Contradiction | null {
  const who = `${row.player_lookup} (${row.team_abbr})`;
  const status = spelled(row.player_status);
  const reason = row.dnp_reason?.trim() ?? '';
  const ofReason: Contradiction['figures'] = [ofPlayer(row, 'player_status'), ofPlayer(row, 'dnp_reason')];
  if (row.player_status === 'active')
    return reason === ''
      ? null
      : { detail: `${who} is active, and has the reason ${spelled(row.dnp_reason)}`, figures: ofReason };
  const counted = counts.find(({ player }) => (row[player] ?? 0) !== 0);
  if (counted)
    return {
      detail: `${who} is ${status}, and has ${row[counted.player]} ${counted.words}, which are not used`,
      figures: [ofPlayer(row, 'player_status'), ofPlayer(row, counted.player)],
    };
  if (reason === '') return { detail: `${who} is ${status}, and has no dnp_reason`, figures: ofReason };
  const other = row.player_status === 'dnp' ? reasons.inactive : reasons.dnp;
  return other.test(reason)
    ? { detail: `${who} is ${status}, and has the reason ${spelled(row.dnp_reason)}`, figures: ofReason }
    : null;
}

/** Letters that no decomposition takes apart. */
const letters: Readonly<Record<string, string>> = {
  ...{ ı: 'i', ø: 'o', æ: 'ae', œ: 'oe', ß: 'ss', đ: 'd', ð: 'd', ł: 'l', þ: 'th' },
};

/** A name in the letters a to z and digits. */
export function plainName(name: string): string {
  const plain = name.toLowerCase().replace(/[ıøæœßđðłþ]/g, (letter) => letters[letter] ?? letter);
  return plain.normalize('NFKD').replace(/[^a-z0-9]/g, '');
}

/** What programs write where they know no name. */
const noName: ReadonlySet<string> = new Set(['null', 'none', 'nan', 'undefined', 'unknown', 'unknownplayer']);

function badLookups({ sides }: RuleInput): Contradiction[] {
  return sides.flatMap(({ listed }) =>
    listed
      .filter(({ player_lookup }) => !/^[a-z0-9]+$/.test(player_lookup) || noName.has(player_lookup))
      .map((row) => ({
        detail: `the player_lookup of ${spelled(row.player_name)} (${row.team_abbr}) is ${spelled(row.player_lookup)}, expected a name in letters a to z and digits`,
        figures: [ofPlayer(row, 'player_lookup')],
      })),
  );
}

function oneLineTwice({ sides }: RuleInput): Contradiction[] {
  const byLine = new Map<string, GamebookPlayerRow>();
  return sides
    .flatMap(({ active }) => active)
    .flatMap((row) => {
      const line = JSON.stringify([row.minutes, row.plus_minus, ...counts.map(({ player }) => row[player])]);
      const other = byLine.get(line);
      byLine.set(line, row);
      if (!other || other.player_lookup === row.player_lookup || !isOnePerson(other, row)) return [];
      return [
        {
          detail: `${other.player_lookup} (${other.team_abbr}) and ${row.player_lookup} (${row.team_abbr}) have one line, ${row.minutes} with ${row.points} points: one person under two names`,
          figures: [ofPlayer(other, 'minutes'), ofPlayer(row, 'minutes')],
        },
      ];
    });
}

/** More figures than chance repeats; or fewer, under names that begin alike. */
function isOnePerson(some: GamebookPlayerRow, other: GamebookPlayerRow): boolean {
  const figures = counts.filter(({ player }) => (some[player] ?? 0) > 0 && player !== 'total_rebounds');
  if (figures.length > figuresOfChance) return true;
  const [shorter = '', longer = ''] = [some.player_lookup, other.player_lookup].sort(
    (a, b) => a.length - b.length,
  );
  return longer.startsWith(shorter) || (some.player_name !== null && some.player_name === other.player_name);
}

/** What ends a name and is often left out. */
const suffix = /(?:jr|sr|ii|iii|iv)$/;

/** Two active players of a team whose names differ by a suffix: no team of 2016-17 or 2024-25 has them. */
function suffixesApart({ sides }: RuleInput): Contradiction[] {
  return sides.flatMap(({ active }) =>
    active.flatMap((row) => {
      const without = row.player_lookup.replace(suffix, '');
      const other =
        without === row.player_lookup ? null : active.find((own) => own.player_lookup === without);
      return other
        ? [
            {
              detail: `${other.player_lookup} and ${row.player_lookup} (${row.team_abbr}) are one name, and both are active: one person under two names`,
              figures: [ofPlayer(other, 'minutes'), ofPlayer(row, 'minutes')],
            },
          ]
        : [];
    }),
  );
}
