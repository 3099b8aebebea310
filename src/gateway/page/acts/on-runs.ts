/** Rerun, recheck, extend and cancel: what is done with the run of a date. */
import { durationMs } from '../../../contracts/fields';
import { refuseExtension } from '../../../explain/decision-rules';
import { processorNames } from '../../../plan/registry';
import { html, type Content } from '../html';
import { badge, instant } from '../layout';
import {
  basisOf,
  choices,
  field,
  foreseenTables,
  input,
  notOpen,
  noReasonYet,
  openState,
  type Act,
  type Form,
} from './act';

function rerunBody(form: Form): Record<string, unknown> {
  const named = form.get('processors') ?? [];
  return {
    ...(named.length > 0 ? { processors: named } : {}),
    ...(field(form, 'force') === null ? {} : { force: true }),
  };
}

export const rerun: Act = {
  name: 'rerun',
  title: 'Rerun',
  about: 'Runs the date again; what is named also rebuilds everything downstream.',
  needsReason: true,
  isOffered: ({ why }) => why.state !== 'running',
  fields: async (_context, form) =>
    html`${choices(
      'checkbox',
      'processors',
      'Only these, and everything downstream (none: all)',
      processorNames.map((name) => ({ value: name, label: name })),
      form.get('processors') ?? [],
    )}
    ${choices('checkbox', 'force', 'Unchanged inputs', [{ value: 'yes', label: 'Build even if nothing has changed, or a restore has pinned it' }], form.get('force') ?? [])}`,
  chosen: (_context, form) => ({ name: 'rerun', body: rerunBody(form) }),
  foresee: async (context, { body }) => {
    const { overrides } = context.parts;
    const tables = await (
      await context.parts.reads()
    ).foresee({ game_date: context.view.gameDate, overrides, past_deadline: false });
    const named = body['processors'] as readonly string[] | undefined;
    return {
      refusal: null,
      shown: html`<p>
          A run of the date would come to this
          now.${named ? ` Asked for are ${named.join(', ')} with what stands on them; the rest stays as it is.` : ''}
          ${body['force'] ? 'What is unchanged would be built all the same, as a new version.' : ''}
        </p>
        ${foreseenTables(tables)}`,
      basis: basisOf(tables),
    };
  },
};

export const recheck: Act = {
  name: 'recheck',
  title: 'Check now',
  about: 'Makes the waiting date check its dependencies at once.',
  needsReason: false,
  isOffered: ({ why }) => why.isOpen,
  fields: async () => null,
  chosen: () => ({ name: 'recheck', body: {} }),
  foresee: async (context) => {
    const { verdicts } = await (
      await context.parts.reads()
    ).check({
      ...{ game_date: context.view.gameDate, processors: [...processorNames], as_run: true },
      overrides: context.parts.overrides,
    });
    return {
      refusal: null,
      shown: html`<p>The check would find this now; what can run is then run.</p>
        <ul>
          ${verdicts.map(
            ({ processor, canRun, skip, missing, missingGames, checkFailed }) =>
              html`<li>
                <strong>${processor}</strong>
                ${skip ? badge('skipped') : badge(canRun ? 'ready' : 'waiting')}
                ${checkFailed ?? (missing.length > 0 ? `missing ${missing.join(', ')}` : '')}
                ${missingGames.map((game) => html`<br /><small>${game.gameId} ${game.status}: ${game.detail}</small>`)}
              </li>`,
          )}
        </ul>`,
      basis: null,
    };
  },
};

export const extend: Act = {
  name: 'extend',
  title: 'Extend the deadline',
  about: 'Lets the date wait longer.',
  needsReason: true,
  isOffered: ({ why }) => why.isOpen && why.deadline !== null && why.waitingSince !== null,
  fields: async (_context, form) =>
    input('for', 'By how much', field(form, 'for') ?? '30m', 'such as 30m or 2h', true),
  chosen: (_context, form) => ({ name: 'extend', body: { for: field(form, 'for') ?? '' } }),
  foresee: async (context, { body }) => {
    const state = await openState(context);
    const byMs = durationMs(String(body['for']));
    const message = { extendId: 'dry-run', by: context.by, reason: noReasonYet, byMs };
    const why = state ? refuseExtension(state, message) : null;
    if (why !== null) return { refusal: `The longer deadline would be refused: ${why}.` };
    if (!state?.deadline) return notOpen(context.view.gameDate);
    const later = new Date(Date.parse(state.deadline) + byMs).toISOString();
    return {
      refusal: null,
      shown: html`<p>
        The deadline would move from ${instant(state.deadline)} to ${instant(later)}. Nothing is published by
        this.
      </p>`,
      basis: state.deadline,
    };
  },
};

export const cancel: Act = {
  name: 'cancel',
  title: 'Cancel the run',
  about: 'Ends the open run; published tables stay as they are.',
  needsReason: true,
  isOffered: ({ why }) => why.isOpen,
  fields: async () => null,
  chosen: () => ({ name: 'cancel', body: {} }),
  foresee: async (context) => {
    const state = await openState(context);
    if (!state) return notOpen(context.view.gameDate);
    const { runState, open, running, pendingCount } = state;
    const part = (what: string, names: readonly string[]): Content =>
      names.length > 0 ? html`<li>${what}: ${names.join(', ')}</li>` : null;
    return {
      refusal: null,
      shown: html`<p>The run would end; the date is ${runState}. What is published stays live.</p>
        <ul>
          ${part('broken off', running)}
          ${part(
            'not built any more',
            open.filter((name) => !running.includes(name)),
          )}
          <li>requests that would be answered with “cancelled”: ${pendingCount}</li>
        </ul>`,
      basis: [runState, open, running],
    };
  },
};
