/** How often a table's own history warns of clean nights, and what it finds: over the playoffs of 2017, and a whole season. */
import { addDays } from '../../src/contracts/game-date';
import { gamesOf } from '../../src/games/evidence';
import { processorOf } from '../../src/plan/registry';
import type { CheckResult } from '../../src/publishing/check-rows';
import { judgeByHistory } from '../../src/publishing/own-history';
import type { Row } from '../../src/tables/define-table';
import { kinds } from '../games/rules/corruptions';
import { offense } from '../support/fixtures';
import { demoNights, describeWithSeason, seasonNights, type Night } from '../support/nights';

const processor = processorOf(offense);
const rule = processor.history!;
const scaling = kinds.find(({ name }) => name === 'a team scaled by 1.3 in every source')!;

/** What the table would have of a night. */
function rowsOf(night: Night): Row[] {
  return gamesOf(dateOf(night), night).flatMap(({ game, rowsOf: read }) =>
    processor.build(
      game,
      Object.fromEntries(Object.entries(processor.reads).map(([alias, source]) => [alias, read(source)])),
    ),
  );
}

function dateOf({ nbac_schedule: [first] }: Night): string {
  return String(first?.['game_date']);
}

/** One game of a night. */
function gameOf(night: Night, leagueId: unknown): Night {
  const isOf = (row: Row): boolean => (row['nba_game_id'] ?? row['game_id']) === leagueId;
  return {
    nbac_schedule: night.nbac_schedule.filter((row) => row['game_id'] === leagueId),
    nbac_team_boxscore: night.nbac_team_boxscore.filter(isOf),
    nbac_gamebook_player_stats: night.nbac_gamebook_player_stats.filter((row) =>
      night.nbac_team_boxscore.some((own) => isOf(own) && own['team_abbr'] === row['team_abbr']),
    ),
  };
}

/** The game with one of its two teams, the first or the second, times 1.3 in team row, players and score. */
function scaled(game: Night, team: 0 | 1): Night {
  return scaling.corrupt(game, () => team / 2)!.night;
}

/** Scaled games, and those that the rules of the game find, or else the history of the table. */
interface Found {
  planted: number;
  byGame: number;
  byHistory: number;
}

interface Rates {
  /** Nights without enough history, those that were judged, and those of them that were warned of. */
  clean: { cold: number; judged: number; alarms: number };
  oneTeam: Found;
  bothTeams: Found;
}

/** Whether a rule of the game holds it or warns. A plus-minus that nobody scaled would find each, and is not counted. */
function isFoundInGame(night: Night): boolean {
  return gamesOf(dateOf(night), night).some(({ rules }) =>
    rules.some(({ status, rule: { id } }) => status === 'broken' && id !== 'S6'),
  );
}

function rates(nights: readonly Night[]): Rates {
  const counts: Rates = {
    clean: { cold: 0, judged: 0, alarms: 0 },
    oneTeam: { planted: 0, byGame: 0, byHistory: 0 },
    bothTeams: { planted: 0, byGame: 0, byHistory: 0 },
  };
  const table = nights.map((night) => ({ date: dateOf(night), rows: rowsOf(night) }));
  for (const [index, night] of nights.entries()) {
    const { date, rows: own } = table[index]!;
    const rows = table
      .filter((other) => other.date < date && other.date >= addDays(date, -rule.days))
      .flatMap((other) => other.rows);
    const judge = (built: readonly Row[]): CheckResult =>
      judgeByHistory(rule, processor.table, { kind: 'read', rows }, built);
    const clean = judge(own);
    const isCold = clean.detail === `not judged: ${rows.length} of ${rule.fewestRows} rows of history`;
    counts.clean[isCold ? 'cold' : 'judged'] += 1;
    counts.clean.alarms += clean.passed ? 0 : 1;
    if (isCold) continue;
    const plant = (planted: Night, into: Found): void => {
      into.planted += 1;
      if (isFoundInGame(planted)) into.byGame += 1;
      else if (!judge(rowsOf(planted)).passed) into.byHistory += 1;
    };
    for (const { game_id: id } of night.nbac_schedule) {
      const game = gameOf(night, id);
      plant(scaled(game, 0), counts.oneTeam);
      plant(scaled(game, 1), counts.oneTeam);
      plant(scaled(scaled(game, 0), 1), counts.bothTeams);
    }
  }
  return counts;
}

it('the playoffs of 2017: no clean night is unusual, once there is enough to judge by', () => {
  expect(rates(demoNights())).toEqual({
    clean: { cold: 20, judged: 22, alarms: 0 },
    oneTeam: { planted: 52, byGame: 52, byHistory: 0 },
    bothTeams: { planted: 26, byGame: 19, byHistory: 6 },
  });
});

describeWithSeason('the season of 2024-25', () => {
  it('no alarm in 157 clean nights; of 2,358 teams times 1.3 one is not found, of both teams 97 in 100', () => {
    expect(rates(seasonNights())).toEqual({
      // 0 alarms in 100 clean nights, where one is allowed.
      clean: { cold: 7, judged: 157, alarms: 0 },
      oneTeam: { planted: 2358, byGame: 2356, byHistory: 1 },
      bothTeams: { planted: 1179, byGame: 669, byHistory: 477 },
    });
  });
});
