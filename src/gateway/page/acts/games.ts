/** Release and discard: what becomes of a game that breaks rules. */
import type { ForeseenTable, HeldGame } from '../../../control/protocol';
import { html } from '../html';
import { badge } from '../layout';
import {
  basisOf,
  choices,
  dryRun,
  field,
  foreseenTables,
  input,
  wrongField,
  type Act,
  type ActContext,
  type Chosen,
  type Form,
} from './act';

async function heldGames({ parts, view }: ActContext): Promise<readonly HeldGame[]> {
  return (await (await parts.reads()).quarantined(view.gameDate)).games;
}

/** The game that a form names, with the rules that it breaks now: the API refuses the decision once they are others. */
async function chosen(context: ActContext, form: Form): Promise<Chosen> {
  const game = field(form, 'game');
  const held = (await heldGames(context)).find(({ gameId }) => gameId === game);
  if (!held) throw wrongField('game', `is ${game ?? 'left out'}, and no such game is kept back now`);
  const seen = held.broken.map(({ rule, evidence }) => ({ rule, evidence }));
  return field(form, 'kind') === 'discard'
    ? { name: 'discard', body: { game: held.gameId, seen } }
    : { name: 'release', body: { game: held.gameId, seen, for: field(form, 'for') ?? '' } };
}

export const release: Act = {
  name: 'release',
  title: 'Release or discard a game',
  about: 'Publishes a game although it breaks rules, or leaves it as it is.',
  needsReason: true,
  verb: ({ name, body }) => `${name === 'discard' ? 'Discard' : 'Release'} ${String(body['game'])}`,
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
  chosen,
  foresee: async (context, decision) => {
    const answer = await dryRun(context, decision);
    if (answer.refusal !== null) return answer;
    const tables = answer.found['tables'] as readonly ForeseenTable[];
    const [game, seen] = [String(decision.body['game']), decision.body['seen'] as HeldGame['broken']];
    const what =
      decision.name === 'release'
        ? `${game} would be published although it breaks ${seen.map(({ rule }) => rule).join(', ')}, as long as its evidence is what it is now.`
        : `${game} would be left as it is until its evidence is another: rows of it that are live stay, and none are added.`;
    return {
      refusal: null,
      shown: html`<p>${what}</p>
        ${foreseenTables(tables)}`,
      basis: basisOf(tables),
    };
  },
};
