/** One date: where it is and why, what was found game by game, its versions, what was decided, and what can be. */
import { describeStandsOn } from '../../contracts/bypass-mark';
import { addDays } from '../../contracts/game-date';
import { describeDecision } from '../../contracts/game-decisions';
import { describePin } from '../../contracts/pin';
import { withOrWithout } from '../../contracts/phase3';
import type { Need, ProcessorStanding } from '../../explain/explain-date';
import { seasonOf } from '../../plan/calendar';
import { highlights } from '../../plan/highlights';
import type { Cell, Row } from '../../tables/define-table';
import { acts } from './acts/acts';
import { html, type Content, type Html } from './html';
import { actList } from './act-page';
import { badge, countdown, dayName, instant, table, type Heading } from './layout';
import { planGraph } from './plan-graph';
import type { DateView, ListedVersion } from './read-date';
import { datePath, seasonName, seasonPath } from './season-page';
import type { Visitor } from './session';

/** `done`: what is said of what was just decided. */
export function dateBody(
  view: DateView,
  visitor: Visitor,
  { runLink, done }: { readonly runLink: string | null; readonly done: Content },
): Html {
  const [before, after] = [addDays(view.gameDate, -1), addDays(view.gameDate, 1)];
  return html`<h1>${dayName(view.gameDate)}</h1>
    <nav class="days" aria-label="Days">
      <a href="${datePath(before)}">← ${dayName(before)}</a>
      <a href="${seasonPath(seasonOf(view.gameDate))}">Season ${seasonName(seasonOf(view.gameDate))}</a>
      <a href="${datePath(after)}">${dayName(after)} →</a>
    </nav>
    ${done} ${headline(view, runLink)} ${actsSection(view, visitor)} ${planSection(view)} ${timeline(view)}
    ${checkSection(view)} ${rulesSection(view)} ${highlightSections(view)} ${versionsSection(view)}
    ${decisionsSection(view)} ${logSection(view)}`;
}

function headline({ why, run }: DateView, runLink: string | null): Html {
  return html`<section id="now" data-live>
    <p class="headline">${badge(why.state)} <span data-announce>${why.headline}</span></p>
    ${
      why.waitingSince
        ? html`<dl class="facts">
            <div>
              <dt>waiting since</dt>
              <dd>${instant(why.waitingSince)}</dd>
            </div>
            <div>
              <dt>next check</dt>
              <dd>${why.nextProbeAt ? countdown(why.nextProbeAt) : 'now'}</dd>
            </div>
            <div>
              <dt>checks so far</dt>
              <dd>${why.probes}</dd>
            </div>
            <div>
              <dt>deadline</dt>
              <dd>${why.deadline ? countdown(why.deadline) : 'none'}</dd>
            </div>
          </dl>`
        : null
    }
    ${why.stale.map(
      ({ processor, reason, isQuestioned }) =>
        html`<p class="notice">
          ${processor} is ${isQuestioned ? 'questioned' : 'not current any more'}: ${reason}
        </p>`,
    )}
    ${
      run && runLink
        ? html`<p><a href="${runLink}">The ${run.isOpen ? 'open' : 'last'} run in the Temporal UI</a></p>`
        : null
    }
  </section>`;
}

/** What can be decided now, by those who may. */
function actsSection(view: DateView, visitor: Visitor): Html {
  const offered = acts.filter((act) => act.isOffered(view));
  return html`<section id="acts" data-live>
    <h2>What you can do</h2>
    ${actList(offered, datePath(view.gameDate), visitor)}
    ${
      view.why.acts.length > 0
        ? html`<details id="commands">
            <summary>The same on the command line</summary>
            <ul>
              ${view.why.acts.map((act) => html`<li>${withCode(act)}</li>`)}
            </ul>
          </details>`
        : null
    }
  </section>`;
}

/** What stands between backticks as code. */
function withCode(sentence: string): Content[] {
  return sentence.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part));
}

function planSection({ why }: DateView): Html {
  return html`<section id="plan" data-live>
    <h2>Plan</h2>
    ${planGraph(why)}
    ${why.levels.map(
      ({ level, processors }) =>
        html`<h3>Level ${level}</h3>
          <ul class="plain">
            ${processors.map((one) => html`<li>${standingOf(one)}</li>`)}
          </ul>`,
    )}
  </section>`;
}

function standingOf({
  processor,
  standing,
  version,
  rowCount,
  reason,
  bypassIds,
  decisions,
  pin,
  warnings,
}: ProcessorStanding): Html {
  const built = standing === 'published' && reason !== '' ? 'built because ' : '';
  return html`<strong>${processor}</strong> ${badge(standing)}
    ${version === null ? null : `version ${version}${rowCount === null ? '' : `, ${rowCount} rows`}`}
    ${bypassIds.length > 0 ? html`<span class="state is-bypassed">${describeStandsOn(bypassIds, decisions)}</span>` : null}
    ${reason === '' ? null : html`<br />${built}${reason}`} ${pin ? html`<br />${describePin(pin)}` : null}
    ${warnings.map((warning) => html`<br />warning: ${warning}`)}`;
}

/** The levels of the newest pass on one line of time. */
function timeline({ spans, journal, why }: DateView): Html | null {
  if (spans.length === 0) return null;
  const now = why.isOpen ? new Date().toISOString() : (journal.at(-1)?.at ?? '');
  const begin = Math.min(...spans.map(({ from }) => Date.parse(from)));
  const end = Math.max(begin + 1, Date.parse(now), ...spans.map(({ to, from }) => Date.parse(to ?? from)));
  const place = (at: string): number => Math.round((1000 * (Date.parse(at) - begin)) / (end - begin));
  const levels = [...new Set(spans.map(({ level }) => level))].sort((a, b) => a - b);
  return html`<section id="timeline" data-live>
    <h2>Levels in time</h2>
    <ul class="timeline plain">
      ${levels.map((level) => {
        const own = spans.filter((span) => span.level === level);
        return html`<li>
          <span>Level ${level}</span>
          <svg viewBox="0 0 1000 14" preserveAspectRatio="none" aria-hidden="true">
            <rect class="track" x="0" y="0" width="1000" height="14" />
            ${own.map(({ what, from, to }) => {
              const [x, until] = [place(from), place(to ?? now)];
              return html`<rect
                class="is-${what}"
                x="${Math.min(x, 994)}"
                y="0"
                width="${Math.max(6, until - x)}"
                height="14"
              />`;
            })}
          </svg>
          <span class="spans"
            >${own.map(({ what, from, to }) => spanOf(what, from, to)).join(', then ')}</span
          >
        </li>`;
      })}
    </ul>
  </section>`;
}

function spanOf(what: 'waits' | 'runs', from: string, to: string | null): string {
  const begun = from.slice(11, 19);
  if (to === null) return `${what} since ${begun} UTC`;
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  const long = seconds < 120 ? `${Number(seconds.toFixed(1))} s` : `${Math.round(seconds / 60)} min`;
  return `${what === 'waits' ? 'waited' : 'ran'} ${long} from ${begun} UTC`;
}

/** The dependency check: what was found of each table, and what each game is to each processor. */
function checkSection(view: DateView): Html {
  const { games, why } = view;
  const processors = why.levels.flatMap((level) => level.processors);
  const needs = processors.flatMap((one) => one.needs.map((need) => ({ processor: one.processor, ...need })));
  return html`<section id="check" data-live>
    <h2>Dependency check</h2>
    ${
      needs.length > 0
        ? table(
            'What was found, by table',
            [
              'processor',
              'table',
              { number: 'found' },
              { number: 'expected at least' },
              'state',
              'usually there by',
            ],
            needs.map(needRow),
          )
        : null
    }
    ${
      games.length === 0
        ? html`<p>The calendar has no game on this date.</p>`
        : table(
            'Games, and what each is to each processor',
            ['game', ...processors.map(({ processor }) => processor)],
            games.map(
              ({ gameId, isFinal, leftOut }) =>
                html`<tr>
                  <th scope="row">${gameId}${leftOut ? html`<br /><small>${leftOut}</small>` : null}</th>
                  ${processors.map((one) => html`<td>${gameCell(gameId, isFinal, one)}</td>`)}
                </tr>`,
            ),
          )
    }
  </section>`;
}

function needRow({
  processor,
  table: name,
  found,
  expectedMin,
  status,
  expected,
}: Need & { processor: string }): Html {
  return html`<tr>
    <th scope="row">${processor}</th>
    <td>${name}</td>
    <td class="number">${found ?? '–'}</td>
    <td class="number">${expectedMin ?? '–'}</td>
    <td>${status.replaceAll('_', ' ')}</td>
    <td>${expected ? html`${instant(expected.p50At)}, in 9 of 10 dates ${instant(expected.p90At)}` : '–'}</td>
  </tr>`;
}

/** What a game is to a processor: what is wrong with it, or that nothing is. */
function gameCell(
  gameId: string,
  isFinal: boolean,
  { standing, needs, missingGames }: ProcessorStanding,
): Content {
  const games = [...needs.flatMap((need) => need.games), ...missingGames].filter(
    (game) => game.gameId === gameId,
  );
  const found = [...new Map(games.map((game) => [`${game.status} ${game.detail}`, game])).values()];
  if (found.length > 0)
    return found.map((game) => html`${badge(game.status)} <small>${game.table}: ${game.detail}</small> `);
  if (standing === 'not requested') return 'not requested';
  if (needs.some(({ found: count }) => count === null)) return badge('waiting');
  return isFinal ? badge('ready') : badge('not_final');
}

/** Games that break rules, with the figures that contradict each other. */
function rulesSection({ why, gameDate }: DateView): Html | null {
  const all = why.levels.flatMap(({ processors }) =>
    processors.flatMap((one) => [...one.missingGames, ...one.needs.flatMap((need) => need.games)]),
  );
  const broken = [
    ...new Map(
      all.filter((game) => (game.broken ?? []).length > 0).map((game) => [game.gameId, game]),
    ).values(),
  ];
  if (broken.length === 0) return null;
  return html`<section id="rules" data-live>
    <h2>Rules that games break</h2>
    ${broken.map(
      (game) =>
        html`<h3>${withOrWithout(game)} ${game.gameId} ${badge(game.status)}</h3>
          ${game.decision ? html`<p>${describeDecision(game.decision)}</p>` : null}
          <ul>
            ${(game.broken ?? []).map(
              ({ rule, detail, figures }) =>
                html`<li>
                  <a href="/rules#${rule}">${rule}</a>: ${detail}
                  <ul>
                    ${figures.map(
                      ({ table: name, row, field, value }) =>
                        html`<li>${name}, ${row}: ${field} ${value === null ? 'empty' : String(value)}</li>`,
                    )}
                  </ul>
                </li>`,
            )}
          </ul>`,
    )}
    <p><a href="${datePath(gameDate)}/release">Release or discard a game</a></p>
  </section>`;
}

function highlightSections({ highlights: found, gameDate }: DateView): Content {
  return highlights.map((highlight, at) => {
    const rows = found[at] ?? [];
    if (rows.length === 0) return null;
    const { title, fewest, columns, of, figure, table: definition } = highlight;
    const subject = definition.key.at(-1) ?? of;
    return html`<section id="highlight-${definition.name}" data-live>
      <h2>${title}</h2>
      ${table(
        `${title}, ${fewest.heading}`,
        ['', ...columns.map((one) => headingOf(one.heading, rows[0]?.[one.column])), ''],
        rows.map(
          (row) =>
            html`<tr>
              <th scope="row">${cellText(row[of] ?? row[subject] ?? null)}</th>
              ${columns.map(({ column, digits }) => figureCell(row[column] ?? null, digits))}
              <td>
                <a href="${figurePath(gameDate, definition.name, row, subject, figure)}"
                  >explain<span class="unseen"> ${figure} of ${cellText(row[of] ?? null)}</span></a
                >
              </td>
            </tr>`,
        ),
      )}
      <p><small>${fewest.heading}</small></p>
    </section>`;
  });
}

function figurePath(gameDate: string, name: string, row: Row, subject: string, column: string): string {
  const query = new URLSearchParams({ table: name, subject: String(row[subject]), column });
  const game = row['game_id'];
  if (typeof game === 'string') query.set('game', game);
  return `${datePath(gameDate)}/figure?${query.toString()}`;
}

/** Above numbers it stands where they do. */
function headingOf(heading: string, cell: Cell | undefined): Heading {
  return typeof cell === 'number' ? { number: heading } : heading;
}

function figureCell(cell: Cell, digits?: number): Html {
  const text = cellText(cell, digits);
  return typeof cell === 'number' ? html`<td class="number">${text}</td>` : html`<td>${text}</td>`;
}

function cellText(cell: Cell, digits?: number): string {
  if (cell === null) return '–';
  return typeof cell === 'number' && digits !== undefined ? cell.toFixed(digits) : String(cell);
}

function versionsSection({ versions, gameDate }: DateView): Html {
  return html`<section id="versions" data-live>
    <h2>Versions</h2>
    ${
      versions.length === 0
        ? html`<p>Nothing of this date was published.</p>`
        : table(
            'Published versions, newest first',
            ['table', 'version', 'published', { number: 'rows' }, 'because', 'what changed'],
            versions.map((one) => versionRow(one, versions, gameDate)),
          )
    }
  </section>`;
}

function versionRow(one: ListedVersion, all: readonly ListedVersion[], gameDate: string): Html {
  const before = all.find((other) => other.table_name === one.table_name && other.version < one.version);
  return html`<tr>
    <th scope="row">${one.table_name}</th>
    <td>
      ${one.version} ${one.isLive ? html`<span class="state is-published">live</span>` : null}
      ${one.isPinned ? html`<span class="state is-questioned">pinned</span>` : null}
    </td>
    <td>${instant(one.published_at)}</td>
    <td class="number">${one.row_count}</td>
    <td class="text">
      ${one.reason}
      <small>code ${one.processor_version}${one.code_commit ? `, ${one.code_commit.slice(0, 8)}` : ''}</small>
    </td>
    <td>
      ${
        before
          ? html`<a href="${differencePath(gameDate, before, one)}">${before.version} → ${one.version}</a>`
          : 'the first'
      }
    </td>
  </tr>`;
}

function differencePath(gameDate: string, before: ListedVersion, after: ListedVersion): string {
  const query = new URLSearchParams({ before: String(before.version), after: String(after.version) });
  return `${datePath(gameDate)}/versions/${after.table_name}?${query.toString()}`;
}

function decisionsSection({ decisions }: DateView): Html {
  return html`<section id="decisions" data-live>
    <h2>Who decided what</h2>
    ${
      decisions.length === 0
        ? html`<p>Nothing was decided about this date.</p>`
        : table(
            'Entries of the audit, newest first',
            [{ number: '#' }, 'what', 'who', 'why', 'when', 'until'],
            decisions.map(
              ({ seq, kind, decided_by: by, reason, decided_at: at, until, processor, waived }) =>
                html`<tr>
                  <td class="number">${seq}</td>
                  <th scope="row">
                    ${kind.replaceAll('_', ' ')}
                    ${processor ? html`<br /><small>${processor}${without(waived)}</small>` : null}
                  </th>
                  <td>${by}</td>
                  <td class="text">${reason}</td>
                  <td>${instant(at)}</td>
                  <td>${until ? instant(until) : '–'}</td>
                </tr>`,
            ),
          )
    }
  </section>`;
}

function without(waived: string): string {
  return waived === '[]' ? '' : ` without ${waived.replace(/[[\]"]/g, '').replaceAll(',', ', ')}`;
}

function logSection({ journal }: DateView): Html | null {
  if (journal.length === 0) return null;
  return html`<section id="log" data-live>
    <details id="log-lines">
      <summary>Level log</summary>
      <ol class="log">
        ${journal.map(({ at, level, message }) => html`<li class="is-${level.toLowerCase()}">${instant(at)} ${message}</li>`)}
      </ol>
    </details>
  </section>`;
}
