/** Every rule, as `phase3 rules` lists them. */
import { listedRules } from '../../plan/rules';
import { html, type Html } from './html';

export function rulesBody(): Html {
  return html`<h1>Rules</h1>
    <p>A game that breaks a blocking rule is kept back until its rows are corrected or a person decides.</p>
    <dl class="rules">
      ${listedRules.map(
        ({ id, name, sentence, blocking, sources, tolerance }) =>
          html`<div id="${name}">
            <dt>
              ${id} ${name}
              <span class="state is-${blocking ? 'blocked' : 'partial'}"
                >${blocking ? 'blocking' : 'warning'}</span
              >
            </dt>
            <dd>
              ${sentence}
              ${tolerance ? html`<br /><small>tolerance ${tolerance.value} ${tolerance.unit}: ${tolerance.why}</small>` : null}
              <br /><small>${sources.join(', ')}</small>
            </dd>
          </div>`,
      )}
    </dl>`;
}
