/** The season as a calendar. */
import { addDays } from '../../contracts/game-date';
import { needsPerson } from '../../explain/listed-dates';
import { html, type Html } from './html';
import { badge } from './layout';
import type { SeasonDay, SeasonView } from './read-season';

/** What a day is, in the words of the legend, with what is seen of it where there is no room for words: signs that any font has. */
export const dayKinds = {
  published: '✓',
  partial: '◐',
  held: '‖',
  disputed: '≠',
  questioned: '?',
  stale: '↻',
  bypassed: '→',
  running: '▶',
  waiting: '…',
  blocked: '■',
  quarantined: '☣',
  failed: '✗',
  cancelled: '⊘',
  'not run': '·',
  'no games': '–',
  'to come': '○',
} as const;
export type DayKind = keyof typeof dayKinds;

/** What matters most about a day. */
function kindOf({ gameDate, games, listed }: SeasonDay, today: string): DayKind {
  if (!listed) return games === 0 ? 'no games' : gameDate > today ? 'to come' : 'not run';
  const { state, held, isStale, bypassed } = listed;
  switch (state) {
    case 'published':
    case 'unchanged':
      return isStale ? 'stale' : bypassed ? 'bypassed' : 'published';
    case 'partial':
      return held.length > 0 ? 'held' : 'partial';
    case 'upstream_failed':
    case 'abandoned':
      return 'failed';
    case 'skipped':
      return 'no games';
    case 'unknown':
      return 'published';
    case 'waiting':
    case 'blocked':
    case 'quarantined':
    case 'failed':
    case 'running':
    case 'cancelled':
    case 'disputed':
    case 'questioned':
      return state;
  }
}

export function seasonPath(year: number | null): string {
  return year === null ? '/' : `/?season=${year}`;
}

export function datePath(gameDate: string): string {
  return `/nights/${gameDate}`;
}

export function seasonName(year: number): string {
  return `${year}-${String((year + 1) % 100).padStart(2, '0')}`;
}

export function seasonBody(view: SeasonView): Html {
  const { year, days, today } = view;
  if (year === null)
    return html`<h1>No dates yet</h1>
      <section id="empty" data-live>
        <p>Nothing was loaded and nothing has run. These commands load the demo nights and run one:</p>
        <pre>
npx phase3 load data/demo
npx phase3 run 2017-04-15 --wait</pre>
        ${elsewhereOf(view)}
      </section>`;
  return html`<h1>Season ${seasonName(year)}</h1>
    ${seasonsNav(view)} ${summary(days, today)} ${attention(view)}
    <div class="months">${monthsOf(days).map((month) => monthTable(month, today))}</div>`;
}

function seasonsNav({ year, years }: SeasonView): Html | null {
  if (years.length < 2) return null;
  return html`<nav id="seasons" class="seasons" data-live aria-label="Seasons">
    ${years.map(
      (one) =>
        html`<a href="${seasonPath(one)}" ${one === year ? html`aria-current="page"` : null}
          >${seasonName(one)}</a
        > `,
    )}
  </nav>`;
}

/** How many days there are of each kind, which is the legend as well. */
function summary(days: readonly SeasonDay[], today: string): Html {
  const counts = new Map<DayKind, number>();
  for (const day of days) counts.set(kindOf(day, today), (counts.get(kindOf(day, today)) ?? 0) + 1);
  const kinds = Object.keys(dayKinds) as DayKind[];
  return html`<section id="summary" data-live aria-label="How many dates are in which state">
    <ul class="legend">
      ${kinds
        .filter((kind) => counts.has(kind))
        .map(
          (kind) =>
            html`<li>
              <span class="swatch is-${slug(kind)}" aria-hidden="true">${dayKinds[kind]}</span>
              ${counts.get(kind)} ${kind}
            </li> `,
        )}
    </ul>
  </section>`;
}

/** Dates that need a person, the newest first, each with why. */
function attention(view: SeasonView): Html {
  const needs = view.days.filter(({ listed }) => listed && needsPerson(listed)).reverse();
  return html`<section id="attention" data-live>
    <h2>Needs a person</h2>
    ${needs.length === 0 ? html`<p>Nothing of this season does.</p>` : null}
    <ul class="plain">
      ${needs.slice(0, mostListed).map((day) => html`<li>${attentionLine(day, view.today)}</li>`)}
    </ul>
    ${needs.length > mostListed ? html`<p>… and ${needs.length - mostListed} more, marked below.</p>` : null}
    ${elsewhereOf(view)}
  </section>`;
}

const mostListed = 12;

function attentionLine(day: SeasonDay, today: string): Html {
  const { missing = [], reasons = [], pinned = [] } = day.listed ?? {};
  const why = missing.length > 0 ? `missing ${missing.join(', ')}` : (reasons[0] ?? '');
  return html`<a href="${datePath(day.gameDate)}">${day.gameDate}</a> ${badge(kindOf(day, today))}
    ${why}${pinned.length > 0 ? `; pinned ${pinned.join(', ')}` : ''}`;
}

function elsewhereOf({ elsewhere }: SeasonView): Html | null {
  if (elsewhere.length === 0) return null;
  return html`<p>
    Open in other seasons:
    ${elsewhere
      .slice(0, mostListed)
      .map(({ gameDate, state }) => html`<a href="${datePath(gameDate)}">${gameDate}</a> ${badge(state)} `)}
    ${elsewhere.length > mostListed ? `and ${elsewhere.length - mostListed} more` : null}
  </p>`;
}

interface Month {
  /** `YYYY-MM`. */
  readonly month: string;
  readonly days: ReadonlyMap<string, SeasonDay>;
}

function monthsOf(days: readonly SeasonDay[]): Month[] {
  const months = new Map<string, Map<string, SeasonDay>>();
  for (const day of days) {
    const month = day.gameDate.slice(0, 7);
    const own = months.get(month) ?? new Map<string, SeasonDay>();
    own.set(day.gameDate, day);
    months.set(month, own);
  }
  return [...months].map(([month, own]) => ({ month, days: own }));
}

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

function monthTable({ month, days }: Month, today: string): Html {
  const title = new Date(`${month}-01T00:00:00Z`).toLocaleDateString('en-GB', {
    ...{ month: 'long', year: 'numeric', timeZone: 'UTC' },
  });
  return html`<section id="month-${month}" class="month" data-live>
    <table>
      <caption>
        ${title}
      </caption>
      <thead>
        <tr>
          ${weekdays.map((name) => html`<th scope="col"><abbr title="${name}">${name.slice(0, 2)}</abbr></th>`)}
        </tr>
      </thead>
      <tbody>
        ${weeksOf(month).map(
          (week) =>
            html`<tr>
              ${week.map((gameDate) => dayCell(gameDate, gameDate === null ? undefined : days.get(gameDate), today))}
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

/** The days of a month by weeks that begin on Monday; null before the first and after the last. */
function weeksOf(month: string): (string | null)[][] {
  const first = `${month}-01`;
  const skipped = (new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7;
  const cells: (string | null)[] = Array.from({ length: skipped }, () => null);
  for (let day = first; day.startsWith(month); day = addDays(day, 1)) cells.push(day);
  while (cells.length % 7 !== 0) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(7 * week, 7 * week + 7));
}

function dayCell(gameDate: string | null, day: SeasonDay | undefined, today: string): Html {
  if (gameDate === null) return html`<td></td>`;
  const number = Number(gameDate.slice(8));
  if (!day) return html`<td class="outside">${number}</td>`;
  const kind = kindOf(day, today);
  const games = day.games === 0 ? '' : `, ${day.games} ${day.games === 1 ? 'game' : 'games'}`;
  const marks = [
    ...(day.listed?.bypassed && kind !== 'bypassed' ? ['bypassed'] : []),
    ...(day.listed && day.listed.pinned.length > 0 ? ['pinned'] : []),
    ...(day.listed?.isStale && kind !== 'stale' ? ['stale'] : []),
  ];
  const label = [gameDate, kind, ...marks].join(', ') + games;
  const shown = html`<span aria-hidden="true"
      ><span class="day">${number}</span
      ><span class="mark">${dayKinds[kind]}${marks.length > 0 ? '*' : ''}</span
      ><span class="word">${kind}</span></span
    ><span class="unseen">${label}</span>`;
  if (kind === 'no games' && !day.listed)
    return html`<td class="cell is-no-games"><span title="${label}">${shown}</span></td>`;
  return html`<td class="cell is-${slug(kind)}">
    <a href="${datePath(gameDate)}" title="${label}">${shown}</a>
  </td>`;
}

function slug(kind: DayKind): string {
  return kind.replace(/ /g, '-');
}
