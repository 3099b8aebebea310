/** `phase3 changed --since INSTANT`: which dates' figures moved since then, and by what. */
import type { PartitionChange } from '../../control/protocol';
import { sayRowsMoved } from '../../tables/rows-moved';
import { requireInstant } from '../../requests/validate-request';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { controlOf } from '../context';
import { printJson } from '../json';

interface ChangedOptions extends JsonOption {
  readonly since: string;
}

export const addChanged: AddCommand = (root, context) => {
  root
    .command('changed')
    .description(
      "list the dates whose figures moved: by a formula, an input, an upstream or a person's decision",
    )
    .requiredOption('--since <INSTANT>', 'the instant to compare with, such as 2025-01-16T08:00:00Z')
    .option('--json', jsonHelp)
    .action(async ({ since: text, json }: ChangedOptions) => {
      const since = requireInstant(text, '--since', new Date());
      const changes: PartitionChange[] = [];
      for await (const change of (await controlOf(context)).changes(since)) {
        changes.push(change);
        if (!json && hasMoved(change)) context.print(renderChange(change));
      }
      if (json) printJson(context.print, { since, changes });
      else for (const line of summaryOf(changes, since)) context.say(line);
    });
};

/** Whether figures moved; also where that cannot be counted any more. */
function hasMoved({ rows }: PartitionChange): boolean {
  return rows === null || movedRows(rows) > 0;
}

function movedRows({ changed, added, removed }: NonNullable<PartitionChange['rows']>): number {
  return changed + added + removed;
}

/** So many raw figures that moved are printed of a table; `--json` has them all. */
const mostNamed = 3;

export function renderChange(change: PartitionChange): string {
  const { gameDate, table, from, to, publishedAt, rows, causes } = change;
  const counted =
    rows === null
      ? 'rows not counted: they are not kept as they were published'
      : `${movedRows(rows)} of ${rows.same + movedRows(rows)} rows`;
  const why = causes.map(({ kind, detail }) => `${kind}: ${detail}`).join('; ');
  const raw = (change.inputs ?? []).flatMap(({ table: source, rows: moved }) =>
    moved ? sayRowsMoved(moved).map((what) => `${source}, ${what}`) : [],
  );
  const more = raw.length > mostNamed ? [`and ${raw.length - mostNamed} more raw figures`] : [];
  const named = [...raw.slice(0, mostNamed), ...more].map((what) => `; ${what}`).join('');
  return `${gameDate}  ${table}  ${from === null ? `new, version ${to}` : `version ${from} → ${to}`}  ${publishedAt}  ${counted}  ${why}${named}`;
}

/** What was listed, and what was not. */
function summaryOf(changes: readonly PartitionChange[], since: string): string[] {
  const moved = changes.filter(hasMoved);
  const dates = new Set(moved.map(({ gameDate }) => gameDate)).size;
  const same = changes.length - moved.length;
  return [
    moved.length === 0
      ? `No figures moved since ${since}.`
      : `Figures moved since ${since}: dates ${dates}, tables of a date ${moved.length}.`,
    ...(same === 0
      ? []
      : [`Published again with the same figures: tables of a date ${same}; --json has them.`]),
  ];
}
