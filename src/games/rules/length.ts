/** Rules of how long a game lasts. Pure. */
import { parseMinutes } from '../../sources/parse-minutes';
import type { TeamBoxscoreRow } from '../../sources/nbac-team-boxscore/table';
import { ofSchedule, ofTeam, spelled, type GameRule, type Side } from './define-rule';

const regulation = 240;
const overtime = 25;
/** Minutes that a feed of whole minutes may be off by. */
const wholeMinutesApart = 1;
/** A team's minutes that a feed has added up from its players': then they are exactly their sum. */
const secondsApart = 10;
/** What minutes may be apart that are the same to the second. */
const halfSecond = 0.5 / 60;

/** Overtimes that the minutes of a team make; null where they make none, or cannot be read. */
export function overtimesOf({ minutes: text }: TeamBoxscoreRow): number | null {
  const minutes = parseMinutes(text);
  if (minutes === null) return null;
  const [periods, apart] = periodsOf(minutes);
  const allowed = isWhole(text) ? wholeMinutesApart : secondsApart / 60;
  return apart <= allowed + 1e-9 ? periods : null;
}

/** The overtimes that come nearest to a team's minutes, and the minutes that they are off. */
function periodsOf(minutes: number): [number, number] {
  const periods = Math.max(0, Math.round((minutes - regulation) / overtime));
  return [periods, Math.abs(minutes - regulation - overtime * periods)];
}

/** Whether minutes are given without seconds. */
function isWhole(text: string | null): boolean {
  return /^\s*\d+\s*$/.test(text ?? '');
}

/** Whether a team's minutes are no whole number of periods, and not what its players add up to either. */
function isOffByItself({ row, active }: Side): boolean {
  const minutes = parseMinutes(row?.minutes ?? null);
  if (minutes === null || isWhole(row?.minutes ?? null) || periodsOf(minutes)[1] <= halfSecond) return false;
  const sum = active.reduce((total, own) => total + (parseMinutes(own.minutes) ?? 0), 0);
  return active.length > 0 && Math.abs(sum - minutes) > halfSecond;
}

/** Overtimes that a status text names: `Final/OT` one, `Final/OT2` and `Final/2OT` two; null where it names none. */
export function overtimesNamed(text: string | null): number | null {
  const match = /(\d*)\s*OT\s*(\d*)/i.exec(text ?? '');
  return match ? Number(match[2] || match[1] || 1) : null;
}

export const lengthRules: readonly GameRule[] = [
  {
    id: 'T6',
    name: 'team_minutes_are_a_game',
    sentence: "A team's minutes are 240, and 25 more for each overtime.",
    needs: [],
    blocking: true,
    tolerance: {
      value: secondsApart,
      unit: 's',
      why: "where they are exactly the sum of the players', as a feed that adds up has them; 1 minute where it has whole minutes",
    },
    since: '0.1.0',
    find: ({ sides }) =>
      sides.flatMap((side) => {
        const { row } = side;
        if (!row || parseMinutes(row.minutes) === null) return [];
        return overtimesOf(row) === null || isOffByItself(side)
          ? [
              {
                detail: `the minutes of the team row of ${row.team_abbr} are ${spelled(row.minutes)}; a team plays 240, and 25 more for each overtime`,
                figures: [ofTeam(row, 'minutes')],
              },
            ]
          : [];
      }),
  },
  {
    id: 'T7',
    name: 'both_teams_play_as_long',
    sentence: 'Both teams play as many overtimes.',
    needs: ['nbac_team_boxscore'],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: ({ sides: [away, home] }) => {
      if (!away.row || !home.row) return [];
      const [one, other] = [overtimesOf(away.row), overtimesOf(home.row)];
      if (one === null || other === null || one === other) return [];
      return [
        {
          detail: `${away.team} played ${away.row.minutes} minutes and ${home.team} ${home.row.minutes}`,
          figures: [ofTeam(away.row, 'minutes'), ofTeam(home.row, 'minutes')],
        },
      ];
    },
  },
  {
    id: 'T8',
    name: 'overtimes_are_those_of_the_status',
    sentence: 'Where the status names overtimes, the minutes of the teams have as many.',
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: ({ scheduled, sides }) => {
      const named = overtimesNamed(scheduled.game_status_text);
      // A status without them says nothing: some feeds write Final for every game.
      if (named === null) return [];
      return sides.flatMap(({ row }) => {
        const played = row ? overtimesOf(row) : null;
        return !row || played === null || played === named
          ? []
          : [
              {
                detail: `the status is ${spelled(scheduled.game_status_text)}, and the minutes of the team row of ${row.team_abbr} are ${spelled(row.minutes)}, which is ${played} overtimes`,
                figures: [ofSchedule(scheduled, 'game_status_text'), ofTeam(row, 'minutes')],
              },
            ];
      });
    },
  },
];
