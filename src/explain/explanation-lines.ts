/** Why a date is where it is, line by line: what the terminal and the Temporal UI show. Pure. */
import { describeStandsOn } from '../contracts/bypass-mark';
import { describeDecision } from '../contracts/game-decisions';
import { decisionsAbout, withOrWithout, type GameVerdict, type StaleUpstream } from '../contracts/phase3';
import { describePin } from '../contracts/pin';
import {
  actsOnPins,
  describeBypass,
  type Explanation,
  type Need,
  type ProcessorStanding,
} from './explain-date';

export interface ExplanationLine {
  /** How far it is below the sentence that matters first, and below the name of a level: both are at 0. */
  readonly depth: number;
  readonly text: string;
  /** Set where it says what somebody can do, in our words and with commands as code; any other line may repeat what data or people say. */
  readonly isAct?: true;
}

/** The sentence, what can be done, then levels and processors with what they need. */
export function linesOf(why: Explanation): ExplanationLine[] {
  const { gameDate, stale, state, waitingSince, nextProbeAt, deadline } = why;
  const isQuestioned = stale.some((one) => one.isQuestioned);
  return [
    ...at(0, why.headline),
    ...at(1, ...stale.map(describeStale)),
    ...acts(isQuestioned && state !== 'questioned' ? actsOnPins(gameDate) : []),
    // What waits is built when it need not wait any more.
    ...acts(
      stale.some((one) => !one.isQuestioned) && waitingSince === null
        ? [`\`phase3 run ${gameDate} --wait\` builds it again.`]
        : [],
    ),
    ...acts(why.acts),
    ...(waitingSince
      ? at(
          1,
          `waiting since ${waitingSince}, checks so far: ${why.probes}, next check ${nextProbeAt ?? 'now'}, deadline ${deadline ?? '-'}`,
        )
      : []),
    ...at(1, ...why.bypasses.map(describeBypass)),
    ...why.levels.flatMap(({ level, processors }) => [
      ...at(0, `level ${level}`),
      ...processors.flatMap(standingLines),
    ]),
  ];
}

function at(depth: number, ...texts: readonly string[]): ExplanationLine[] {
  return texts.map((text) => ({ depth, text }));
}

function acts(all: readonly string[]): ExplanationLine[] {
  return all.map((text) => ({ depth: 1, text, isAct: true }));
}

/** What is live and is not what a run would build, or is pinned and to be looked at again. */
export function describeStale({ processor, reason, isQuestioned }: StaleUpstream): string {
  return `${isQuestioned ? 'questioned' : 'stale, not current any more'}: ${processor}, ${reason}`;
}

function standingLines(one: ProcessorStanding): ExplanationLine[] {
  const { processor, standing, version, rowCount, reason, bypassIds, decisions, pin } = one;
  const live = version ? `, version ${version}${rowCount === null ? '' : ` (${rowCount} rows)`}` : '';
  const mark = bypassIds.length > 0 ? `, on ${describeStandsOn(bypassIds, decisions)}` : '';
  const built = standing === 'published' ? 'built because ' : '';
  const why = reason === '' ? '' : ` - ${built}${reason}`;
  return [
    ...at(1, `${processor}: ${standing}${live}${mark}${why}`),
    ...at(2, ...(pin && reason !== describePin(pin) ? [describePin(pin)] : [])),
    ...one.missingGames.flatMap(gameLines),
    ...at(2, ...one.warnings.map((warning) => `warning: ${warning}`)),
    ...one.needs.flatMap(needLines),
  ];
}

/** A game that is not in what is live, or is contradicted: the rules that it breaks, with their figures. */
function gameLines(game: GameVerdict): ExplanationLine[] {
  const { gameId, status, detail, broken = [] } = game;
  return [
    ...at(2, `${withOrWithout(game)} ${gameId}: ${status}${broken.length === 0 ? `, ${detail}` : ''}`),
    ...at(3, ...decisionsAbout(game).map(describeDecision)),
    ...broken.flatMap(({ rule, detail: how, figures }) => [
      ...at(3, `${rule}: ${how}`),
      ...at(
        4,
        ...figures.map(({ table, row, field, value }) => `${table}, ${row}: ${field} ${value ?? 'empty'}`),
      ),
    ]),
  ];
}

function needLines({ table, found, expectedMin, status, games, expected }: Need): ExplanationLine[] {
  const counts =
    found === null
      ? 'not published, or not up to date'
      : `found ${found}, expected at least ${expectedMin ?? '?'}: ${status}`;
  return [
    ...at(2, `${table.padEnd(30)} ${counts}`),
    ...at(3, ...games.map((game) => `${game.gameId} ${game.status}: ${game.detail}`)),
    ...(expected
      ? at(
          3,
          `usually arrives by ${expected.p50At}, in 9 of 10 dates by ${expected.p90At} (${expected.samples} dates)`,
        )
      : []),
  ];
}
