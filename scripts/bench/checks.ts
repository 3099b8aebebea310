/** Is what was measured right? A bench of wrong results measures nothing; that something is slow is no fault. Pure. */
import type { Figure } from './report';
import type { NightRows } from './season';
import { BenchFailure, type History, type PushAnswer } from './system';

const tables = ['team_offense_game_summary', 'team_defense_game_summary', 'player_game_summary'];
const [offense, defense, player] = [
  'TeamOffenseGameSummaryProcessor',
  'TeamDefenseGameSummaryProcessor',
  'PlayerGameSummaryProcessor',
];

/** Throws unless a push was answered so. */
export function requireAnswer(
  gameDate: string,
  answer: PushAnswer,
  httpStatus: number,
  status: string,
): void {
  if (answer.httpStatus !== httpStatus || answer.status !== status)
    throw new BenchFailure(
      `A push of ${gameDate} was answered ${answer.httpStatus ?? 'not at all,'} ${answer.status}, expected ${httpStatus} ${status}.`,
    );
}

/** Throws unless a night was answered with the rows that it must have become. */
export function requireRows(gameDate: string, { rows }: PushAnswer, { teams, players }: NightRows): void {
  for (const [processor, expected] of [
    [offense, teams],
    [defense, teams],
    [player, players],
  ] as const)
    if (rows.get(processor) !== expected)
      throw new BenchFailure(
        `${processor} of ${gameDate} has ${rows.get(processor) ?? 'no'} rows, expected ${expected}.`,
      );
}

/** Throws unless every table of every date was published once. `manifests` are lines of `export partition_manifest`. */
export function requireOnce(manifests: readonly string[], dates: readonly string[]): void {
  const versions = new Map<string, number>();
  for (const line of manifests) {
    const { game_date: date, table_name: table } = JSON.parse(line) as Record<string, unknown>;
    const key = `${String(table)} of ${String(date)}`;
    versions.set(key, (versions.get(key) ?? 0) + 1);
  }
  for (const date of dates)
    for (const table of tables) {
      const times = versions.get(`${table} of ${date}`) ?? 0;
      if (times !== 1)
        throw new BenchFailure(`${table} of ${date} was published ${times} times, expected once.`);
    }
}

/** Bytes of what `export raw_kept` lists, as it is stored. Throws where a set is listed twice: it is kept once. */
export function keptBytes(lines: readonly string[]): number {
  const seen = new Set<string>();
  let bytes = 0;
  for (const line of lines) {
    const {
      game_date: date,
      table_name: table,
      input_hash: hash,
      content,
    } = JSON.parse(line) as Record<string, string>;
    const key = `${date} ${table} ${hash}`;
    if (seen.has(key)) throw new BenchFailure(`The raw rows ${key} are kept twice.`);
    seen.add(key);
    bytes += Buffer.byteLength(content ?? '');
  }
  return bytes;
}

/** Throws unless a table has as many rows as the season's raw rows make. */
export function requireExported(lines: readonly string[], table: string, expected: number): void {
  if (lines.length !== expected)
    throw new BenchFailure(`${table} holds ${lines.length} rows, expected ${expected}.`);
}

/** What a run is made of. */
export function historyFigures(
  histories: readonly History[],
  percentileOf: (counts: number[]) => number,
): Figure[] {
  const count = (name: string, isCounted: (event: HistoryEvent) => unknown): Figure => ({
    name: `a night: ${name}`,
    unit: 'count',
    value: percentileOf(histories.map(({ events }) => (events ?? []).filter(isCounted).length)),
  });
  return [
    count('history events', () => true),
    count('activities', (event) => event.activityTaskScheduledEventAttributes),
    count('workflow tasks', (event) => event.workflowTaskCompletedEventAttributes),
  ];
}

type HistoryEvent = NonNullable<History['events']>[number];

/** How many times a run's gate was asked to look, by signal or update. */
export function asksIn({ events }: History): number {
  return (events ?? []).filter(isAsk).length;
}

/**
 * From the newest message that a run was sent to the end of the gate's first check that was scheduled after it, in ms; null
 * while there is none.
 */
export function answerMsIn({ events }: History): number | null {
  const all = events ?? [];
  const ask = all.filter(isAsk).at(-1);
  if (!ask) return null;
  const idOf = (id: unknown): number => Number(String(id));
  const check = all.find(
    (event) =>
      idOf(event.eventId) > idOf(ask.eventId) &&
      event.activityTaskScheduledEventAttributes?.activityType?.name === 'checkDependencies',
  );
  const end = all.find(
    (event) =>
      check && String(event.activityTaskCompletedEventAttributes?.scheduledEventId) === String(check.eventId),
  );
  return end ? instantOf(end) - instantOf(ask) : null;
}

function isAsk(event: HistoryEvent): boolean {
  return Boolean(
    event.workflowExecutionSignaledEventAttributes ?? event.workflowExecutionUpdateAcceptedEventAttributes,
  );
}

/** Seconds are 64 bits wide on the wire; as ms they fit a number until the year 287396. */
function instantOf({ eventTime }: HistoryEvent): number {
  return Number(String(eventTime?.seconds ?? 0)) * 1000 + (eventTime?.nanos ?? 0) / 1_000_000;
}
