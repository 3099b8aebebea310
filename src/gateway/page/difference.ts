/** What is different between two versions of a table, for a page: counts, causes, and the figures that moved furthest. */
import type { VersionsDifference } from '../../control/protocol';
import type { Cell, Row } from '../../tables/define-table';
import { html, type Content, type Html } from './html';
import { table } from './layout';

/** Figures and rows that are shown of a table. */
const mostShown = 50;

export function differenceOf(difference: VersionsDifference): Html {
  const { rows, causes, moved, added, removed, columns, mayHideInput } = difference;
  const counts = Object.entries(columns).map(([column, one]) => `${column} in ${one.rows} rows`);
  return html`<p>
      ${rows.same} rows the same, ${rows.changed} changed, ${rows.added} added, ${rows.removed} removed.
      ${counts.length > 0 ? `Moved: ${counts.join(', ')}.` : null}
    </p>
    <ul>
      ${causes.map(({ kind, detail }) => html`<li>${kind.replaceAll('_', ' ')}: ${detail}</li>`)}
      ${
        mayHideInput
          ? html`<li>
              Raw rows may have changed as well: the fingerprint covers them together with formula and
              upstreams.
            </li>`
          : null
      }
    </ul>
    ${
      moved.length > 0
        ? table(
            `Figures of ${difference.table} that moved`,
            ['row', 'column', 'before', 'after', 'move'],
            moved.slice(0, mostShown).map(
              ({ key, column, before, after, relative }) =>
                html`<tr>
                  <th scope="row">${keyText(key)}</th>
                  <td>${column}</td>
                  <td class="number">${cellText(before)}</td>
                  <td class="number">${cellText(after)}</td>
                  <td class="number">${relative === null ? '' : moveText(relative)}</td>
                </tr>`,
            ),
          )
        : null
    }
    ${restOf('cells moved', moved.length)} ${keysOf('Rows added', added)} ${keysOf('Rows removed', removed)}`;
}

function keysOf(what: string, keys: readonly Row[]): Content {
  if (keys.length === 0) return null;
  return html`<p>
    ${what}: ${keys.slice(0, mostShown).map(keyText).join('; ')}${keys.length > mostShown ? ' …' : ''}
  </p>`;
}

function restOf(what: string, count: number): Content {
  return count > mostShown
    ? html`<p>${count - mostShown} more ${what}; <code>phase3 diff --json</code> has them all.</p>`
    : null;
}

function moveText(relative: number): string {
  return `${relative > 0 ? '+' : ''}${Number((relative * 100).toPrecision(3))} %`;
}

/** A cell as a person reads it: six digits of a figure. */
export function cellText(cell: Cell): string {
  if (cell === null) return 'empty';
  if (cell === '') return '""';
  return typeof cell === 'number' && !Number.isInteger(cell)
    ? String(Number(cell.toPrecision(6)))
    : String(cell);
}

/** The key without the date, which all rows share. */
function keyText({ game_date: _, ...key }: Row): string {
  return Object.values(key).map(String).join(' ');
}
