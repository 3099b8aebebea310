/** What the command line asks about what is kept back: games that break a rule, and rows that failed a check. */
import type { FastifyInstance } from 'fastify';
import { isGameDate } from '../contracts/game-date';
import { isLacking, type GameVerdict } from '../contracts/phase3';
import { inOrderOfEnd, recordedDate, resultsOfPass, type PassRow } from '../contracts/run-record';
import { judgeGames } from '../gate/judge-games';
import { pinOf } from '../gate/pins';
import { readSnapshot, type AgePolicy } from '../gate/read-snapshot';
import type { DateSnapshot } from '../gate/snapshot';
import { processors } from '../plan/registry';
import { isAnalyticsTableName } from '../tables/catalogue';
import type { QuarantineRow, RunHistoryRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import type { HeldGame, QuarantinedDate, QuarantinedTable } from './protocol';

export interface QuarantineOptions {
  readonly warehouse: Warehouse;
  /** The policy in force now. */
  readonly now: () => AgePolicy;
}

/** Adds the routes below `/quarantine` to the control endpoint. */
export function addQuarantine(app: FastifyInstance, { warehouse, now }: QuarantineOptions): void {
  app.get<{ Querystring: { from: string; to: string } }>('/quarantine', async (request, reply) => {
    const { from, to } = request.query;
    if (!isGameDate(from) || !isGameDate(to)) return reply.code(400).send({ error: 'from and to are dates' });
    return { dates: await quarantinedDates(warehouse, from, to, now()) };
  });
  app.get<{ Params: { date: string } }>('/quarantine/:date', async (request, reply) => {
    const { date } = request.params;
    if (!isGameDate(date)) return reply.code(400).send({ error: `${date} is not a date` });
    return quarantinedDate(warehouse, date, now());
  });
}

/** Dates of the range that have something kept back, by what is so now, ascending. Only dates that have run are looked at. */
async function quarantinedDates(
  warehouse: Warehouse,
  from: string,
  to: string,
  policy: AgePolicy,
): Promise<QuarantinedDate[]> {
  const passes = new Map<string, PassRow[]>();
  for await (const rows of warehouse.exportRows('run_history', from, to))
    for (const row of rows as readonly RunHistoryRow[])
      passes.set(row.game_date, [...(passes.get(row.game_date) ?? []), row]);
  const dates: QuarantinedDate[] = [];
  for (const [gameDate, own] of [...passes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const results = recordedDate(own)?.results ?? [];
    // A pinned version says of its games only that it lacks them, so what rules they break is looked for.
    const isKnown = results.some(
      ({ outcome, missingGames }) =>
        outcome === 'quarantined' || missingGames.some((game) => isOfRules(game) || isLacking(game)),
    );
    if (!isKnown) continue;
    const found = await quarantinedDate(warehouse, gameDate, policy);
    if (found.games.length > 0 || found.tables.length > 0) dates.push(found);
  }
  return dates;
}

function isOfRules({ broken }: Pick<GameVerdict, 'broken'>): boolean {
  return (broken ?? []).length > 0;
}

/** What of a date is kept back, or was decided about, now. */
export async function quarantinedDate(
  warehouse: Warehouse,
  gameDate: string,
  policy: AgePolicy,
): Promise<QuarantinedDate> {
  const snapshot = await readSnapshot(warehouse, gameDate, processors, policy);
  const { run_history: history, quarantine } = await warehouse.readDate(gameDate, [
    'run_history',
    'quarantine',
  ]);
  return {
    gameDate,
    pinned: processors.filter((one) => pinOf(one, snapshot)).map(({ table }) => table.name),
    games: heldGames(snapshot).map((game) => ({ ...game, since: sinceWhen(history, game.gameId) })),
    tables: await Promise.all(
      refusedNow(history, quarantine).map((row) => withKeptRows(warehouse, row, history)),
    ),
  };
}

/** Games of the date whose evidence breaks blocking rules, by id: what each table makes of them, the worst first. */
function heldGames(snapshot: DateSnapshot): Omit<HeldGame, 'since'>[] {
  const byId = new Map<string, Omit<HeldGame, 'since'>>();
  for (const processor of processors)
    for (const { verdict } of judgeGames(processor, snapshot)) {
      const { gameId, status, detail, broken = [], decision = null, isLive = false } = verdict;
      if (!isOfRules(verdict)) continue;
      const known = byId.get(gameId);
      const liveIn = [...(known?.liveIn ?? []), ...(isLive ? [processor.table.name] : [])];
      const worst = known && known.status !== 'held' ? known : { gameId, status, detail, broken, decision };
      byId.set(gameId, { ...worst, liveIn });
    }
  return [...byId.values()].sort((a, b) => (a.gameId < b.gameId ? -1 : 1));
}

/** When the first of the newest passes ended that have all had the game broken; null where none has. */
function sinceWhen(history: readonly PassRow[], gameId: string): string | null {
  let since: string | null = null;
  for (const row of inOrderOfEnd(history).reverse()) {
    const results = resultsOfPass(row);
    const games = results.flatMap(({ missingGames }) => missingGames);
    if (games.some((game) => game.gameId === gameId && isOfRules(game))) since = row.ended_at;
    else if (results.length > 0) return since;
  }
  return since;
}

/** The newest refusal of each table whose newest result it is. */
function refusedNow(history: readonly PassRow[], rows: readonly QuarantineRow[]): QuarantineRow[] {
  const results = recordedDate(history)?.results ?? [];
  return results.flatMap(({ processor, outcome }) => {
    const own = rows.filter((row) => row.processor === processor);
    const [newest] = own.sort((a, b) => (a.quarantined_at < b.quarantined_at ? 1 : -1));
    return outcome === 'quarantined' && newest ? [newest] : [];
  });
}

async function withKeptRows(
  warehouse: Warehouse,
  row: QuarantineRow,
  history: readonly PassRow[],
): Promise<QuarantinedTable> {
  const { table_name: table, game_date: gameDate, stage_id: stageId, processor } = row;
  const kept = isAnalyticsTableName(table) ? await warehouse.readKept(table, gameDate, stageId) : [];
  return {
    ...{ table, processor, stageId, rows: row.row_count, keptRows: kept.length },
    // Written by the publisher, so the shape is ours.
    checks: JSON.parse(row.checks) as QuarantinedTable['checks'],
    quarantinedAt: row.quarantined_at,
    liveVersion: recordedDate(history)?.results.find((one) => one.processor === processor)?.version ?? null,
  };
}
