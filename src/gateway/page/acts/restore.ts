/** Restore and unpin: brings back what was live before and keeps it, and lets it follow its inputs again. */
import { describeStandsOn } from '../../../contracts/bypass-mark';
import { describePin } from '../../../contracts/pin';
import type { ForeseenTable, PreviewedTable, RestorePreview } from '../../../control/protocol';
import { processors } from '../../../plan/registry';
import { differenceOf } from '../difference';
import { html, type Content, type Html } from '../html';
import { instant } from '../layout';
import { basisOf, choices, dryRun, field, foreseenTables, input, type Act, type Form } from './act';

/** What a form names: a version of a table, or an instant. */
function bodyOf(form: Form): Record<string, unknown> {
  const before = field(form, 'before');
  if (before !== null) return { before };
  const [processor = '', version = ''] = (field(form, 'version') ?? '').split(':');
  return { processor, version: Number(version) };
}

export const restore: Act = {
  name: 'restore',
  title: 'Restore a version',
  about: 'Publishes a kept version again, with what stands on it, and keeps it until it is unpinned.',
  needsReason: true,
  isOffered: ({ versions }) => versions.some(({ isLive }) => !isLive),
  fields: async ({ view }, form) => {
    const all = view.versions.flatMap((one) => {
      const processor = processors.find(({ table }) => table.name === one.table_name);
      if (!processor || one.isLive) return [];
      const label: Content = html`<strong>${one.table_name}</strong> version ${one.version}, published
        ${instant(one.published_at)}, ${one.row_count} rows <br /><small>${one.reason}</small>`;
      return [{ value: `${processor.name}:${one.version}`, label }];
    });
    return html`${choices('radio', 'version', 'Which version', all, form.get('version') ?? [])}
    ${input('before', 'Or every table as it was just before', field(form, 'before'), 'an instant such as 2025-01-16T08:00:00Z; left empty, the version above')}`;
  },
  chosen: (_context, form) => ({ name: 'restore', body: bodyOf(form) }),
  foresee: async (context, decision) => {
    const answer = await dryRun(context, decision);
    if (answer.refusal !== null) return answer;
    const { gameDate } = context.view;
    const preview = { gameDate, ...answer.found } as unknown as RestorePreview;
    if (preview.kind !== 'planned') return { refusal: `${gameDate}: nothing to restore: ${preview.why}.` };
    return {
      refusal: null,
      shown: preview.tables.map(previewed),
      basis: preview.tables.map(({ table, live, restores, difference }) => [
        ...[table, live, restores],
        difference?.rows,
      ]),
    };
  },
};

export const unpin: Act = {
  name: 'unpin',
  title: 'Unpin',
  about: 'Lets what a restore has pinned follow its inputs again.',
  needsReason: true,
  isOffered: ({ versions }) => versions.some(({ isLive, isPinned }) => isLive && isPinned),
  fields: async ({ view }, form) => {
    const pinned = view.versions.filter(({ isLive, isPinned }) => isLive && isPinned);
    const all = processors
      .filter(({ table }) => pinned.some((one) => one.table_name === table.name))
      .map(({ name, table }) => ({ value: name, label: html`only <strong>${table.name}</strong>` }));
    if (all.length === 0) return html`<p class="notice">Nothing of the date is pinned now.</p>`;
    return choices(
      'radio',
      'processor',
      'What is built from its present inputs',
      [{ value: '', label: 'everything that is pinned' }, ...all],
      form.get('processor') ?? [],
    );
  },
  chosen: (_context, form) => {
    const processor = field(form, 'processor');
    return { name: 'unpin', body: processor === null ? {} : { processor } };
  },
  foresee: async (context, decision) => {
    const answer = await dryRun(context, decision);
    if (answer.refusal !== null) return answer;
    const tables = answer.found['tables'] as readonly ForeseenTable[];
    return { refusal: null, shown: foreseenTables(tables), basis: basisOf(tables) };
  },
};

function previewed({
  table,
  live,
  restores,
  becomes,
  difference,
  pin,
  standsOnIt,
  bypassIds,
  restoredBypassIds,
  decisions,
}: PreviewedTable): Html {
  return html`<section>
    <h3>${table}</h3>
    <p>
      ${
        restores === null
          ? `Version ${live} would be built again, because no kept version stands on what is restored.`
          : `Version ${restores} would be published again as version ${becomes ?? 0}, in place of version ${live}, and pinned.`
      }
    </p>
    ${
      standsOnIt.length > 0
        ? html`<p>
            Stands on it: ${standsOnIt.map((one) => `${one.table} version ${one.version}`).join(', ')}.
          </p>`
        : null
    }
    ${pin ? html`<p>Its pin is replaced: ${describePin(pin)}.</p>` : null}
    ${bypassIds.length > 0 ? html`<p>Live now with ${describeStandsOn(bypassIds, decisions)}.</p>` : null}
    ${restoredBypassIds.length > 0 ? html`<p>Restored with ${describeStandsOn(restoredBypassIds, decisions)}.</p>` : null}
    ${difference ? differenceOf(difference) : null}
  </section>`;
}
