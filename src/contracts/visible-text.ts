/**
 * Text as people may be shown it. What raw data, people and drivers send can hold characters that are not seen and yet do
 * something: colour a terminal, clear it, turn the rest of a line around, make one name look like another. Here they become
 * escapes that are seen. Stored values and exports stay as they are. Pure.
 */

/** Controls (ESC and C1 among them), formats (bidirectional, zero-width, BOM), halves of characters, other line ends, ignorables. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Several lines: line feeds and tabs stay. For errors with their stack, and for documents. JSON keeps its meaning: the
 * escapes are its own, and such characters stand in its texts only.
 */
export function visibleText(text: string): string {
  return text.replace(unseen, (character) =>
    character === '\n' || character === '\t' ? character : escapeOf(character),
  );
}

/** One line: a line break is a space, since what comes after it would pass for a line of ours. */
export function visibleLine(text: string): string {
  return text.replace(/[\t\n\r]+/g, ' ').replace(unseen, escapeOf);
}

/** One line that Markdown and HTML take for nothing but text: no emphasis, no link, no code, no list, no tag. */
export function visibleMarkdown(text: string): string {
  return (
    visibleLine(text)
      .trim()
      .replace(/[\\`*[\]~|!$]/g, '\\$&')
      // Between letters and digits it is no emphasis, and names of tables are full of them.
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // Addresses become links by themselves.
      .replace(/:(?=\/\/)|(?<=www)\.|@/gi, '\\$&')
      // At the start: a heading, a list, a rule.
      .replace(/^[#+=-]/, '\\$&')
      .replace(/^(\d+)([.)])/, '$1\\$2')
  );
}

/** `\u202e`, and of a character beyond the first plane both halves, as JSON has it. */
function escapeOf(character: string): string {
  return Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
}
