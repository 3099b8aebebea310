/** The nights that a flood works with, and whether they are as they must be in the end. */
import { requireExported, requireOnce } from '../bench/checks';
import type { Checkout } from '../bench/checkout';
import type { MovedNights, NightRows } from '../bench/season';
import type { System } from '../bench/system';
import type { FloodOptions } from './options';
import { figure, type Row } from './rows';

/** Nights on dates of their own: rows without those of the teams, and these. */
export interface Nights extends MovedNights {
  readonly rows: ReadonlyMap<string, NightRows>;
}

export interface FloodContext {
  readonly checkout: Checkout;
  readonly options: FloodOptions;
  /** The one night that is flooded. */
  readonly flooded: Nights;
  /** Those that run beside it. */
  readonly others: Nights;
  /** Those that wait. */
  readonly crowd: Nights;
}

export interface Flooded {
  readonly rows: readonly Row[];
  /** Sentences of what was refused or went wrong. */
  readonly notes: readonly string[];
}

export async function load(system: System, { first, missing }: MovedNights): Promise<void> {
  await system.command('load', first);
  await system.command('load', missing);
}

/** Tables of dates, ascending, that were not published once, with just the rows that they must have. */
export async function wrongTables(
  system: System,
  nights: readonly (readonly [date: string, expected: NightRows | undefined])[],
): Promise<Row> {
  const dates = nights.map(([date]) => date);
  const [from = '', to = ''] = [dates[0], dates.at(-1)];
  const sum = (of: keyof NightRows): number =>
    nights.reduce((total, [, expected]) => total + (expected?.[of] ?? 0), 0);
  const counts: [string, number][] = [
    ['team_offense_game_summary', sum('teams')],
    ['team_defense_game_summary', sum('teams')],
    ['player_game_summary', sum('players')],
  ];
  const check = async (work: () => Promise<void>): Promise<number> =>
    work().then(
      () => 0,
      () => 1,
    );
  const wrong = await Promise.all([
    check(async () => requireOnce(await system.export('partition_manifest', from, to), dates)),
    ...counts.map(([table, rows]) =>
      check(async () => requireExported(await system.export(table, from, to), table, rows)),
    ),
  ]);
  return figure(
    'tables that are not right, or not published once',
    'count',
    wrong.reduce((sum, one) => sum + one, 0),
  );
}

/** Ids of the requests that the passes of these dates, ascending, have on record. */
export async function recorded(system: System, dates: readonly string[]): Promise<Set<string>> {
  const [from = '', to = ''] = [dates[0], dates.at(-1)];
  const passes = await system.export('run_history', from, to);
  return new Set(
    passes.flatMap((line) => {
      const { requests } = JSON.parse(line) as { requests: string };
      return (JSON.parse(requests) as { request_id: string }[]).map(({ request_id: id }) => id);
    }),
  );
}

/** Dates whose run is open. */
export async function openRuns({ temporal }: System): Promise<number> {
  const { count } = await temporal.workflow.count(
    `WorkflowType = 'phase3Workflow' AND ExecutionStatus = 'Running'`,
  );
  return count;
}
