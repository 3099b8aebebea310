/** Files that are no longer what somebody wrote: encodings, figures that are none, ends that are missing. */
import { gzipSync } from 'node:zlib';
import { tableOf } from '../../../src/tables/catalogue';
import type { Row } from '../../../src/tables/define-table';
import type { Night, RawTable } from '../../support/nights';
import { pick, type Kind, type Random } from './corruptions';

const [schedule, team, player] = [
  'nbac_schedule',
  'nbac_team_boxscore',
  'nbac_gamebook_player_stats',
] as const;

type Files = Readonly<Record<string, readonly string[]>>;
const figures: Files = {
  [schedule]: ['home_team_score', 'game_status', 'season_year'],
  [team]: ['points', 'fg_attempted', 'turnovers', 'fg_percentage'],
  [player]: ['points', 'assists', 'turnovers', 'minutes_decimal'],
};
const tables: readonly RawTable[] = [schedule, team, player];

/** Spoils the text of one figure of one line. */
function ofFigure(name: string, spell: (text: string, field: string) => string): Kind {
  return ofLine(`a figure ${name}`, (line, row, table, random) => {
    const known = figures[table]?.filter((field) => (row[field] ?? null) !== null) ?? [];
    if (known.length === 0) return line;
    const field = pick(random, known);
    const text = JSON.stringify(row[field]);
    return line.replace(`"${field}":${text}`, spell(text, field));
  });
}

function ofLine(
  name: string,
  spoil: (line: string, row: Row, table: RawTable, random: Random) => string | Buffer,
): Kind {
  return ofFile(name, (lines, rows, table, random) => {
    const index = Math.floor(random() * lines.length);
    return Buffer.concat(
      lines.map((line, at) =>
        Buffer.concat([
          Buffer.from(at === index ? spoil(line, rows[at]!, table, random) : line),
          Buffer.from('\n'),
        ]),
      ),
    );
  });
}

function ofFile(
  name: string,
  spoil: (lines: string[], rows: readonly Row[], table: RawTable, random: Random) => string | Buffer,
  isZipped?: true,
): Kind {
  return {
    name,
    games: 'all',
    corrupt: (night: Night, random) => {
      const table = pick(random, tables);
      const rows = night[table];
      if (rows.length === 0) return null;
      const lines = rows.map((row) => JSON.stringify(row));
      const bytes = Buffer.from(spoil(lines, rows, table, random));
      return { night, file: { table, bytes, ...(isZipped ? { isZipped } : {}) }, what: table };
    },
  };
}

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

export const kindsOfFiles: readonly Kind[] = [
  ofFigure('is NaN', (_, field) => `"${field}":NaN`),
  ofFigure('is nan', (_, field) => `"${field}":nan`),
  ofFigure('is Infinity', (_, field) => `"${field}":Infinity`),
  ofFigure('is -Infinity', (_, field) => `"${field}":-Infinity`),
  ofFigure('is the text NaN', (_, field) => `"${field}":"NaN"`),
  ofFigure('is an empty text', (_, field) => `"${field}":""`),
  ofFigure('is the text null', (_, field) => `"${field}":"null"`),
  ofFigure('is a dash', (_, field) => `"${field}":"-"`),
  ofFigure('is above what a number can be', (_, field) => `"${field}":1e400`),
  ofFigure('has more digits than a number keeps', (_, field) => `"${field}":12345678901234567890`),
  ofFigure('has a comma for thousands', (own, field) => `"${field}":"1,${own}"`),
  ofFigure('has a comma for the point', (own, field) => `"${field}":"${own},5"`),
  ofFigure('has half too much', (own, field) => `"${field}":${Number(own) + 0.5}`),
  ofFigure('is true', (_, field) => `"${field}":true`),
  ofFigure('is a list', (own, field) => `"${field}":[${own}]`),
  ofFigure('is an object', (own, field) => `"${field}":{"value":${own}}`),
  ofFigure('is written with an exponent', (own, field) => `"${field}":${own}e0`),
  ofFigure('is there twice, with another', (own, field) => `"${field}":${Number(own) + 7},"${field}":${own}`),
  ofFigure('is there twice, another last', (own, field) => `"${field}":${own},"${field}":${Number(own) + 7}`),
  ofFile('every whole number as text', (_, rows, table) =>
    text(
      rows.map((row) =>
        JSON.stringify(row, (column, value: unknown) =>
          tableOf(table).columns[column]?.type === 'INT64' && typeof value === 'number'
            ? String(value)
            : value,
        ),
      ),
    ),
  ),
  ofFile('every column in capitals', (lines) =>
    text(lines.map((line) => line.replace(/"(\w+)":/g, (_, name: string) => `"${name.toUpperCase()}":`))),
  ),
  ofFile('a column too many', (lines) => text(lines.map((line) => line.replace(/}$/, ',"vendor":"x"}')))),
  ofFile('dates in another order', (lines) =>
    text(lines.map((line) => line.replace(/"game_date":"(\d{4})-(\d\d)-(\d\d)"/, '"game_date":"$2/$3/$1"'))),
  ),
  ofFile('lines that end as on Windows', (lines) => `${lines.join('\r\n')}\r\n`),
  ofFile('a byte order mark first', (lines) => `\uFEFF${text(lines)}`),
  ofFile('blank lines between', (lines) => lines.join('\n\n')),
  ofFile('UTF-16', (lines) => Buffer.from(text(lines), 'utf16le')),
  ofLine('bytes of Latin 1', (line) =>
    Buffer.from(line.replace(/"(player_name|team_name|home_team_name)":"/, '"$1":"É'), 'latin1'),
  ),
  ofLine('a zero byte', (line) => line.replace(':', '\u0000:')),
  ofLine('a line that ends in the middle', (line) => line.slice(0, Math.floor(line.length / 2))),
  ofLine('a comma too many', (line) => line.replace(/}$/, ',}')),
  ofLine('single quotation marks', (line) => line.replaceAll('"', "'")),
  ofLine('a line that is a text', () => '"no row"'),
  ofLine('two rows in a line', (line) => `${line} ${line}`),
  ofFile('one list in place of lines', (lines) => `[\n${lines.join(',\n')}\n]`),
  ofFile('a page of an error', () => '<html><body>503 Service Unavailable</body></html>'),
  ofFile(
    'a table of commas',
    (_, rows) => `${Object.keys(rows[0]!).join()}\n${Object.values(rows[0]!).join()}\n`,
  ),
  ofFile('an empty file', () => ''),
  ofFile('only the last line cut off', (lines) => text(lines).slice(0, -40)),
  ofFile('cut off while it was packed', (lines) => gzipSync(text(lines)).subarray(0, -20), true),
  ofFile(
    'packed, and a byte is another',
    (lines) => {
      const bytes = gzipSync(text(lines));
      bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
      return bytes;
    },
    true,
  ),
];
