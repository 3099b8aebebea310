/** Release and discard: what becomes of a game that breaks rules. */
import type { GameDecisionKind, SeenRule } from '../../../contracts/game-decisions';
import type { HeldGame } from '../../../control/protocol';
import { InvalidRequestError, requireHoldMs, requireReason } from '../../../requests/validate-request';
import type { Answer } from '../../answers';
import { html } from '../html';
import { badge } from '../layout';
import {
  basisOf,
  choices,
  field,
  foreseenTables,
  input,
  noReasonYet,
  overridesOf,
  type Act,
  type ActContext,
  type Foreseen,
  type Form,
} from './act';

interface GameChoice {
  readonly kind: GameDecisionKind;
  readonly held: HeldGame;
  readonly rules: SeenRule[];
  /** ISO 8601, UTC; of a release only. */
  readonly until: string | null;
}

async function heldGames({ parts, view }: ActContext): Promise<readonly HeldGame[]> {
  return (await (await parts.reads()).quarantined(view.gameDate)).games;
}

/** What a form names, by what is kept back now. */
async function choiceOf(context: ActContext, form: Form): Promise<GameChoice> {
  const game = field(form, 'game');
  const held = (await heldGames(context)).find(({ gameId }) => gameId === game);
  if (!held) throw wrong('game', `is ${game ?? 'left out'}, and no such game is kept back now`);
  const kind = field(form, 'kind') === 'discard' ? 'discard' : 'release';
  const rules = held.broken.map(({ rule, evidence }) => ({ rule, evidence }));
  const until =
    kind === 'release'
      ? new Date(context.parts.now().getTime() + requireHoldMs(field(form, 'for') ?? '')).toISOString()
      : null;
  return { kind, held, rules, until };
}

function wrong(name: string, problem: string): InvalidRequestError {
  return new InvalidRequestError([{ code: 'wrong_value', field: name, problem }]);
}

async function foresee(context: ActContext, form: Form): Promise<Foreseen> {
  const { kind, held, rules, until } = await choiceOf(context, form);
  const { view, by, parts } = context;
  const pinned = view.why.levels.flatMap(({ processors }) => processors.filter(({ pin }) => pin !== null));
  if (kind === 'release' && pinned.length > 0)
    return {
      refusal: `${view.gameDate} is pinned, so a release would publish nothing. \`phase3 unpin\` lifts the pin.`,
      ...{ shown: null, basis: null },
    };
  const tables = await (
    await parts.reads()
  ).foresee({
    game_date: view.gameDate,
    decision: {
      kind,
      game: held.gameId,
      rules,
      by,
      reason: noReasonYet,
      ...(until === null ? {} : { until }),
    },
    ...{ overrides: overridesOf(context), past_deadline: false },
  });
  const what =
    kind === 'release'
      ? `${held.gameId} would be published although it breaks ${rules.map(({ rule }) => rule).join(', ')}, as long as its evidence is what it is now.`
      : `${held.gameId} would ${held.liveIn.length > 0 ? 'keep its live rows' : 'be left out'} until its evidence is another.`;
  return {
    refusal: null,
    shown: html`<p>${what}</p>
      ${foreseenTables(tables)}`,
    basis: [rules, basisOf(tables)],
  };
}

async function carryOut(context: ActContext, form: Form, reason: string): Promise<Answer> {
  const { kind, held, rules, until } = await choiceOf(context, form);
  const { parts, view, by } = context;
  await parts.client.decideGame({
    ...{ gameDate: view.gameDate, kind, game: held.gameId, rules, by, reason: requireReason(reason) },
    ...(until === null ? {} : { until }),
    overrides: parts.overrides,
  });
  return {
    httpStatus: 202,
    body: { status: 'accepted', gameDate: view.gameDate, message: 'The request is sent.' },
  };
}

export const release: Act = {
  name: 'release',
  title: 'Release or discard a game',
  about: 'Publishes a game although it breaks rules, or leaves it as it is.',
  needsReason: true,
  isOffered: ({ hasKeptBack }) => hasKeptBack,
  fields: async (context, form) => {
    const held = await heldGames(context);
    if (held.length === 0) return html`<p class="notice">No game of the date is kept back now.</p>`;
    return html`${choices(
      'radio',
      'game',
      'Which game',
      held.map(({ gameId, status, broken }) => ({
        value: gameId,
        label: html`${gameId} ${badge(status)}
        ${broken.map(({ rule, detail }) => html`<br /><small>${rule}: ${detail}</small>`)}`,
      })),
      form.get('game') ?? [],
    )}
    ${choices(
      'radio',
      'kind',
      'What becomes of it',
      [
        { value: 'release', label: 'release: it is published as it is, whatever rules it breaks now' },
        { value: 'discard', label: 'discard: it is left as it is, and the date is settled' },
      ],
      form.get('kind') ?? [],
    )}
    ${input('for', 'How long a release holds', field(form, 'for') ?? '7d', 'such as 12h or 7d; a discard holds until the evidence is another')}`;
  },
  foresee,
  carryOut,
};
