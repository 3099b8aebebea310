/** A date's state as Markdown, for the Temporal UI's details pane: what `phase3 why` says. Pure. */
import type { DateStanding } from '../contracts/date-state';
import { visibleMarkdown } from '../contracts/visible-text';
import { explainState } from '../explain/explain-date';
import { linesOf } from '../explain/explanation-lines';

/**
 * Broken lines, and neither tables nor lists in lists: the pane is narrow, and runs those together. What may repeat what data or
 * people say is text and nothing else.
 */
export function describeState(state: DateStanding): string {
  return linesOf(explainState(state, true))
    .map(({ depth, text, isAct }) => {
      const shown = isAct ? text : visibleMarkdown(text);
      if (depth === 0) return `\n\n**${shown}**\n`;
      return depth === 1 ? `\n- ${shown}` : `  \n  ${'· '.repeat(depth - 2)}${shown}`;
    })
    .join('')
    .trim();
}
