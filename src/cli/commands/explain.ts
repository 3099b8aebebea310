/** `phase3 explain TABLE DATE WHO COLUMN`: where a published figure comes from, and whether it is what that gives. */
import { newYorkDate } from '../../contracts/new-york';
import type { FigureExplanation, UnknownFigure } from '../../control/protocol';
import { listNearest, nearest } from '../../requests/nearest';
import { requireAnalyticsTable, requireGameDate } from '../../requests/validate-request';
import { tableOf } from '../../tables/catalogue';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { badInput, controlOf, exitCodes, type CommandError, type Context } from '../context';
import { printJson } from '../json';
import { renderFigure } from '../render-figure';

interface ExplainOptions extends JsonOption {
  readonly game?: string;
}

/** The four words of a figure, as they were typed. */
interface Asked {
  readonly table: string;
  readonly date: string;
  readonly who: string;
  readonly column: string;
}

async function explain(context: Context, asked: Asked, game?: string): Promise<FigureExplanation> {
  const table = requireAnalyticsTable(asked.table);
  const gameDate = requireGameDate('DATE', asked.date, newYorkDate(context.now()));
  const column = requireColumn(table, asked.column);
  const control = await controlOf(context);
  const answer = await control.explainFigure({
    ...{ table, game_date: gameDate, subject: asked.who.trim(), column },
    ...(game === undefined ? {} : { game }),
  });
  if ('unknown' in answer) throw unknown({ ...asked, table }, answer, game);
  return answer;
}

function requireColumn(table: string, text: string): string {
  const columns = Object.keys(tableOf(table).columns);
  const column = text.trim();
  if (columns.includes(column)) return column;
  throw badInput(
    [
      `COLUMN is "${text}", expected one of ${columns.length} columns of ${table}: ${listNearest(text, columns)}.`,
      nearest(text, columns),
    ]
      .join(' ')
      .trim(),
  );
}

function unknown(
  { table, date, who }: Asked,
  { unknown: what, candidates }: UnknownFigure,
  game?: string,
): CommandError {
  const list = candidates.join(', ');
  switch (what) {
    case 'date':
      return badInput(
        `DATE is ${date}, and ${table} was never published for it. ` +
          (candidates.length === 0
            ? 'No date around it is published.'
            : `Published around it are ${nearestDates(date, candidates).join(', ')}.`),
      );
    case 'subject':
      return badInput(
        `WHO is "${who}", and ${table} has no such row for ${date}; it has ${candidates.length}: ${listNearest(who, candidates)}. ${nearest(who, candidates)}`.trim(),
      );
    case 'game':
      return badInput(
        game === undefined
          ? `${who} has rows of several games on ${date}. Name one with --game: ${list}.`
          : `--game is "${game}", and ${who} has no row of it on ${date}; there is ${list}.`,
      );
  }
}

const mostDates = 10;

/** The dates nearest to one, in order. */
function nearestDates(date: string, dates: readonly string[]): string[] {
  const farness = (other: string): number => Math.abs(Date.parse(other) - Date.parse(date));
  return [...dates]
    .sort((a, b) => farness(a) - farness(b))
    .slice(0, mostDates)
    .sort();
}

export const addExplain: AddCommand = (root, context, end) => {
  root
    .command('explain')
    .argument('<TABLE>', 'an analytics table')
    .argument('<DATE>', 'a game date, YYYY-MM-DD')
    .argument('<WHO>', 'whom or what the row is about, as its key has it')
    .argument('<COLUMN>', 'a column of the table')
    .description(
      'explain a published figure: its formula and raw rows, computed again; exit code 0 if it agrees, 1 if not',
    )
    .option('--game <ID>', 'the game, where the date has several rows of that name')
    .option('--json', jsonHelp)
    .action(
      async (...[table, date, who, column, options]: [string, string, string, string, ExplainOptions]) => {
        const explained = await explain(context, { table, date, who, column }, options.game);
        if (options.json) printJson(context.print, explained);
        else for (const line of renderFigure(explained)) context.print(line);
        end(explained.agreement.agrees ? exitCodes.done : exitCodes.failed);
      },
    );
};
