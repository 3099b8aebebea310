/** Where a published figure comes from: formula, inputs down to raw rows, version, rules and decisions. */
import type { FigureExplanation, UnknownFigure } from '../../control/protocol';
import { html, type Content, type Html } from './html';
import { badge, dayName, instant, table } from './layout';
import { datePath } from './season-page';
import { cellText } from './difference';

type Figure = FigureExplanation['figure'];

export function figureBody(gameDate: string, explained: FigureExplanation | UnknownFigure): Html {
  const back = html`<p><a href="${datePath(gameDate)}">${dayName(gameDate)}</a></p>`;
  if ('unknown' in explained)
    return html`<h1>No such figure</h1>
      ${back}
      <p>
        There is no such ${explained.unknown}. There is: ${explained.candidates.join(', ') || 'nothing'}.
      </p>`;
  const { figure, agreement, rawRows, version, rules, decisions } = explained;
  const unit = figure.formula?.unit ? ` ${figure.formula.unit}` : '';
  return html`<h1>${figure.column} of ${figure.of}</h1>
    ${back}
    <p class="headline">
      <strong>${cellText(agreement.stored)}${unit}</strong> in ${figure.table}, game ${explained.gameId}
    </p>
    ${figure.nullBecause.map((why) => html`<p>It is empty because ${why}.</p>`)} ${formulaOf(figure)}
    <p class="${agreement.agrees ? 'notice good' : 'notice bad'}">
      ${agreement.agrees ? 'Computed again from its inputs it is the same.' : `It does not agree: computed again it is ${cellText(agreement.recomputed)}.`}
      ${agreement.detail}
    </p>
    ${agreement.notes.map((note) => html`<p>${note}</p>`)}
    ${
      figure.inputs.length > 0
        ? html`<h2>Comes from</h2>
            <ul>
              ${figure.inputs.map(inputOf)}
            </ul>`
        : null
    }
    ${
      rawRows.length > 0
        ? html`<h2>Raw rows</h2>
            ${table(
              'Raw rows that the figure comes from',
              ['#', 'table', 'row', 'arrived', 'what was made of it'],
              rawRows.map(
                ({ number, table: name, key, arrivedAt, notes }) =>
                  html`<tr>
                    <td class="number">${number}</td>
                    <th scope="row">${name}</th>
                    <td>
                      ${Object.entries(key)
                        .map(([column, value]) => `${column} ${cellText(value)}`)
                        .join(', ')}
                    </td>
                    <td>${arrivedAt ? instant(arrivedAt) : '–'}</td>
                    <td>${notes.join('; ')}</td>
                  </tr>`,
              ),
            )}`
        : null
    }
    <h2>Published as</h2>
    <p>
      Version ${version.version}, ${instant(version.publishedAt)}, by ${version.processor}
      ${version.processorVersion}, because ${version.reason}.
      ${version.upstreams.length > 0 ? `Built on ${version.upstreams.map((one) => `${one.table} version ${one.version}`).join(', ')}.` : null}
    </p>
    <h2>Rules of the game</h2>
    <ul>
      ${rules.map(
        ({ id, name, status, details }) =>
          html`<li>${id} <a href="/rules#${name}">${name}</a> ${badge(status)} ${details.join('; ')}</li>`,
      )}
    </ul>
    <h2>Decisions that it stands on</h2>
    ${
      decisions.length === 0
        ? html`<p>None.</p>`
        : html`<ul>
            ${decisions.map(
              ({ seq, kind, by, reason, at, table: name }) =>
                html`<li>#${seq} ${kind} by ${by} at ${instant(at)} (${name}): ${reason}</li>`,
            )}
          </ul>`
    }`;
}

function formulaOf({ formula }: Figure): Content {
  if (!formula) return null;
  return html`<dl class="formula">
    <dt>formula</dt>
    <dd>${formula.text}</dd>
    ${
      formula.filledIn
        ? html`<dt>filled in</dt>
            <dd>${formula.filledIn}</dd>`
        : null
    }
    ${
      formula.source
        ? html`<dt>source</dt>
            <dd>${formula.source}</dd>`
        : null
    }
  </dl>`;
}

function inputOf(figure: Figure): Html {
  const { name, kind, table: from, column, of, value, rawRow, inputs } = figure;
  return html`<li>
    ${name ? html`<strong>${name}</strong> ` : null}${cellText(value)} ${kind === 'raw' ? 'raw' : null}
    <small
      >${from}${column === null ? '' : `.${column}`},
      ${of}${rawRow === null ? '' : `, raw row ${rawRow}`}</small
    >
    ${figure.formula && kind === 'formula' ? html`<br /><small>${figure.formula.filledIn ?? figure.formula.text}</small>` : null}
    ${
      inputs.length > 0
        ? html`<ul>
            ${inputs.map(inputOf)}
          </ul>`
        : null
    }
  </li>`;
}
