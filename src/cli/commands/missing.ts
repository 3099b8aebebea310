/** `phase3 missing`: which dates are over and not settled, by the game calendar, and what they lack. */
import { usualNeededBy } from '../../contracts/needed-by';
import { newYorkDate } from '../../contracts/new-york';
import type { MissingDate, MissingReport, MovedGame } from '../../contracts/missing';
import { sayStale } from '../../dates/calendar-freshness';
import { datesOfSeason, seasonOf } from '../../plan/calendar';
import { requireRange } from '../../requests/validate-request';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { badInput, controlOf, overridesOf, type Context } from '../context';
import { printJson } from '../json';

interface MissingOptions extends JsonOption {
  readonly season?: string;
}

export const addMissing: AddCommand = (root, context) => {
  root
    .command('missing')
    .argument('[FROM..TO]', 'game dates, both included, or one date; by default this season until today')
    .description('show what is late, due, postponed or suspended by the game calendar, and what is missing')
    .option('--season <YYYY-YY>', 'a season such as 2024-25, instead of dates')
    .option('--json', jsonHelp)
    .action(async (range: string | undefined, options: MissingOptions) => {
      const { config, print } = context;
      const asked = rangeOf(context, range, options);
      const control = await controlOf(context);
      const report = await control.missing({
        ...asked,
        needed_by: config.notifications.neededBy ?? usualNeededBy,
        overrides: overridesOf(config),
      });
      if (options.json) printJson(print, report);
      else for (const line of renderMissing(report)) print(line);
    });
};

function rangeOf(
  context: Context,
  range: string | undefined,
  { season }: MissingOptions,
): { from: string; to: string } {
  const today = newYorkDate(context.now());
  if (range !== undefined && season !== undefined)
    throw badInput(`${range} and --season exclude each other: give the dates once.`);
  if (range !== undefined) return requireRange('FROM..TO', range, today);
  const year = season === undefined ? seasonOf(today) : yearOf(season);
  const { from, to: end } = datesOfSeason(year);
  const to = end < today ? end : today;
  if (from > to) throw badInput(`--season is ${season ?? ''}, which has not begun.`);
  return { from, to };
}

/** The year in which a season begins: `2024-25`. */
function yearOf(season: string): number {
  const [, year = '', next = ''] = /^(\d{4})-(\d{2})$/.exec(season) ?? [];
  if (year === '' || Number(next) !== (Number(year) + 1) % 100)
    throw badInput(`--season is ${JSON.stringify(season)}, expected a season such as 2024-25.`);
  return Number(year);
}

function renderMissing(report: MissingReport): string[] {
  const { counts, dates, moved, calendar, neededBy, from, to, at } = report;
  const stale = sayStale(calendar);
  const late = dates.filter(({ isLate }) => isLate);
  const due = dates.filter(({ isLate }) => !isLate);
  return [
    ...(stale === '' ? [] : [`Trouble: ${stale}. What is missing since then nobody can tell.`]),
    ...section(`Late: needed by ${neededBy} New York time, and not settled`, late.flatMap(renderDate)),
    ...section(`Due: over, and needed by ${neededBy} New York time`, due.flatMap(renderDate)),
    ...section('Postponed or suspended', moved.map(renderMoved)),
    `${from} to ${to} at ${at}: ${counts.late} late, ${counts.due} due, ${counts.settled} settled, ${counts.toCome} to come, ${counts.noGames} without games.`,
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? [`${title}:`, ...lines] : [];
}

/** So many games of a date are named. */
const mostNamed = 5;

function renderDate({ gameDate, why, missing, lacking, expected }: MissingDate): string[] {
  const named = lacking.slice(0, mostNamed).map(({ gameId, detail }) => `    ${gameId}: ${detail}`);
  const rest = lacking.length > mostNamed ? [`    and ${lacking.length - mostNamed} more games`] : [];
  const lacks = [...missing, ...(missing.length === 0 ? lacking.map(({ gameId }) => gameId) : [])];
  const now =
    lacks.length > 0 ? `a run would lack ${some(lacks)}` : `its rows are there: phase3 run ${gameDate}`;
  return [
    `  ${gameDate}  ${why} · ${now}`,
    ...named,
    ...rest,
    ...expected.map(
      ({ table, p50At, p90At, samples }) =>
        `    ${table} usually arrives by ${p50At}, in 9 of 10 dates by ${p90At} (${samples} dates)`,
    ),
  ];
}

function some(names: readonly string[]): string {
  const more = names.length > mostNamed ? `, and ${names.length - mostNamed} more` : '';
  return `${names.slice(0, mostNamed).join(', ')}${more}`;
}

function renderMoved({ gameDate, gameId, kind, text, playedOn }: MovedGame): string {
  const on = playedOn === null ? 'no other date yet' : `due on ${playedOn}`;
  return `  ${gameDate}  ${gameId} ${kind} (${JSON.stringify(text)}), ${on}`;
}
