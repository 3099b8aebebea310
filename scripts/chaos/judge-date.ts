/** Judges what one date has left behind, promise by promise. Pure. */
import { publish } from '../verify/publish-night';
import type { Row as TableRow } from '../../src/tables/define-table';
import { analyticsTables, tableOf } from '../../src/tables/catalogue';
import type { Row } from '../bench/season';
import type { DateEvidence } from './evidence';
import { rawNames, type Corruption, type Delivery, type Feed } from './feed';
import { found, type Finding } from './findings';
import type { Acknowledged } from './pusher';
import { auditKindOf, type Decision } from './operators';

const tables = Object.keys(analyticsTables);
/** Columns that say when a row was written or on whose decision, and nothing of the night. */
const ofThePass = /^(processed_at|created_at|updated_at|data_hash|bypass_id)$/;

/** Versions without a gap, and no row twice. That live rows are those of the newest version is for `verify`. */
export function judgeVersions({ gameDate, live, manifests }: DateEvidence): Finding[] {
  const problem = (sentence: string): Finding => found('one version', gameDate, sentence);
  return tables.flatMap((table) => {
    const versions = manifests
      .filter((row) => row['table_name'] === table)
      .map((row) => Number(row['version']))
      .sort((a, b) => a - b);
    const isGapless = versions.every((version, index) => version === index + 1);
    const keys = (live[table] ?? []).map((row) => keyOf(table, row));
    const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
    return [
      ...(isGapless ? [] : [problem(`${table} has the versions ${versions.join(', ')}`)]),
      ...twice.map((key) => problem(`${table} has ${key} twice`)),
    ];
  });
}

/** No figure that cannot be, whatever the raw rows say. */
export function judgeFigures({ gameDate, live }: DateEvidence): Finding[] {
  const players = live['player_game_summary'] ?? [];
  const offense = live['team_offense_game_summary'] ?? [];
  return [...players, ...offense].flatMap((row) => {
    const wrong = impossible(row);
    return wrong === null ? [] : [found('no bad row', gameDate, `${labelOf(row)}: ${wrong}`)];
  });
}

function impossible(row: Row): string | null {
  const n = (column: string): number => Number(row[column] ?? 0);
  const points = row['points'] === undefined ? 'points_scored' : 'points';
  const usage = row['usage_rate'] ?? 0;
  if (!(Number(usage) >= 0 && Number(usage) <= 100)) return `usage_rate is ${JSON.stringify(usage)}`;
  if (n('minutes_played') > 75) return `minutes_played is ${n('minutes_played')}`;
  for (const kind of ['fg', 'three_pt', 'ft'])
    if (n(`${kind}_makes`) > n(`${kind}_attempts`)) return `more ${kind}_makes than attempts`;
  const made = 2 * n('fg_makes') + n('three_pt_makes') + n('ft_makes');
  if (row[points] !== null && row['three_pt_makes'] !== null && made !== n(points))
    return `${points} is ${n(points)}, and the makes are worth ${made}`;
  return null;
}

/** What was corrupted is not live, while it is corrupted. */
export function judgeCorruption({ gameDate, live }: DateEvidence, { corruption }: Feed): Finding[] {
  if (!corruption) return [];
  return (live[corruption.table] ?? [])
    .filter((row) => isOfGame(row, corruption) && corruption.isLive(row))
    .map((row) => found('no bad row', gameDate, `${corruption.what} is live: ${labelOf(row)}`));
}

function isOfGame(row: Row, { gameId }: Corruption): boolean {
  return row['game_id'] === gameId;
}

/** When all is over: the live rows are those that the raw rows make, and no others. */
export function judgeRows({ gameDate, live, raw }: DateEvidence): Finding[] {
  const built = publish(raw as Readonly<Record<(typeof rawNames)[number], readonly TableRow[]>>).rows;
  const problem = (sentence: string): Finding => found('no bad row', gameDate, sentence);
  return tables.flatMap((table) => {
    const rows = new Map((live[table] ?? []).map((row) => [`${table}/${keyOf(table, row)}`, row]));
    const ours = [...built].filter(([key]) => key.startsWith(`${table}/`));
    const missing = ours.filter(([key]) => !rows.has(key)).map(([key]) => problem(`${key} is not live`));
    const foreign = [...rows.keys()]
      .filter((key) => !built.has(key))
      .map((key) => problem(`${key} is live, and nothing makes it`));
    const other = ours.flatMap(([key, row]) => {
      const stored = rows.get(key);
      const columns = stored ? Object.keys(row).filter((column) => isOther(column, row, stored)) : [];
      return columns.length === 0
        ? []
        : [
            problem(
              `${key}: ${columns.map((column) => `${column} is ${JSON.stringify(stored?.[column])}, built ${JSON.stringify(row[column])}`).join(', ')}`,
            ),
          ];
    });
    return [...missing, ...foreign, ...other].slice(0, 5);
  });
}

function isOther(column: string, built: Row, stored: Row): boolean {
  return (
    !ofThePass.test(column) &&
    JSON.stringify(built[column] ?? null) !== JSON.stringify(stored[column] ?? null)
  );
}

/** Every request that the server has taken or that was acknowledged is on record, and every row that was loaded is there. */
export function judgeRecords(
  { gameDate, signalled, passes, raw }: DateEvidence,
  loaded: readonly Delivery[],
  acknowledged: readonly Acknowledged[],
): Finding[] {
  const believed = acknowledged.filter((one) => one.gameDate === gameDate).map(({ requestId }) => requestId);
  const recorded = new Set(
    passes.flatMap((row) =>
      (JSON.parse(String(row['requests'])) as { request_id: string }[]).map(({ request_id: id }) => id),
    ),
  );
  const lost = [...new Set([...signalled, ...believed])].filter((id) => !recorded.has(id));
  const other = rawNames.filter((table) => {
    const last = loaded.filter((one) => one.table === table).at(-1);
    return last && !isSameRows(last.rows, raw[table]);
  });
  return [
    ...lost.map((id) =>
      found('nothing lost', gameDate, `request ${id} was taken, and no pass has it on record`),
    ),
    ...other.map((table) => found('nothing lost', gameDate, `${table} is not as it was loaded last`)),
  ];
}

/** Columns that tell a row and a correction of it from others. */
const telling = ['game_id', 'team_abbr', 'player_lookup', 'points', 'assists', 'game_status', 'minutes'];

function isSameRows(loaded: readonly Row[], stored: readonly Row[]): boolean {
  const spelt = (rows: readonly Row[]): string[] =>
    rows.map((row) => JSON.stringify(telling.map((column) => row[column] ?? null))).sort();
  return JSON.stringify(spelt(loaded)) === JSON.stringify(spelt(stored));
}

/** When all is over, every table of a date with games is published, and no run of it is open. */
export function judgeEnd({ gameDate, live, isOpen, passes }: DateEvidence): Finding[] {
  const absent = tables.filter((table) => (live[table] ?? []).length === 0);
  const newest = [...passes].sort((a, b) => (String(a['ended_at']) < String(b['ended_at']) ? -1 : 1)).at(-1);
  return [
    ...absent.map((table) => found('nothing lost', gameDate, `${table} was never published`)),
    ...(isOpen
      ? [
          found(
            'nothing stuck',
            gameDate,
            `its run is open; its newest pass ended ${String(newest?.['state'])}`,
          ),
        ]
      : []),
  ];
}

/**
 * Each decision that was accepted is there once, or its pass says that nothing was done of it because it could not be recorded; one
 * that was refused or needless is not there, and nobody knows of any twice.
 */
export function judgeDecisions(
  { gameDate, audit, passes }: DateEvidence,
  decisions: readonly Decision[],
): Finding[] {
  return decisions
    .filter((decision) => decision.gameDate === gameDate)
    .flatMap(({ reason, kind, told }) => {
      const entries = audit.filter((row) => row['reason'] === reason && row['kind'] === auditKindOf[kind]);
      // A bypass of a table is one decision, and has an entry for each processor that it lets run.
      const times = new Set(entries.map(decisionOf)).size;
      const most = told === 'refused' || told === 'needless' ? 0 : 1;
      const least = told === 'accepted' && !passes.some((pass) => isGivenBack(pass, reason)) ? 1 : 0;
      return times >= least && times <= most
        ? []
        : [
            found(
              'decisions',
              gameDate,
              `${kind} "${reason}" was ${told}, and is on the audit ${times} times`,
            ),
          ];
    });
}

/** What an entry is of: the bypass that it names, or itself. */
function decisionOf(entry: Row): unknown {
  const { evidence } = entry;
  const { bypassId } = JSON.parse(typeof evidence === 'string' ? evidence : '{}') as { bypassId?: string };
  return bypassId ?? entry['entry_id'];
}

/** Whether a pass has it on record that nothing was done of what was decided for this reason. */
function isGivenBack(pass: Row, reason: string): boolean {
  const requests = JSON.parse(String(pass['requests'])) as { request_id: string; reason?: string }[];
  const lines = JSON.parse(String(pass['journal'])) as { message: string }[];
  return requests.some(
    (request) =>
      request.reason === reason &&
      lines.some(({ message }) => message.startsWith(`Nothing was done of ${request.request_id}, `)),
  );
}

function keyOf(table: string, row: Row): string {
  return tableOf(table)
    .key.map((column) => String(row[column]))
    .join('/');
}

function labelOf(row: Row): string {
  return [row['game_id'], row['team_abbr'], row['player_lookup']].filter(Boolean).join(' ');
}
