/** The record of a published version: who built it, by which code, from which inputs, under which checks. Pure. */
import type { PassToken } from '../contracts/activities';
import type { BypassMark } from '../contracts/bypass-mark';
import { spellBuiltOn, type InputsByGame } from '../contracts/manifests';
import type { GameVerdict } from '../contracts/phase3';
import type { Processor } from '../processors/define-processor';
import type { ManifestRow } from '../tables/orchestration';
import type { CheckResult } from './check-rows';
import type { CodeIdentity } from '../contracts/code-identity';

/** What a manifest is made of. */
export interface Publication {
  readonly gameDate: string;
  readonly processor: Pick<Processor, 'name' | 'table'>;
  readonly code: CodeIdentity;
  readonly version: number;
  readonly fingerprint: string;
  readonly inputs: InputsByGame;
  readonly contentHash: string;
  readonly rowCount: number;
  readonly upstreamVersions: readonly { readonly tableName: string; readonly version: number }[];
  readonly missingGames: readonly GameVerdict[];
  readonly checks: readonly CheckResult[];
  /** Why it was built. */
  readonly reason: string;
  readonly mark: BypassMark | null;
  /** Where the date's audit ended, `seq:hash`; null before its first entry. */
  readonly auditHead: string | null;
  readonly stageId: string;
  readonly runId: string;
  readonly pass: number;
  /** ISO 8601, UTC. */
  readonly publishedAt: string;
}

/** The row of `partition_manifest`. */
export function manifestOf(publication: Publication): ManifestRow {
  const { gameDate, processor, code, mark } = publication;
  return {
    game_date: gameDate,
    table_name: processor.table.name,
    version: publication.version,
    processor: processor.name,
    processor_version: code.version,
    source_hash: code.sourceHash,
    code_commit: code.commit,
    fingerprint: publication.fingerprint,
    inputs: JSON.stringify(publication.inputs),
    content_hash: publication.contentHash,
    row_count: publication.rowCount,
    upstream_versions: spellBuiltOn(
      publication.upstreamVersions.map(({ tableName: table, version }) => ({ table, version })),
    ),
    missing_games: JSON.stringify(
      publication.missingGames.map(({ gameId, status, table, detail }) => ({
        game_id: gameId,
        ...{ status, table, detail },
      })),
    ),
    checks: JSON.stringify(
      publication.checks.map(({ name: check, blocking, passed, detail }) => ({
        ...{ check, blocking, passed, detail },
      })),
    ),
    reason: publication.reason,
    bypass: mark ? JSON.stringify(mark) : null,
    pin: null,
    audit_head: publication.auditHead,
    stage_id: publication.stageId,
    run_id: publication.runId,
    pass: publication.pass,
    published_at: publication.publishedAt,
  };
}

/** What is said of a version that is published again. */
interface Again {
  readonly version: number;
  readonly stageId: string;
  /** The pass that publishes it. */
  readonly fence: PassToken;
  /** Why, as a sentence without its full stop. */
  readonly reason: string;
  /** Where the date's audit ended, `seq:hash`; null before its first entry. */
  readonly auditHead: string | null;
  /** ISO 8601, UTC. */
  readonly publishedAt: string;
}

/** The manifest of kept rows that are published again: it says of their inputs what theirs said, and is pinned as they were. */
export function manifestAgain(
  kept: ManifestRow,
  { version, stageId, fence, reason, auditHead, publishedAt }: Again,
): ManifestRow {
  return {
    ...kept,
    ...{ version, reason, stage_id: stageId, audit_head: auditHead, published_at: publishedAt },
    ...{ run_id: fence.runId, pass: fence.pass },
  };
}
