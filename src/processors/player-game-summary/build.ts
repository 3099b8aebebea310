/** Player summaries of one game, from the gamebook and the published offence: where each column comes from. Pure. */
import type { Game } from '../../games/game';
import type { GamebookPlayerRow } from '../../sources/nbac-gamebook-player-stats/table';
import { isActivePlayer } from '../../sources/nbac-gamebook-player-stats/whole-game';
import {
  columnWords,
  empty,
  rowBuilder,
  type Columns,
  type Condition,
  type Formula,
} from '../define-columns';
import { minutesFormula } from '../formulas/possessions';
import { hasWon, opponentTeam } from '../formulas/result';
import { effectiveFieldGoalsFormula, trueShootingFormula } from '../formulas/shooting';
import {
  unknownUsage,
  usageFormulas,
  usageRate,
  type UsageInputs,
  type UsageRate,
} from '../formulas/usage-rate';
import type { TeamOffenseRow } from '../team-offense-game-summary/table';
import { dnpReasonCategory } from './dnp-reason';
import { table, type PlayerSummaryFigures } from './table';

/** What a player's row is made from. Only a bypass lets a team be without its published offence. */
interface PlayerParts {
  readonly game: Game;
  readonly player: GamebookPlayerRow;
  readonly team: TeamOffenseRow | null;
}

const { from, own, computed } = columnWords<PlayerParts, PlayerSummaryFigures>();

/** Some sources write zeros for who did not play; that is no figure. */
const ifActive: Condition<PlayerParts> = {
  holds: ({ player }) => isActivePlayer(player),
  otherwise: 'he was not listed as active, and what a source may have written for him is no figure',
};
const ifNotActive: Condition<PlayerParts> = {
  holds: ({ player }) => !isActivePlayer(player),
  otherwise: 'he was listed as active',
};

const isActive: Formula<{ status: string }, boolean> = {
  words: 'whether the gamebook lists him as active',
  compute: ({ status }) => status === 'active',
};
const isNot: Formula<{ is_active: boolean }, boolean> = {
  words: 'whether the gamebook lists him, and not as active',
  compute: ({ is_active }) => !is_active,
};
const reasonCategory: Formula<{ reason: string | null }, string | null> = {
  words: 'the category of the reason, by the words in it',
  undefinedWhen: 'the reason is empty',
  compute: ({ reason }) => dnpReasonCategory(reason),
};

/** Without a team row, which takes a bypass, his share of its plays is unknown; so is it where a count is that it needs. */
const usage = usageFormulas((of: UsageInputs & { readonly is_active: boolean }): UsageRate => {
  if (!of.is_active) return { usageRate: null, usageRateRaw: null, valid: null, anomalyReason: null };
  if (of['Tm MP'] === null) return unknownUsage('no_team_row');
  return usageRate(
    { fieldGoalsAttempted: of.FGA, freeThrowsAttempted: of.FTA, turnovers: of.TOV, minutes: of.MP },
    {
      fieldGoalsAttempted: of['Tm FGA'],
      freeThrowsAttempted: of['Tm FTA'],
      turnovers: of['Tm TOV'],
      minutes: of['Tm MP'],
    },
  );
});
const ofUsage = {
  is_active: own('is_active'),
  FGA: own('fg_attempts'),
  FTA: own('ft_attempts'),
  TOV: own('turnovers'),
  MP: own('minutes_played'),
  'Tm FGA': from('team', 'fg_attempts'),
  'Tm FTA': from('team', 'ft_attempts'),
  'Tm TOV': from('team', 'turnovers'),
  'Tm MP': from('team', 'team_minutes'),
};

const noSource = empty('no source has it');

export const columns: Columns<PlayerSummaryFigures, PlayerParts> = {
  game_date: from('game', 'gameDate'),
  game_id: from('game', 'gameId'),
  nba_game_id: from('game', 'nbaGameId'),
  player_lookup: from('player', 'player_lookup'),
  universal_player_id: noSource,
  player_full_name: from('player', 'player_name'),
  team_abbr: from('player', 'team_abbr'),
  opponent_team_abbr: computed(opponentTeam, {
    team: own('team_abbr'),
    home: from('game', 'home'),
    away: from('game', 'away'),
  }),
  season_year: from('game', 'seasonYear'),
  player_status: from('player', 'player_status'),
  is_active: computed(isActive, { status: own('player_status') }),
  is_dnp: computed(isNot, { is_active: own('is_active') }),
  dnp_reason: from('player', 'dnp_reason', ifNotActive),
  dnp_reason_category: computed(reasonCategory, { reason: own('dnp_reason') }),
  minutes_played: computed(minutesFormula, { text: from('player', 'minutes', ifActive) }),
  points: from('player', 'points', ifActive),
  fg_makes: from('player', 'field_goals_made', ifActive),
  fg_attempts: from('player', 'field_goals_attempted', ifActive),
  three_pt_makes: from('player', 'three_pointers_made', ifActive),
  three_pt_attempts: from('player', 'three_pointers_attempted', ifActive),
  ft_makes: from('player', 'free_throws_made', ifActive),
  ft_attempts: from('player', 'free_throws_attempted', ifActive),
  offensive_rebounds: from('player', 'offensive_rebounds', ifActive),
  defensive_rebounds: from('player', 'defensive_rebounds', ifActive),
  assists: from('player', 'assists', ifActive),
  steals: from('player', 'steals', ifActive),
  blocks: from('player', 'blocks', ifActive),
  turnovers: from('player', 'turnovers', ifActive),
  personal_fouls: from('player', 'personal_fouls', ifActive),
  plus_minus: from('player', 'plus_minus', ifActive),
  usage_rate: computed(usage.capped, ofUsage),
  usage_rate_raw: computed(usage.raw, ofUsage),
  usage_rate_valid: computed(usage.valid, ofUsage),
  usage_rate_anomaly_reason: computed(usage.anomalyReason, ofUsage),
  ts_pct: computed(trueShootingFormula, {
    PTS: own('points'),
    FGA: own('fg_attempts'),
    FTA: own('ft_attempts'),
  }),
  efg_pct: computed(effectiveFieldGoalsFormula, {
    FG: own('fg_makes'),
    '3P': own('three_pt_makes'),
    FGA: own('fg_attempts'),
  }),
  win_flag: computed(hasWon, {
    team: own('team_abbr'),
    home: from('game', 'home'),
    homeScore: from('game', 'homeScore'),
    awayScore: from('game', 'awayScore'),
  }),
  starter_flag: noSource,
  paint_attempts: noSource,
  paint_makes: noSource,
  mid_range_attempts: noSource,
  mid_range_makes: noSource,
  assisted_fg_makes: noSource,
  unassisted_fg_makes: noSource,
  points_line: noSource,
  over_under_result: noSource,
  margin: noSource,
  points_line_source: noSource,
};

const rowOf = rowBuilder(table, columns);

/** Everybody whom the gamebook lists for the game, each with the published offence of his team. */
export function playerParts(
  game: Game,
  gamebook: readonly GamebookPlayerRow[],
  offense: readonly TeamOffenseRow[],
): PlayerParts[] {
  return gamebook.map((player) => ({
    ...{ game, player },
    team: offense.find((team) => team.team_abbr === player.team_abbr) ?? null,
  }));
}

/** One player's summary. */
export function playerSummary(
  game: Game,
  player: GamebookPlayerRow,
  team: TeamOffenseRow | null,
): PlayerSummaryFigures {
  return rowOf({ game, player, team });
}

/** The summaries of a game. */
export function playerSummaries(...night: Parameters<typeof playerParts>): PlayerSummaryFigures[] {
  return playerParts(...night).map(rowOf);
}
