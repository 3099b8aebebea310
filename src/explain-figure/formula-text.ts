/** A formula with the numbers of its inputs in it. Pure. */
import type { Formula } from '../processors/define-columns';
import type { Cell } from '../tables/define-table';
import type { FormulaText } from './figure';

interface Input {
  readonly name: string | null;
  readonly value: Cell;
}

/** The text of a formula; where it is arithmetic also with the value of every input, and with what comes of it. */
export function formulaText(
  formula: Formula<never, Cell>,
  inputs: readonly Input[],
  value: Cell,
): FormulaText {
  const { source = null, unit = null } = formula;
  if ('words' in formula) return { text: formula.words, filledIn: null, source, unit };
  const filledIn = `${fillIn(formula.arithmetic, inputs)} = ${value === null ? 'not known' : String(value)}`;
  return { text: formula.arithmetic, filledIn, source, unit };
}

/** Every name of an input becomes its value. A long name goes before one that is a part of it: `Tm MP` before `MP`. */
function fillIn(text: string, inputs: readonly Input[]): string {
  const values = new Map(inputs.map(({ name, value }) => [name ?? '', value]));
  const names = [...values.keys()].sort((a, b) => b.length - a.length).map(escape);
  return text.replace(new RegExp(`(?<![\\w.])(?:${names.join('|')})(?!\\w)`, 'g'), (name) =>
    spell(values.get(name) ?? null),
  );
}

function spell(value: Cell): string {
  if (value === null) return 'unknown';
  return typeof value === 'number' && value < 0 ? `(${value})` : String(value);
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
