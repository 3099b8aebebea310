/** The private loopback endpoint of a worker: what the command line asks of the process that owns the warehouse file. */
import { isAbsolute } from 'node:path';
import * as v from 'valibot';
import {
  concurrency,
  gameDate,
  id,
  instant,
  nameText,
  note,
  processorName,
  reason,
  tableName,
  version,
  visibleText,
  who,
} from '../contracts/fields';
import { gameDecisionKinds, type AppliedDecision, type GameDecisionKind } from '../contracts/game-decisions';
import { processor, processors } from '../contracts/named-fields';
import { seenRules, teamEstimate } from '../contracts/messages';
import type {
  BrokenRule,
  GameVerdict,
  GateVerdict,
  Outcome,
  ProcessorName,
  RunState,
  StaleUpstream,
} from '../contracts/phase3';
import type { PlanDocument, PlanEstimate, PlannedDate } from '../contracts/date-plan';
import { neededByPattern } from '../contracts/needed-by';
import { closed } from '../contracts/schema';
import { buildKinds } from '../builds/record';
import type { Row } from '../tables/define-table';
import type { AuditRow } from '../tables/orchestration';
import type { FoundEstimate } from '../gate/find-estimate';
import type { VersionsDifference } from '../versions/compare-versions';
import type { RestorePreview } from '../versions/preview-restore';
import type { DateRecord as BuiltDate, LoadReport } from '../warehouse/warehouse';

/** Written by the worker into its home once it serves. Readable by its owner only: the token opens the endpoint. */
export interface WorkerFile {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
  /** Where this machine scrapes the worker's metrics; it asks for no token. */
  readonly metrics: string;
}

export interface Health {
  readonly ready: boolean;
  /** The worker's clock, ISO 8601, UTC. */
  readonly now: string;
  readonly pid: number;
  readonly worker: string;
  readonly warehouse: 'duckdb' | 'bigquery';
  /** Where the warehouse is: a file, or a project. */
  readonly location: string;
  /** What the worker puts before the datasets that it writes. */
  readonly prefix: string | null;
  readonly build: RunningBuild;
}

/** What a look at the whole warehouse has found. */
export interface WarehouseCheck {
  /** The dates of the schedule; null where it has no games. */
  readonly schedule: { readonly from: string; readonly to: string } | null;
}

/** An entry of the deployment's audit. */
export const buildEntrySchema = closed({
  entry_id: id,
  kind: v.pipe(
    v.picklist([...buildKinds, 'not_taken']),
    v.description(`one of ${buildKinds.join(', ')}, not_taken`),
  ),
  by: nameText(200, 'who decides'),
  reason: note,
  evidence: v.pipe(v.record(v.string(), v.unknown()), v.description('an object')),
  at: instant,
});
/** A date whose rows a load replaced by older ones. Both instants are the newest `processed_at`, ISO 8601 in UTC. */
export interface OlderRows {
  readonly gameDate: string;
  readonly stored: string;
  readonly loaded: string;
}

export interface Loaded extends LoadReport {
  /** Left out where there is none. */
  readonly older?: readonly OlderRows[];
}
/** Where a copy of the warehouse is to be written. */
export const copySchema = closed({
  path: v.pipe(
    v.string(),
    v.check((path) => isAbsolute(path) && path.endsWith('.duckdb')),
    v.description('the whole path of a new file, which ends in .duckdb'),
  ),
});
export type WarehouseCopy = v.InferOutput<typeof copySchema>;

/** What code a worker runs. */
export interface RunningBuild {
  /** The commit, with `+` and a hash of the changes where the tree had some; null where nobody knows. */
  readonly commit: string | null;
  /** What tells the build from others; null where nothing was built. */
  readonly id: string | null;
  /** Hashes of how the tables are declared and of the processors' lock; null where nothing was built. */
  readonly schema: string | null;
  readonly lock: string | null;
  readonly processors: Readonly<
    Record<ProcessorName, { readonly version: string; readonly source_hash: string | null }>
  >;
}

const overrides = v.pipe(
  closed({ now: v.exactOptional(instant) }),
  v.description('an object of policy settings, such as {"now": "2025-01-16T08:00:00Z"}'),
);

export const checkSchema = closed({
  game_date: gameDate,
  processors,
  /** Whether to check a run of them all, in which upstreams are built first; else each with what is published now. */
  as_run: v.pipe(v.boolean(), v.description('true or false')),
  overrides,
});
export type CheckRequest = v.InferOutput<typeof checkSchema>;

/** A decision that somebody thinks of taking: about a game, bypasses of processors, or what is unpinned. */
export const foreseeSchema = closed({
  game_date: gameDate,
  decision: v.exactOptional(
    v.pipe(
      closed({
        kind: v.pipe(v.picklist(gameDecisionKinds), v.description(`one of ${gameDecisionKinds.join(', ')}`)),
        game: nameText(100, 'the id of a game'),
        /** Of a release and a discard. */
        rules: v.exactOptional(seenRules),
        estimate: v.exactOptional(teamEstimate),
        by: who,
        reason,
        until: v.exactOptional(instant),
      }),
      v.description('a decision about a game'),
    ),
  ),
  bypass: v.exactOptional(
    v.pipe(
      v.array(closed({ processor, tables: v.array(tableName), by: who, reason })),
      v.maxLength(50),
      v.description('a list of bypasses'),
    ),
  ),
  /** Processors whose pin is lifted. */
  unpin: v.exactOptional(
    v.pipe(closed({ processors, by: who, reason }), v.description('what is unpinned, by whom and why')),
  ),
  overrides,
  /** Whether the date has waited until its deadline. */
  past_deadline: v.pipe(v.boolean(), v.description('true or false')),
});
export type ForeseeRequest = v.InferOutput<typeof foreseeSchema>;

/** What would come of one table. */
export interface ForeseenTable {
  readonly processor: ProcessorName;
  readonly table: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly liveVersion: number | null;
  /** The version that would be published, with its rows; null where none would. */
  readonly version: number | null;
  readonly rows: number | null;
  readonly missingGames: readonly GameVerdict[];
  readonly warnings: readonly string[];
  /** Which figures would change against what is live; null where nothing would be published. */
  readonly difference: VersionsDifference | null;
  /** What stands on it, and what would come of that. */
  readonly downstream: readonly {
    readonly table: string;
    readonly outcome: Outcome;
    readonly liveVersion: number | null;
    readonly version: number | null;
  }[];
}

/** Which dates are to be planned, or compared with what the present code makes of them. */
export const planSchema = closed({
  from: gameDate,
  to: gameDate,
  processors: v.exactOptional(processors),
  /** Dates at once, which the time is estimated for. */
  concurrency,
  overrides,
});
export type PlanRequest = v.InferOutput<typeof planSchema>;

/** Of which dates is asked what is missing. */
export const missingSchema = closed({
  from: gameDate,
  to: gameDate,
  needed_by: v.pipe(v.string(), v.regex(neededByPattern), v.description('a time of day such as 09:00')),
  overrides,
});
export type MissingRequest = v.InferOutput<typeof missingSchema>;
export type { MissingReport } from '../contracts/missing';

/** What the lines of a plan are: what it rests on, each date, what it would cost. */
export type PlanLine =
  | { readonly head: Pick<PlanDocument, 'planned_at' | 'now' | 'basis'> }
  | { readonly date: PlannedDate }
  | { readonly estimate: PlanEstimate };

/** What the present code makes of a date, against what is live. */
export interface WhatIfDate {
  readonly gameDate: string;
  readonly tables: readonly ForeseenTable[];
}

/** A game whose evidence breaks blocking rules now. */
export interface HeldGame extends Pick<GameVerdict, 'gameId' | 'status' | 'detail'> {
  readonly broken: readonly BrokenRule[];
  /** The decision about it that is in force. */
  readonly decision: AppliedDecision | null;
  /** Tables in which its rows are live, though its evidence contradicts them. */
  readonly liveIn: readonly string[];
  /** ISO 8601, UTC; null where no pass has recorded it yet. */
  readonly since: string | null;
}

/** Rows of a table that failed a check. */
export interface QuarantinedTable {
  readonly table: string;
  readonly processor: ProcessorName;
  readonly stageId: string;
  readonly rows: number;
  /** Rows that are still kept under the stage id. */
  readonly keptRows: number;
  readonly checks: readonly {
    readonly name: string;
    readonly detail: string;
    readonly samples: readonly Row[];
  }[];
  /** ISO 8601, UTC. */
  readonly quarantinedAt: string;
  readonly liveVersion: number | null;
}

/** What of a date is kept back. */
export interface QuarantinedDate {
  readonly gameDate: string;
  readonly games: readonly HeldGame[];
  readonly tables: readonly QuarantinedTable[];
  /** Tables that are pinned: what the rules make of their games now changes nothing of them. */
  readonly pinned: readonly string[];
}

/** Which published figure is to be explained. */
export const figureSchema = closed({
  table: tableName,
  game_date: gameDate,
  subject: visibleText(200, 'whom or what the row is about'),
  column: nameText(200, 'the name of a column'),
  game: v.exactOptional(id),
});
export type FigureQuery = v.InferOutput<typeof figureSchema>;

/** A date by the record. */
export interface RecordedStanding {
  readonly gameDate: string;
  /** Of its newest pass; `unknown` where it has partitions and no pass. */
  readonly state: RunState | 'unknown';
  readonly endedAt: string | null;
  readonly missing: readonly string[];
  /** Persons' bypasses, releases and estimates that live versions stand on. */
  readonly bypassIds: readonly string[];
  /** Which of these are decisions about games, and of what kind. */
  readonly decisions: Readonly<Record<string, GameDecisionKind>>;
  /** What is not published or unchanged, and why; games that are lacking; what is stale. */
  readonly reasons: readonly string[];
  /** Games that are lacking from what is live, or contradicted, by their ids. */
  readonly lacking: readonly string[];
  /** Those of them that no published table has. */
  readonly without: readonly string[];
  /** Those of them that break a blocking rule and are kept back. */
  readonly held: readonly string[];
  /** Processors whose live version is pinned. */
  readonly pinned: readonly ProcessorName[];
  /** Whether a live version is not what a run would build now; null where too many dates were asked for to look. */
  readonly isStale: boolean | null;
}

/** Which restore is to be foreseen. */
export const restorePreviewSchema = v.union(
  [
    closed({ game_date: gameDate, processor: processorName, version }),
    closed({ game_date: gameDate, before: instant }),
  ],
  'expected {"game_date", "processor", "version"} or {"game_date", "before"}',
);
export type RestorePreviewRequest = v.InferOutput<typeof restorePreviewSchema>;

export const adoptSchema = closed({ from: gameDate, to: gameDate, by: who, reason: note });
export type AdoptRequest = v.InferOutput<typeof adoptSchema>;

const newest = v.pipe(v.number(), v.integer(), v.minValue(1), v.description('a whole number from 1'));
/** Either a range, or the newest dates that have a manifest. */
export const verifySchema = v.union(
  [closed({ from: gameDate, to: gameDate }), closed({ newest })],
  'expected {"from", "to"} or {"newest"}',
);
export type VerifyRequest = v.InferOutput<typeof verifySchema>;

export type { VerifiedDate, VerifiedTable } from '../verify/verify-date';
export type { AdoptedPartition } from '../adoption/adopt-date';
export type { RowsDifference } from '../adoption/compare-rows';
export type { VersionsDifference } from '../versions/compare-versions';
export type { FoundEstimate, RestorePreview };
export type { PreviewedTable } from '../versions/preview-restore';
export type { PublishedVersion } from '../versions/published-version';
export type { PartitionChange } from '../versions/read-versions';
export type { FigureExplanation, UnknownFigure } from '../explain-figure/figure';

export interface CheckResponse {
  readonly verdicts: GateVerdict[];
}

export interface DeadLetterResponse {
  /** False when the message was there already. */
  readonly added: boolean;
}

/** What is on record of a date, what was decided about it among it. */
export interface DateRecord extends BuiltDate {
  readonly bypass_audit: readonly AuditRow[];
  /** Live versions that are not what a run would build now; absent where nobody looked. */
  readonly stale?: readonly StaleUpstream[];
}

export interface ErrorResponse {
  readonly error: string;
}

/** What is asked before a decision is taken, of whoever has the warehouse open. Nothing is written. */
export interface Questions {
  /** What of a date is kept back now. */
  quarantined(gameDate: string): Promise<QuarantinedDate>;
  /** What could stand for what the players of a game cannot give. */
  findEstimate(gameDate: string, gameId: string): Promise<FoundEstimate>;
  /** What a run would come to if this were decided. */
  foresee(request: ForeseeRequest): Promise<readonly ForeseenTable[]>;
  /** What a restore would do now. */
  previewRestore(request: RestorePreviewRequest): Promise<RestorePreview>;
}

export const ndjson = 'application/x-ndjson';
