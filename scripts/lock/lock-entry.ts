/** What the lock keeps of a processor: its version, a hash of its sources, and hashes of the rows that it builds. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { judgeGames, type UpstreamUse } from '../../src/gate/judge-games';
import type { DateSnapshot } from '../../src/gate/snapshot';
import { processors } from '../../src/plan/registry';
import type { Processor } from '../../src/processors/define-processor';
import { buildRows } from '../../src/publishing/build-rows';
import { canonicalJson } from '../../src/publishing/canonical-json';
import { rawTables, tableOf } from '../../src/tables/catalogue';
import { compareText } from '../../src/tables/compare';
import type { Row } from '../../src/tables/define-table';
import { decodeRow } from '../../src/warehouse/decode-row';
import { edgeDates, edges, type RawNight } from './edge-nights';

export interface LockEntry {
  readonly version: string;
  /** Hash of its folder and of what that imports of ours. */
  readonly sources: string;
  /** Hash of the rows of each set of nights: `demo`, and each edge by its name. */
  readonly rows: Readonly<Record<string, string>>;
}

/** What the lock says of every registered processor, as the code at `root` is now. */
export function lockEntries(root: string): Record<string, LockEntry> {
  const built = rowsOfNights(join(root, 'data', 'demo', 'nba_raw'));
  const entries = processors.map((processor): [string, LockEntry] => [
    processor.name,
    {
      version: processor.version,
      sources: sourceHash(root, folderOf(root, processor)),
      rows: built.get(processor.name) ?? {},
    },
  ]);
  return Object.fromEntries(entries.sort(([a], [b]) => compareText(a, b)));
}

/** The folder in which a processor is declared: the one that is named like its table. */
export function folderOf(root: string, { table }: Pick<Processor, 'table'>): string {
  const folder = join(root, 'src', 'processors', table.name.replaceAll('_', '-'));
  if (!existsSync(folder))
    throw new Error(
      `${table.name} is declared in no folder of its own: ${relative(root, folder)} is not there`,
    );
  return folder;
}

/** Hash over all files below a folder, what shapes every processor's rows, and all that these import at run time; by path and content. */
export function sourceHash(root: string, folder: string): string {
  const own = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
  const hash = createHash('sha256');
  for (const path of [...reachable([...own, ...shapingRows.map((name) => join(root, name))])].sort(
    compareText,
  ))
    hash.update(`${relative(root, path).replaceAll('\\', '/')}\0${readFileSync(path, 'utf8')}\0`);
  return hash.digest('hex').slice(0, 16);
}

/** Code of ours that shapes every processor's rows, besides what its folder imports. */
const shapingRows = ['src/games/evidence.ts', 'src/games/season.ts', 'src/publishing/build-rows.ts'];

function reachable(paths: readonly string[], seen = new Set<string>()): Set<string> {
  for (const path of paths) {
    if (seen.has(path)) continue;
    seen.add(path);
    const imports = [
      ...readFileSync(path, 'utf8').matchAll(/^(?:import|export) (?!type\b)[^;]*?from '(\.[^']+)'/gm),
    ];
    reachable(
      imports.flatMap(([, module = '']) => fileOf(resolve(dirname(path), module))),
      seen,
    );
  }
  return seen;
}

function fileOf(module: string): string[] {
  return [`${module}.ts`, join(module, 'index.ts')].filter((path) => existsSync(path)).slice(0, 1);
}

/** Row hashes by processor and set of nights. */
function rowsOfNights(folder: string): Map<string, Record<string, string>> {
  const nights = demoNights(folder);
  const dates = [...nights.keys()].sort(compareText);
  const whole = nights.get(nightOfEdges);
  if (!whole) throw new Error(`the demo data has no night of ${nightOfEdges}`);
  const sets = new Map<string, [string, RawNight][]>([
    ['demo', dates.map((date) => [date, nights.get(date) ?? {}])],
    ...Object.entries(edges).map(([name, edge]): [string, [string, RawNight][]] => [
      name,
      [[nightOfEdges, edge(whole)]],
    ]),
  ]);
  // Without a season in the schedule, the date says which one it is.
  const seasonless = edges['a schedule without scores and seasons']?.(whole) ?? whole;
  sets.set(
    'months of a season',
    edgeDates.map((date) => [date, movedTo(seasonless, date)]),
  );
  const hashes = new Map<string, Record<string, string>>();
  for (const [name, set] of sets) {
    const rows = set.map(([date, night]) => buildNight(date, night));
    for (const { name: processor } of processors) {
      const own = rows.map((built) => built[processor] ?? []);
      hashes.set(processor, { ...hashes.get(processor), [name]: hashOf(own) });
    }
  }
  return hashes;
}

function movedTo(night: RawNight, gameDate: string): RawNight {
  const moved = Object.entries(night).map(([table, rows]) => [
    table,
    rows.map((row) => ({ ...row, game_date: gameDate })),
  ]);
  return Object.fromEntries(moved) as RawNight;
}

/** A full night of the demo data: four games. */
const nightOfEdges = '2017-04-15';

function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
}

function demoNights(folder: string): Map<string, RawNight> {
  const nights = new Map<string, Record<string, Row[]>>();
  for (const table of Object.keys(rawTables)) {
    const path = join(folder, `${table}.ndjson.gz`);
    // A source that the demo data does not have brings no rows.
    if (!existsSync(path)) continue;
    for (const line of gunzipSync(readFileSync(path)).toString('utf8').split('\n').filter(Boolean)) {
      const decoded = decodeRow(tableOf(table), JSON.parse(line));
      if (!decoded.ok) throw new Error(`${path}: ${JSON.stringify(decoded.faults)}`);
      const date = String(decoded.row['game_date']);
      const night = nights.get(date) ?? {};
      nights.set(date, { ...night, [table]: [...(night[table] ?? []), decoded.row] });
    }
  }
  return nights;
}

/** The rows of every processor on one night, with each upstream and without those that a bypass may waive. */
function buildNight(gameDate: string, night: RawNight): Record<string, Row[]> {
  let rows: RawNight = night;
  const built: Record<string, Row[]> = {};
  for (const processor of processors) {
    const snapshot: DateSnapshot = { gameDate, rows, partition_manifest: [], isCalendarKnown: true };
    const provenance = { processedAt: '', bypassId: null };
    const own = buildRows(processor, everyGame(processor, snapshot), provenance).rows;
    const use = Object.fromEntries(
      Object.keys(processor.waivable).map((alias) => [alias, 'ignored' as const]),
    );
    const without =
      Object.keys(use).length > 0
        ? buildRows(processor, everyGame(processor, snapshot, use), provenance).rows
        : [];
    built[processor.name] = [...own, ...without];
    rows = { ...rows, [processor.table.name]: own };
  }
  return built;
}

/** The edges of the arithmetic are no games that could be played: what the rules of the game hold is built here all the same. */
function everyGame(processor: Processor, snapshot: DateSnapshot, use: UpstreamUse = {}) {
  const games = judgeGames(processor, snapshot, new Set(), use)
    .filter(({ verdict }) => verdict.status === 'ready' || verdict.status === 'held')
    .map(({ evidence, inputs }) => ({ game: evidence.game, inputs }));
  return processor.whole?.(games) ?? { games, warnings: [] };
}
