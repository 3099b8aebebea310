/** What a date's page shows: read where something has happened to the date, and from time to time. */
import { parseJson } from '../../contracts/json-text';
import { ServiceError } from '@temporalio/client';
import { reasonOf, type LastRun } from '../../client';
import { liveManifests } from '../../contracts/manifests';
import type { DateState, JournalLine } from '../../contracts/date-state';
import { inOrderOfEnd } from '../../contracts/run-record';
import type { DateReads } from '../../control/reads';
import { explainState, type Explanation } from '../../explain/explain-date';
import { explainRecorded } from '../../explain/explain-record';
import { levelSpans, type LevelSpan } from '../../explain/level-spans';
import { highlighted, highlights } from '../../plan/highlights';
import type { ListedGame } from '../../plan/calendar';
import type { Row } from '../../tables/define-table';
import type { AuditRow, ManifestRow, RunHistoryRow } from '../../tables/orchestration';
import { acceptMs, type GatewayParts } from '../parts';
import type { Topic } from './live';

/** A published version, as its manifest says. */
export type ListedVersion = Pick<
  ManifestRow,
  'table_name' | 'version' | 'published_at' | 'row_count' | 'reason' | 'processor_version' | 'code_commit'
> & { readonly isLive: boolean; readonly isPinned: boolean };

/** What was decided about the date. */
export type ListedDecision = Pick<
  AuditRow,
  'seq' | 'kind' | 'decided_at' | 'decided_by' | 'reason' | 'processor' | 'waived'
> & {
  /** Until when it holds, ISO 8601, UTC; null where it has no end. */
  readonly until: string | null;
};

export interface DateView {
  readonly gameDate: string;
  readonly why: Explanation;
  readonly run: Omit<LastRun, 'events'> | null;
  /** The games of the calendar. */
  readonly games: readonly ListedGame[];
  readonly spans: readonly LevelSpan[];
  readonly journal: readonly JournalLine[];
  /** By table, newest first. */
  readonly versions: readonly ListedVersion[];
  /** Newest first. */
  readonly decisions: readonly ListedDecision[];
  /** Of each highlight of the plan the rows that it lists. */
  readonly highlights: readonly (readonly Row[])[];
  /** Whether a decision about a game, or rows that were refused, may be looked at. */
  readonly hasKeptBack: boolean;
}

/** What is read again although nothing has happened to the date's run: rows may have been loaded, or records written elsewhere. */
const oldAfterMs = 30_000;
const mostHighlighted = 10;

type Parts = Pick<GatewayParts, 'client' | 'server' | 'reads'>;

export class DateTopic implements Topic<DateView> {
  private seen: { readonly run: string; readonly at: number } | null = null;

  constructor(
    private readonly parts: Parts,
    private readonly gameDate: string,
  ) {}

  async look(): Promise<DateView | null> {
    const { client, server } = this.parts;
    const run = await asked(() => server.within(acceptMs, () => client.lastRun(this.gameDate)));
    const sign = JSON.stringify(run);
    if (this.seen?.run === sign && Date.now() - this.seen.at < oldAfterMs) return null;
    const at = Date.now();
    const view = await asked(() => readDate(this.parts, this.gameDate, run));
    this.seen = { run: sign, at };
    return view;
  }
}

/** What Temporal says where it does not do as it is asked, in its own words. */
export async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ServiceError)
      throw new Error(`Temporal does not answer: ${reasonOf(error)}`, { cause: error });
    throw error;
  }
}

async function readDate(
  { client, server, reads: open }: Parts,
  gameDate: string,
  run: LastRun | null,
): Promise<DateView> {
  const reads = await open();
  const state = run?.isOpen ? await server.within(acceptMs, () => client.state(gameDate)) : null;
  const [record, games] = await Promise.all([reads.dateRecord(gameDate), reads.games(gameDate, gameDate)]);
  const live = state?.isOpen ? state.state : null;
  const why = live ? explainState(live, true, record.stale) : explainRecorded(gameDate, record);
  const { journal, spans } = levelsOf(live, record.run_history);
  return {
    ...{ gameDate, why, games, journal, spans },
    run: run && { workflowId: run.workflowId, runId: run.runId, isOpen: run.isOpen },
    versions: versionsOf(record.partition_manifest),
    decisions: decisionsOf(record.bypass_audit),
    highlights: await highlightedRows(reads, gameDate, record.partition_manifest),
    hasKeptBack: why.levels.some(({ processors }) =>
      processors.some(
        ({ standing, missingGames, needs }) =>
          standing === 'quarantined' ||
          [...missingGames, ...needs.flatMap((need) => need.games)].some(
            ({ broken = [] }) => broken.length > 0,
          ),
      ),
    ),
  };
}

/** The log of the newest pass, and its levels: of the open run, unless it has begun none since it continued as another. */
function levelsOf(
  live: DateState | null,
  history: readonly RunHistoryRow[],
): Pick<DateView, 'journal' | 'spans'> {
  if (live) {
    const spans = levelSpans(live.journal.slice(passStart(live)), live.open.length === 0);
    if (spans.length > 0) return { journal: live.journal, spans };
  }
  const journal = journalOf(history);
  return { journal, spans: levelSpans(journal, true) };
}

/** Where the present pass begins among the lines that are left. */
function passStart({
  passStartsAtLine,
  journalDropped,
}: {
  passStartsAtLine: number;
  journalDropped: number;
}): number {
  return Math.max(0, passStartsAtLine - journalDropped);
}

function journalOf(history: readonly RunHistoryRow[]): JournalLine[] {
  const newest = inOrderOfEnd(history).at(-1);
  // Written by `recordPass`, so the shape is ours.
  return newest ? (JSON.parse(newest.journal) as JournalLine[]) : [];
}

function versionsOf(manifests: readonly ManifestRow[]): ListedVersion[] {
  const live = new Set(liveManifests(manifests));
  return manifests
    .map((one) => ({
      ...{ table_name: one.table_name, version: one.version, published_at: one.published_at },
      ...{ row_count: one.row_count, reason: one.reason, processor_version: one.processor_version },
      ...{ code_commit: one.code_commit, isLive: live.has(one), isPinned: one.pin !== null },
    }))
    .sort((a, b) =>
      a.table_name === b.table_name ? b.version - a.version : a.table_name < b.table_name ? -1 : 1,
    );
}

function decisionsOf(audit: readonly AuditRow[]): ListedDecision[] {
  return [...audit]
    .sort((a, b) => b.seq - a.seq)
    .map(({ seq, kind, decided_at, decided_by, reason, processor, waived, evidence }) => ({
      ...{ seq, kind, decided_at, decided_by, reason, processor, waived },
      until: untilOf(evidence),
    }));
}

/** Until when a decision holds. Whoever alters an entry is found by `audit verify`, not by a broken page. */
function untilOf(evidence: string): string | null {
  const parsed = parseJson(evidence);
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return null;
  const { until, to } = parsed.value as { readonly until?: unknown; readonly to?: unknown };
  // A longer deadline has one that it moves to.
  const end = until ?? to;
  return typeof end === 'string' ? end : null;
}

async function highlightedRows(
  reads: DateReads,
  gameDate: string,
  manifests: readonly ManifestRow[],
): Promise<Row[][]> {
  const found: Row[][] = [];
  for (const highlight of highlights) {
    const { name } = highlight.table;
    const rows: Row[] = [];
    if (manifests.some(({ table_name: table }) => table === name))
      for await (const row of reads.export(name, gameDate, gameDate)) rows.push(row);
    found.push(highlighted(rows, highlight, mostHighlighted));
  }
  return found;
}
