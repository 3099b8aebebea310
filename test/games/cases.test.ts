/**
 * The cases that were made from reports of others, by the names of their folders (`../shared/cases`): each kind on nights of
 * ours, with its twin that lacks the corruption, and the other games of its night.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { judgeCurrent, judgeProcessor } from '../../src/gate/judge-processor';
import { processorOf, processors } from '../../src/plan/registry';
import type { Row } from '../../src/tables/define-table';
import {
  change,
  defense,
  drop,
  gameIdOf,
  goodNight,
  ofGame,
  offense,
  player,
  policyAfter,
  published,
} from '../support/fixtures';
import { demoNight, season, type Night } from '../support/nights';
import { random, type Corrupted } from './rules/corruptions';
import { publish, type Published } from './rules/engine';
import { everyKind } from './rules/every-kind';
import { rowsOf } from './rules/fuzz';
import { gamesGone, outcomeOf, type Outcome } from './rules/outcome';

interface Case {
  readonly folder: string;
  readonly what: string;
  readonly corrupt: (night: Night, seed: number) => Corrupted;
  readonly outcome: Outcome;
  /** What is said of it, where something is. */
  readonly said?: RegExp;
  /** Games that are held. */
  readonly held: number;
}

const [schedule, teams, stats] = [
  'nbac_schedule',
  'nbac_team_boxscore',
  'nbac_gamebook_player_stats',
] as const;

/** A kind that the fuzz has too. */
function kind(name: string): Case['corrupt'] {
  const found = everyKind.find((one) => one.name === name);
  if (!found) throw new Error(`there is no kind "${name}"`);
  return (night, seed) => found.corrupt(night, random(seed))!;
}

/** Changes rows of one game, by the seed. */
function inGame(make: (row: Row, table: keyof Night) => Partial<Row>): Case['corrupt'] {
  return (night, seed) => {
    const row = night[schedule][seed % night[schedule].length]!;
    const codes = [row['away_team_tricode'], row['home_team_tricode']];
    const isOf = (own: Row): boolean => own === row || codes.includes(own['team_abbr'] ?? null);
    const tables = [schedule, teams, stats].map((table) => [
      table,
      night[table].map((own) => (isOf(own) ? { ...own, ...make(own, table) } : own)),
    ]);
    return { night: Object.fromEntries(tables) as Night, what: codes.join() };
  };
}

const isoMinutes = ({ minutes }: Row): string | null => {
  const [, whole = '', seconds = ''] = /^(\d+):(\d\d)$/.exec(String(minutes)) ?? [];
  return whole ? `PT${whole}M${seconds}.00S` : null;
};
const half = (row: Row): Partial<Row> =>
  Object.fromEntries(
    Object.entries(row)
      .filter(([field, value]) => typeof value === 'number' && /_made|_attempted|points|assists/.test(field))
      .map(([field, value]) => [field, Math.floor(Number(value) / 2)]),
  );

const cases: readonly Case[] = [
  {
    folder: '00-control',
    what: 'nothing',
    held: 0,
    outcome: 'the same',
    corrupt: (night) => ({ night, what: '' }),
  },
  {
    ...{
      folder: '01-listed-by-both-teams',
      what: 'a player in the lists of both teams',
      held: 1,
      outcome: 'held',
    },
    ...{ corrupt: kind('listed by both teams'), said: /is active for \w+ \(.*\) and for/ },
  },
  {
    ...{ folder: '02-two-people-one-name', what: 'two people of two games with one lookup', held: 2 },
    ...{ corrupt: kind('lookup of a player of another game'), outcome: 'held' },
    said: /two people under one name/,
  },
  {
    ...{ folder: '03-players-without-turnovers', what: 'no turnovers of any player of a game', held: 0 },
    ...{
      corrupt: kind("every player's turnovers null"),
      outcome: 'null',
      said: /turnovers is empty for every player/,
    },
  },
  {
    ...{ folder: '04-iso-minutes', what: 'minutes as PT34M12.00S', held: 0, outcome: 'the same' },
    corrupt: inGame((row, table) => (table === schedule ? {} : { minutes: isoMinutes(row) })),
  },
  {
    ...{
      folder: '05-overtime-with-240-minutes',
      what: 'an overtime of 240 minutes',
      held: 1,
      outcome: 'held',
    },
    ...{ corrupt: kind('overtime that nobody played'), said: /the status is "Final\/OT"/ },
  },
  {
    ...{ folder: '06-one-game-correction', what: 'a file of one game after the night is live', held: 0 },
    ...{ outcome: 'kept', said: /its live rows are kept/ },
    corrupt: kind('later, player rows of one game in place of all'),
  },
  {
    ...{
      folder: '06-one-game-correction',
      what: 'the same of team rows, which nothing is rebuilt for',
      held: 0,
    },
    ...{ outcome: 'kept', said: /no team row; its live rows are kept/ },
    corrupt: kind('later, team rows of one game in place of all'),
  },
  {
    ...{ folder: '07-threes-null', what: 'threes null in both team rows and for one player', held: 1 },
    ...{ outcome: 'held', said: /three_pointers_made is empty for/ },
    corrupt: (night, seed) => {
      const { night: withoutThrees, what } = inGame((_, table) =>
        table === teams ? { three_pt_made: null } : {},
      )(night, seed);
      const code = what.split(',', 1)[0];
      const one = withoutThrees[stats].find(
        (row) => row['team_abbr'] === code && Number(row['three_pointers_made']) > 0,
      );
      const rows = withoutThrees[stats].map((row) =>
        row === one ? { ...row, three_pointers_made: null } : row,
      );
      return { night: { ...withoutThrees, [stats]: rows }, what };
    },
  },
  {
    ...{ folder: '08-impossible-counts', what: 'negative turnovers of a team', held: 1, outcome: 'held' },
    ...{ corrupt: kind('team turnovers negative'), said: /has -3 turnovers/ },
  },
  {
    ...{ folder: '09-home-away-swapped', what: 'home and away exchanged in the schedule', held: 1 },
    ...{ corrupt: kind('sides of the schedule exchanged'), outcome: 'held', said: /home and away/ },
  },
  {
    ...{ folder: '10-game-id-without-zeros', what: 'a game listed twice, once without zeros', held: 0 },
    ...{ outcome: 'kept', said: /the schedule lists the game twice, as \d+ and \d+/ },
    corrupt: kind('an id without its zeros, beside the right one'),
  },
  {
    ...{ folder: '11-half-time-rows-no-score', what: 'rows of the first half, and no score', held: 1 },
    ...{ outcome: 'held', said: /says final and has no score/ },
    corrupt: inGame((row, table) =>
      table === schedule
        ? { home_team_score: null, away_team_score: null, winning_team_tricode: null }
        : { ...half(row), ...(table === teams ? { minutes: '120:00' } : {}) },
    ),
  },
  {
    ...{ folder: '16-resumed-game-and-next-game-same-date', what: 'two games of one pair', held: 1 },
    ...{
      corrupt: kind('the same pair twice, under another id'),
      outcome: 'held',
      said: /two games of the same teams/,
    },
  },
  {
    ...{ folder: '21-int64-as-text', what: 'whole numbers as text', held: 0, outcome: 'the same' },
    corrupt: kind('every whole number as text'),
  },
  {
    ...{ folder: '22-nan', what: 'a figure that is NaN', held: 0, outcome: 'refused' },
    corrupt: kind('a figure is NaN'),
  },
  {
    ...{ folder: '31-status-in-capitals', what: 'a status in capitals', held: 1, outcome: 'held' },
    ...{ corrupt: kind("active player's status ACTIVE"), said: /is "ACTIVE", expected one of active/ },
  },
  {
    ...{
      folder: '41-one-player-two-spellings',
      what: 'one line under two spellings',
      held: 1,
      outcome: 'held',
    },
    ...{ corrupt: kind('one line under two spellings'), said: /one person under two names/ },
  },
  {
    ...{ folder: '42-team-minutes-of-the-clock', what: 'team minutes 48:00', held: 1, outcome: 'held' },
    ...{ corrupt: kind('team minutes 48:00'), said: /are "48:00"; a team plays 240/ },
  },
];

const nights = ['2017-04-15', '2017-04-16', '2017-04-22'].map(demoNight);
const clean = new Map<Night, Published>(nights.map((night) => [night, publish(night)]));

describe.each(cases)('$folder: $what', ({ corrupt, outcome, said, held }) => {
  it.each(nights.map((night, index) => [night[schedule][0]!['game_date'], night, index] as const))(
    'of %s: what is right is live, and what is wrong is not',
    async (_, night, seed) => {
      const before = clean.get(night)!;
      const { first, ...corrupted } = corrupt(night, seed + 1);
      const rows = await rowsOf(corrupted);
      const now = rows && (first ? publish(first, rows) : publish(rows));
      expect(now ? outcomeOf(before, now) : 'refused').toBe(outcome);
      if (!now) return;
      if (said) expect([...now.warnings, ...now.withheld].join('\n')).toMatch(said);
      // The other games of the night are live as they are without the fault.
      const gone = gamesGone(before, now);
      expect(gone).toHaveLength(held);
      expect(night[schedule].length).toBeGreaterThan(held);
      if (outcome === 'held')
        expect([...now.rows.keys()]).toEqual(
          [...before.rows].filter(([, row]) => !gone.includes(String(row['game_id']))).map(([key]) => key),
        );
    },
  );

  it('its twin without it is published whole', () => {
    for (const night of nights) {
      const { rows, withheld } = clean.get(night)!;
      expect(withheld).toEqual([]);
      for (const { table } of processors) {
        const games = [...rows].filter(([key]) => key.startsWith(`${table.name}/`));
        expect(new Set(games.map(([, row]) => row['game_id'])).size).toBe(night[schedule].length);
      }
    }
  });
});

const live = published(goodNight(2), offense, defense, player);

it('35-correction-without-trigger: rows that were corrected and not run make the date stale; its twin is current', () => {
  expect(judgeCurrent(processorOf(offense), live)).toBeNull();
  const corrected = change(live, teams, ofGame(0), { turnovers: 12 });
  expect(judgeCurrent(processorOf(offense), corrected)).toMatchObject({ kind: 'inputs' });
});

it('36-share-of-a-recent-night: five of six games go live, and the sixth is named; its twin lacks none', () => {
  const judge = (night: ReturnType<typeof goodNight>) =>
    judgeProcessor(processorOf(offense), night, policyAfter(1));
  expect(judge(goodNight(6))).toMatchObject({ canRun: true, missingGames: [] });
  const share = drop(drop(goodNight(6), teams, ofGame(3)), stats, ofGame(3));
  expect(judge(share)).toMatchObject({
    ...{ canRun: true, readyGames: 5, finalGames: 6 },
    missingGames: [{ gameId: gameIdOf(3), status: 'missing' }],
  });
});

it('43-all-feeds-down: without a fresh schedule nobody says that there are no games; its twin with one does', () => {
  const nothing = { ...goodNight(0), isCalendarKnown: false };
  expect(judgeProcessor(processorOf(offense), nothing, policyAfter(1))).toMatchObject({
    ...{ skip: null, canRun: false, missing: [schedule] },
  });
  const fresh = { ...nothing, isCalendarKnown: true };
  expect(judgeProcessor(processorOf(offense), fresh, policyAfter(1))).toMatchObject({ skip: 'no_games' });
});

const folder = join(season, '..', '..', 'cases');
const isThere =
  existsSync(folder) || (process.env['CI'] === 'true' && process.env['PHASE3_TEST_WITHOUT'] !== 'season');
(isThere ? it : it.skip)(
  `every case of ../shared/cases has a test here${isThere ? '' : ' (skipped: it is not there)'}`,
  () => {
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const alone = ['35-correction-without-trigger', '36-share-of-a-recent-night', '43-all-feeds-down'];
    expect([...new Set([...cases.map((one) => one.folder), ...alone])].sort()).toEqual(
      folders.map(({ name }) => name).sort(),
    );
  },
);
