/**
 * HTML that is escaped by construction: what is put into a template is text unless it is itself made by one. Text from
 * outside is shown as everywhere else, with what is not seen in it made visible.
 */
import { visibleText } from '../../contracts/visible-text';

/** Markup. Only {@link html} makes any. */
export class Html {
  constructor(readonly text: string) {}
}

/** What may stand in a template; nothing is put in for null and false. */
export type Content = Html | string | number | null | undefined | false | readonly Content[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template of markup. Throws where a value would be an attribute without quotes: there no escaping helps. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  let text = parts[0] ?? '';
  for (const [at, value] of values.entries()) {
    if (isUnquoted(text)) throw new Error(`an attribute has no quotes: …${text.slice(-40)}`);
    text += textOf(value) + (parts[at + 1] ?? '');
  }
  return new Html(text);
}

/** Whether what comes next is the value of an attribute, and no quote is open. Quotes of values are escaped. */
function isUnquoted(text: string): boolean {
  if (!/=\s*$/.test(text)) return false;
  // Outside of a tag it is text.
  if (text.lastIndexOf('>') > text.lastIndexOf('<')) return false;
  const quotes = text.slice(text.lastIndexOf('<')).match(/"/g) ?? [];
  return quotes.length % 2 === 0;
}

function textOf(value: Content): string {
  if (value instanceof Html) return value.text;
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'object') return value.map(textOf).join('');
  return visibleText(String(value)).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
