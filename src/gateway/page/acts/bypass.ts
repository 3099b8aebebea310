/** Bypass: a processor runs once without inputs that are missing. */
import type { DateState } from '../../../contracts/date-state';
import type { ForeseenTable } from '../../../control/protocol';
import { missingOf, passedBy, whyNoBypass } from '../../../explain/decision-rules';
import { html } from '../html';
import {
  basisOf,
  choices,
  dryRun,
  field,
  foreseenTables,
  input,
  openState,
  type Act,
  type Choice,
  type Form,
} from './act';

/** What a form names: a missing table, or a processor. */
function bodyOf(form: Form): Record<string, unknown> {
  const [kind = '', name = ''] = (field(form, 'what') ?? '').split(':');
  const holds = field(form, 'for');
  return {
    ...(kind === 'missing' ? { missing: [name] } : { processor: name }),
    ...(holds === null ? {} : { for: holds }),
  };
}

/** One decision for each table that is missing, and one for each processor that lacks several. */
function choicesOf(state: DateState, readyShare: number): Choice[] {
  const processors = state.plan?.processors ?? [];
  const inputs = new Set(processors.flatMap((one) => one.inputs));
  const missing = [...new Set(processors.flatMap(({ name }) => missingOf(state, name)))].filter((table) =>
    inputs.has(table),
  );
  const tables = missing.flatMap((table) => {
    const passed = passedBy(state, { missing: [table] }, readyShare).map(({ processor }) => processor);
    return passed.length > 0
      ? [
          {
            value: `missing:${table}`,
            label: html`do without <strong>${table}</strong>: runs ${passed.join(', ')}`,
          },
        ]
      : [];
  });
  const single = processors
    .filter(({ name }) => whyNoBypass(state, name, undefined, readyShare) === null)
    .map(({ name }) => ({
      value: `processor:${name}`,
      label: html`run <strong>${name}</strong> without ${missingOf(state, name).join(', ')}`,
    }));
  return [...tables, ...single];
}

export const bypass: Act = {
  name: 'bypass',
  title: 'Bypass missing inputs',
  about: 'Runs what lacks inputs once without them. What is built so is marked until the rows arrive.',
  needsReason: true,
  isOffered: ({ why }) =>
    why.isOpen && why.levels.some(({ processors }) => processors.some(({ needs }) => needs.length > 0)),
  fields: async (context, form) => {
    const state = await openState(context);
    const all = state ? choicesOf(state, context.parts.policy.readyShare) : [];
    if (all.length === 0) return html`<p class="notice">Nothing is missing that could be done without.</p>`;
    return html`${choices('radio', 'what', 'What to do without', all, form.get('what') ?? [])}
    ${input('for', 'How long it holds', field(form, 'for'), 'such as 12h or 7d; left empty, as long as is configured')}`;
  },
  chosen: (_context, form) => ({ name: 'bypass', body: bodyOf(form) }),
  foresee: async (context, decision) => {
    const answer = await dryRun(context, decision);
    if (answer.refusal !== null) return answer;
    const tables = answer.found['tables'] as readonly ForeseenTable[];
    return { refusal: null, shown: foreseenTables(tables), basis: basisOf(tables) };
  },
};
