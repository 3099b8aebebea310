/** Whether a pass has replaced published figures by others, and how people are told: which tables, how much of them, and why. */
import type { Recall, RecordPassRequest } from '../contracts/activities';
import { sentenceOfFault } from '../contracts/code-fault';
import { liveManifests } from '../contracts/manifests';
import type { ManifestRow } from '../tables/orchestration';
import type { VersionsDifference } from '../versions/compare-versions';
import { figuresBetween, NoSuchRowsError } from '../versions/read-versions';
import { WarehouseError } from '../warehouse/errors';
import type { Warehouse } from '../warehouse/warehouse';

export interface RecallOptions {
  readonly warehouse: Warehouse;
  readonly warn: (message: string, fields: Record<string, unknown>) => void;
}

/** A live version of this pass, and the one that readers had before the pass. */
interface Replaced {
  readonly before: ManifestRow;
  readonly after: ManifestRow;
}

/** Columns that are named, and reasons. */
const mostNamed = 5;

/**
 * Null where no figure that was published is another now, or gone: a first publication, rows that only came in addition, and cells that
 * were empty recall nothing. Dates that only a backfill asked for tell nobody. `manifests`: all of the date, read after the pass.
 */
export async function recallOf(
  request: Pick<RecordPassRequest, 'gameDate' | 'runId' | 'pass' | 'requests'>,
  manifests: readonly ManifestRow[],
  { warehouse, warn }: RecallOptions,
): Promise<Recall | null> {
  const { gameDate, requests } = request;
  if (requests.length > 0 && requests.every(({ kind }) => kind === 'backfill')) return null;
  const told: (Replaced & { readonly said: string; readonly why: readonly string[] })[] = [];
  for (const { before, after } of replacedBy(request, manifests)) {
    const found = await differenceBetween(before, after, warehouse);
    // That figures were replaced is no reason to fail the pass that is on record by now.
    if (typeof found === 'string') warn(`${gameDate}: versions could not be compared`, { why: found });
    const said =
      typeof found === 'string'
        ? 'its rows could not be compared'
        : sayDifference(found, before.bypass !== null);
    const why = typeof found === 'string' ? [after.reason] : reasonsOf(found);
    if (said !== null) told.push({ before, after, said, why });
  }
  if (told.length === 0) return null;
  const reasons = [...new Set(told.flatMap(({ why }) => why))];
  const tables = told.map(({ before, after, said }) => `${stepOf(before, after)}: ${said}`);
  return {
    summary: `${gameDate}: published figures were replaced. ${tables.join('; ')}. Because ${some(reasons, '; ')}`,
    next: commandOf(told),
  };
}

/** That an upstream was replaced is said of the upstream, unless there is no other reason. */
function reasonsOf({ causes }: VersionsDifference): string[] {
  const own = causes.filter(({ kind }) => kind !== 'upstream');
  return (own.length > 0 ? own : causes).map(({ detail }) => detail);
}

function replacedBy(
  { runId, pass }: Pick<RecordPassRequest, 'runId' | 'pass'>,
  manifests: readonly ManifestRow[],
): Replaced[] {
  const isOwn = (manifest: ManifestRow): boolean => manifest.run_id === runId && manifest.pass === pass;
  const earlier = liveManifests(manifests.filter((manifest) => !isOwn(manifest)));
  return liveManifests(manifests)
    .filter(isOwn)
    .flatMap((after) => {
      const before = earlier.find(
        ({ table_name: table, version }) => table === after.table_name && version < after.version,
      );
      return before ? [{ before, after }] : [];
    });
}

/** A sentence where the two cannot be compared. */
async function differenceBetween(
  before: ManifestRow,
  after: ManifestRow,
  warehouse: Warehouse,
): Promise<VersionsDifference | string> {
  const { table_name: table, game_date: gameDate, version } = after;
  try {
    return await figuresBetween(warehouse, table, gameDate, before.version, version);
  } catch (error) {
    return error instanceof NoSuchRowsError || error instanceof WarehouseError
      ? error.message
      : sentenceOfFault(error);
  }
}

/**
 * Null where nothing that was there is another now. Of rows that were marked as standing on a bypass only figures count: that their
 * marks and reasons change is how they are made whole.
 */
function sayDifference({ moved, removed }: VersionsDifference, isMarked: boolean): string | null {
  const replaced = moved.filter(({ before }) => before !== null && (typeof before === 'number' || !isMarked));
  const rows = new Set(replaced.map(({ key }) => JSON.stringify(key))).size;
  const columns = [...new Set(replaced.map(({ column }) => column))].sort();
  const parts = [
    ...(rows > 0
      ? [`${counted(columns.length, 'column')} of ${counted(rows, 'row')} changed (${some(columns)})`]
      : []),
    ...(removed.length > 0 ? [`${counted(removed.length, 'row')} removed`] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : null;
}

function stepOf({ table_name: table, version }: ManifestRow, after: ManifestRow): string {
  return `${table} version ${version} → ${after.version}`;
}

/** Of tables that made different steps, it shows the first. */
function commandOf(told: readonly Replaced[]): string {
  const [first] = told;
  if (!first) return '';
  const { before, after } = first;
  const isSame = told.every(
    (one) => one.before.version === before.version && one.after.version === after.version,
  );
  const step = `phase3 diff ${after.game_date} ${before.version} ${after.version}`;
  return isSame ? step : `${step} --table ${after.table_name}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function some(texts: readonly string[], between = ', '): string {
  const more = texts.length > mostNamed ? ` and ${texts.length - mostNamed} more` : '';
  return `${texts.slice(0, mostNamed).join(between)}${more}`;
}
