/** Colour for terminals: states and levels by how much they need a person, commands so that they are found. */
import { styleText } from 'node:util';

/** What may be on a line, and how it is shown. The states are those of dates, processors and games. */
const styles: readonly (readonly [RegExp, Parameters<typeof styleText>[0]])[] = [
  [/^(?:published|unchanged|completed|ok|yes)$/, 'green'],
  [/^(?:waiting|partial|held|disputed|questioned|stale|reconstructed|WARNING|warn)$/, 'yellow'],
  [/^(?:failed|blocked|quarantined|upstream_failed|abandoned|altered|ERROR|fail|down|no)$/, 'red'],
];

/** A state is coloured where it is the news of a line: after a date or a name, and once. */
const news =
  /(?<=^(?:\S+ {1,40}|\S+: |\S+ is )|^ {2}\S+(?: {1,40}|: ))(published|unchanged|completed|ok|yes|waiting|partial|held|disputed|questioned|stale|reconstructed|WARNING|warn|failed|blocked|quarantined|upstream_failed|abandoned|altered|ERROR|fail|down|no)(?![\w-])/;

/** A line with its news and its commands in colour. */
export function paint(line: string): string {
  return line
    .replace(news, (word) => {
      const [, style] = styles.find(([pattern]) => pattern.test(word)) ?? [];
      return style ? styleText(style, word) : word;
    })
    .replace(/`(phase3 [^`]+)`/g, (_, command: string) => `\`${styleText('cyan', command)}\``);
}

/** Whether a stream is a terminal that shows colours, and nobody has said NO_COLOR. */
export function hasColours(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && stream.hasColors();
}
