/** Finds names of processors, sources, tables, teams and statistics in a text. */
import { processors, triggers } from '../../src/plan/registry';
import { isSource } from '../../src/sources/define-source';
import { orchestrationTables } from '../../src/tables/catalogue';
import { provenance } from '../../src/tables/provenance';

/** The league's teams, by the codes of the present day. */
const teams =
  'ATL BKN BOS CHA CHI CLE DAL DEN DET GSW HOU IND LAC LAL MEM MIA MIL MIN NOP NYK OKC ORL PHI PHX POR SAC SAS TOR UTA WAS';

/** Words of the box score, whatever stands around them; columns and processors bring the rest. */
const words =
  'assist steal rebound turnover possession gamebook boxscore offence offense defence defense tricode roster usage pace dnp';

/** Words of others' interfaces that only look like ours: a reason that BigQuery gives. */
const foreignWords: readonly string[] = ['usageQuotaExceeded'];

/** Columns that the engine's own words are among, or that every table has. */
const ownColumns = ['game_id', 'processed_at', ...Object.keys(provenance)];

/** Everything that has a home of its own, as patterns. */
export interface Names {
  /** Written as they are: names of processors, sources and tables, columns of two words and more, team codes. */
  readonly exact: ReadonlySet<string>;
  /** Beginnings of words, in any case: `usage` is found in `usageRate` too. */
  readonly words: readonly string[];
}

/** What is registered now: a processor that is added brings its names along. */
export function namesOfRegistries(): Names {
  const own = new Set([
    ...ownColumns,
    ...Object.values(orchestrationTables).flatMap(({ columns }) => Object.keys(columns)),
  ]);
  const tables = [...triggers.filter(isSource), ...processors].map(({ table }) => table);
  const columns = tables
    .flatMap((table) => Object.keys(table.columns))
    .filter((column) => column.includes('_') && !own.has(column));
  return {
    exact: new Set([
      ...processors.flatMap(({ name }) => [name, name.replace(/Processor$/, '')]),
      ...triggers.map(({ name }) => name),
      ...tables.map(({ name }) => name),
      ...columns,
      ...columns.map(inCamelCase),
      ...teams.split(' '),
    ]),
    words: words.split(' '),
  };
}

export interface ForeignName {
  /** From 1. */
  readonly line: number;
  readonly name: string;
}

/** The names in a text, comments included: what they say of one processor is not true of the next. */
export function foreignNames(text: string, { exact, words: beginnings }: Names): ForeignName[] {
  return text.split('\n').flatMap((content, index) => {
    const found = [...content.matchAll(/[A-Za-z_][A-Za-z0-9_]*/g)].flatMap(([token], at, all) => {
      // SQL has functions whose names are teams': `MIN(`.
      const isCall = content[(all[at]?.index ?? 0) + token.length] === '(';
      if (exact.has(token) && !(isCall && /^[A-Z]{3}$/.test(token))) return [token];
      if (foreignWords.includes(token)) return [];
      return partsOf(token).some((part) => beginnings.some((word) => isWordOf(part, word))) ? [token] : [];
    });
    return [...new Set(found)].map((name) => ({ line: index + 1, name }));
  });
}

function isWordOf(part: string, word: string): boolean {
  return part === word || part === `${word}s`;
}

/** `usageRate`, `usage_rate` and `UsageRate` alike: their words, in lower case. */
function partsOf(token: string): string[] {
  return token
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split('_');
}

function inCamelCase(column: string): string {
  return column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
