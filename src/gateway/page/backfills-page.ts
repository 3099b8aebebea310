/** Backfills: all that are known, and one with what is under way, what was decided about it, and what can be. */
import type { BackfillView } from '../../client';
import { countsOf, type BackfillProgress } from '../../contracts/backfill';
import { stateOfBackfill } from '../../explain/backfill-view';
import { backfillActs } from './acts/on-backfills';
import { html, type Content, type Html } from './html';
import { actList } from './act-page';
import { badge, instant, table } from './layout';
import { mostBackfills } from './read-backfills';
import { datePath } from './season-page';
import type { Visitor } from './session';

export const backfillsPath = '/backfills';

export function backfillPath({ from, to, name }: Pick<BackfillView, 'from' | 'to' | 'name'>): string {
  return `${backfillsPath}/${from}/${to}/${encodeURIComponent(name)}`;
}

/** What it is called where it is one of several. */
export function backfillName({ from, to }: Pick<BackfillView, 'from' | 'to'>): string {
  return from === to ? `Backfill of ${from}` : `Backfill of ${from} to ${to}`;
}

export function backfillsBody(all: readonly BackfillView[]): Html {
  return html`<h1>Backfills</h1>
    <section id="backfills" data-live>
      ${
        all.length === 0
          ? html`<p>There are none. <code>phase3 backfill FROM..TO</code> starts one.</p>`
          : table(
              'Backfills, newest first',
              ['dates', 'name', 'state', 'progress', 'started', 'by', 'decided last'],
              all.map(row),
            )
      }
      ${all.length === mostBackfills ? html`<p>Older ones are in the Temporal UI.</p>` : null}
    </section>`;
}

function row(one: BackfillView): Html {
  const { from, to, name, by, startedAt, progress } = one;
  const last = progress?.decisions.at(-1);
  return html`<tr>
    <th scope="row"><a href="${backfillPath(one)}">${from === to ? from : `${from} to ${to}`}</a></th>
    <td>${name}</td>
    <td>${badge(stateOfBackfill(one))}</td>
    <td>${progress ? farOf(progress) : 'no worker says'}</td>
    <td>${instant(startedAt)}</td>
    <td>${by ?? '–'}</td>
    <td class="text">${last ? `${last.summary}, by ${last.by}: ${last.reason}` : '–'}</td>
  </tr>`;
}

function farOf({ replies, total, concurrency }: BackfillProgress): string {
  return `${Object.keys(replies).length} of ${total} dates, ${concurrency} at once`;
}

export function backfillBody(view: BackfillView, visitor: Visitor, done: Content): Html {
  return html`<h1>${backfillName(view)}</h1>
    <p><a href="${backfillsPath}">All backfills</a></p>
    ${done} ${headline(view)} ${actsSection(view, visitor)} ${underWay(view)} ${trouble(view)}
    ${decisions(view)}`;
}

function headline(view: BackfillView): Html {
  const { by, name, startedAt, endedAt, progress } = view;
  const counts = progress ? Object.entries(countsOf(progress)) : [];
  return html`<section id="now" data-live>
    <p class="headline">
      ${badge(stateOfBackfill(view))}
      <span data-announce>${progress ? farOf(progress) : 'No worker says how far it is.'}</span>
    </p>
    <dl class="facts">
      <div>
        <dt>name</dt>
        <dd>${name}</dd>
      </div>
      <div>
        <dt>started</dt>
        <dd>${instant(startedAt)}${by === null ? null : ` by ${by}`}</dd>
      </div>
      ${
        endedAt === null
          ? null
          : html`<div>
              <dt>ended</dt>
              <dd>${instant(endedAt)}</dd>
            </div>`
      }
      ${counts.map(
        ([state, count]) =>
          html`<div>
            <dt>${state.replaceAll('_', ' ')}</dt>
            <dd>${count}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
}

function actsSection(view: BackfillView, visitor: Visitor): Html {
  const offered = backfillActs.filter((act) => act.isOffered(view));
  return html`<section id="acts" data-live>
    <h2>What you can do</h2>
    ${
      offered.length === 0
        ? html`<p>Nothing: it has ended, or was cancelled.</p>`
        : actList(offered, backfillPath(view), visitor)
    }
  </section>`;
}

function datesOf(dates: readonly string[]): Html {
  return html`<ul class="plain">
    ${dates.map((date) => html`<li><a href="${datePath(date)}">${date}</a></li>`)}
  </ul>`;
}

function underWay({ progress }: BackfillView): Html {
  const dates = Object.keys(progress?.asked ?? {}).sort();
  return html`<section id="under-way" data-live>
    <h2>Under way</h2>
    ${dates.length === 0 ? html`<p>Nothing.</p>` : datesOf(dates)}
  </section>`;
}

/** States of dates that nobody has to look at. */
const well: readonly string[] = ['published', 'unchanged', 'skipped'];
const mostListed = 30;

/** Its dates that were not published, each with why. */
function trouble({ progress }: BackfillView): Html | null {
  const dates = Object.entries(progress?.replies ?? {})
    .filter(([, { state }]) => !well.includes(state))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return html`<section id="trouble" data-live>
    <h2>Not published as a whole</h2>
    ${dates.length === 0 ? html`<p>None of its dates so far.</p>` : null}
    <ul class="plain">
      ${dates
        .slice(0, mostListed)
        .map(
          ([date, { state, summary }]) =>
            html`<li><a href="${datePath(date)}">${date}</a> ${badge(state)} ${summary}</li>`,
        )}
    </ul>
    ${dates.length > mostListed ? html`<p>… and ${dates.length - mostListed} more.</p>` : null}
  </section>`;
}

function decisions({ progress }: BackfillView): Html {
  const all = [...(progress?.decisions ?? [])].reverse();
  return html`<section id="decisions" data-live>
    <h2>Who decided what</h2>
    ${
      all.length === 0
        ? html`<p>Nothing was decided about it.</p>`
        : table(
            'Decisions, newest first',
            ['what', 'who', 'why', 'when'],
            all.map(
              ({ summary, by, reason, at }) =>
                html`<tr>
                  <th scope="row">${summary}</th>
                  <td>${by}</td>
                  <td class="text">${reason}</td>
                  <td>${instant(at)}</td>
                </tr>`,
            ),
          )
    }
  </section>`;
}
