/** Pieces of Markdown that the reference pages are made of. */

/** A table; a cell may hold anything but a line break. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replace(/\s+/g, ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** As code; a blank stays blank. */
export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

/** A sentence: a capital first, a stop at the end. */
export function sentence(text: string): string {
  const stopped = /[.!?]$/.test(text) ? text : `${text}.`;
  return stopped.charAt(0).toUpperCase() + stopped.slice(1);
}

/** Paragraphs, tables and headings, an empty line between them. */
export function page(...parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Where a page comes from, for whoever wants to change it. */
export function madeFrom(sources: string): string {
  return `_This page is generated from ${sources} by \`npm run docs:reference\`. \`npm run check\` fails when it is out of date._`;
}
