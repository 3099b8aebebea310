/** Runs the rules of the game on one game's evidence. Pure. */
import type { BrokenRule } from '../../contracts/phase3';
import type { GamebookPlayerRow } from '../../sources/nbac-gamebook-player-stats/table';
import { faultOfPlayerRows } from '../../sources/nbac-gamebook-player-stats/whole-game';
import type { TeamBoxscoreRow } from '../../sources/nbac-team-boxscore/table';
import { isPlayedTeamRow, isReconstructed } from '../../sources/nbac-team-boxscore/whole-game';
import type { Game } from '../game';
import type { Contradiction, GameRule, Needed, RuleInput } from './define-rule';
import { gameRules } from './registry';

/** What came of a rule in one game. `not_run`: a source that it needs has not come, or has been rebuilt from another. */
export interface RuleResult {
  readonly rule: GameRule;
  readonly status: 'passed' | 'broken' | 'not_run';
  readonly contradictions: readonly Contradiction[];
}

/** The rules that only look at what others have made of a source would confirm what was rebuilt from the players. */
export function runRules(input: RuleInput, rules: readonly GameRule[] = gameRules): RuleResult[] {
  return rules.map((rule) => {
    if (rule.needs.some((source) => !input.come.has(source)))
      return { rule, status: 'not_run', contradictions: [] };
    const contradictions = rule.find(input);
    return { rule, status: contradictions.length > 0 ? 'broken' : 'passed', contradictions };
  });
}

/** The sources whose rows of the game are whole enough to be judged. */
export function sourcesCome(
  game: Pick<Game, 'away' | 'home'>,
  teams: readonly TeamBoxscoreRow[],
  players: readonly GamebookPlayerRow[],
): ReadonlySet<Needed> {
  const come = new Set<Needed>();
  const played = teams.filter((row) => isPlayedTeamRow(row) && !isReconstructed(row));
  if (played.length === 2) come.add('nbac_team_boxscore');
  if (faultOfPlayerRows(game, players) === null) come.add('nbac_gamebook_player_stats');
  return come;
}

/** Contradictions of a rule that a verdict names, and figures of each: a verdict travels with every look. */
const [mostContradictions, mostFigures] = [3, 4];

/** The rules that a game broke, blocking or not, in the order of the registry. */
export function brokenRules(
  results: readonly RuleResult[],
  blocking: boolean,
): Omit<BrokenRule, 'evidence'>[] {
  return results
    .filter(({ status, rule }) => status === 'broken' && rule.blocking === blocking)
    .map(({ rule, contradictions }) => ({
      rule: rule.name,
      detail: sentenceOf(contradictions),
      figures: contradictions
        .slice(0, mostContradictions)
        .flatMap(({ figures }) => figures.slice(0, mostFigures)),
    }));
}

function sentenceOf(contradictions: readonly Contradiction[]): string {
  const more = contradictions.length - mostContradictions;
  const shown = contradictions.slice(0, mostContradictions).map(({ detail }) => detail);
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
