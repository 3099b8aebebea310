/** What is on record of the version that a figure was published with. Pure. */
import { bypassIdsOf, parseBypass } from '../contracts/bypass-mark';
import { builtOnOf } from '../contracts/manifests';
import { parsePin } from '../contracts/pin';
import type { RuleResult } from '../games/rules/judge-game';
import { currentManifest, type DateSnapshot } from '../gate/snapshot';
import type { Processor } from '../processors/define-processor';
import type { AuditRow, ManifestRow, RunHistoryRow } from '../tables/orchestration';
import type { FigureDecision, FigureRule, FigureVersion } from './figure';

/** A manifest, with the pass that published it. Its JSON was written by ourselves, so its shapes are ours. */
export function versionOf(
  processor: Processor,
  live: ManifestRow,
  snapshot: DateSnapshot,
  passes: readonly RunHistoryRow[],
): FigureVersion {
  const pass = passes.find((row) => row.run_id === live.run_id && row.pass === live.pass);
  const builtOn = builtOnOf(live);
  return {
    version: live.version,
    processor: live.processor,
    processorVersion: live.processor_version,
    sourceHash: live.source_hash,
    commit: live.code_commit,
    fingerprint: live.fingerprint,
    contentHash: live.content_hash,
    reason: live.reason,
    publishedAt: live.published_at,
    stageId: live.stage_id,
    runId: live.run_id,
    pass: live.pass,
    run: pass
      ? {
          ...{ workflowId: pass.workflow_id, startedAt: pass.started_at },
          requests: JSON.parse(pass.requests) as unknown,
        }
      : null,
    upstreams: Object.values(processor.upstreams).map(({ table }) => ({
      table: table.name,
      version: builtOn.find((upstream) => upstream.table === table.name)?.version ?? 0,
      liveVersion: currentManifest(snapshot, table)?.version ?? null,
    })),
    checks: JSON.parse(live.checks) as FigureVersion['checks'],
  };
}

/** The decisions that a game stands on in the live versions of a table and of what it was built on, in the order of the audit. */
export function decisionsOf(
  processor: Processor,
  gameId: string,
  snapshot: DateSnapshot,
  audit: readonly AuditRow[],
): FigureDecision[] {
  const live = currentManifest(snapshot, processor.table);
  if (!live) return [];
  const builtOn = builtOnOf(live);
  const below = Object.values(processor.upstreams)
    .filter(({ table }) => builtOn.some((upstream) => upstream.table === table.name))
    .flatMap((upstream) => decisionsOf(upstream, gameId, snapshot, audit));
  const own = audit
    .filter((entry) => isOf(entry, live, gameId))
    .map((entry) => ({
      ...{ table: processor.table.name, seq: entry.seq, kind: entry.kind, by: entry.decided_by },
      ...{ reason: entry.reason, at: entry.decided_at },
    }));
  return [...own, ...below]
    .filter(({ seq }, index, all) => all.findIndex((other) => other.seq === seq) === index)
    .sort((a, b) => a.seq - b.seq);
}

/**
 * Whether a game of a version stands on a decision: a bypass in its mark, a release of the game or an estimate for it, a policy that let it pass, a
 * restore or a rerun that made it.
 */
function isOf(entry: AuditRow, live: ManifestRow, gameId: string): boolean {
  const evidence = JSON.parse(entry.evidence) as {
    bypassId?: string;
    version?: number;
    game?: string;
  } | null;
  const marks = bypassIdsOf(parseBypass(live.bypass));
  const isOwn = entry.processor === null || entry.processor === live.processor;
  switch (entry.kind) {
    case 'bypass':
    case 'bypass_used':
    case 'bypass_cleared':
    case 'bypass_expired':
      return marks.includes(evidence?.bypassId ?? '');
    case 'release':
    case 'estimate':
      return evidence?.game === gameId && marks.includes(entry.entry_id);
    case 'policy_bypass':
      return isOwn && evidence?.version === live.version;
    case 'restore':
      return parsePin(live.pin)?.request_id === entry.entry_id;
    case 'unpin':
    case 'rerun':
      return isOwn && entry.run_id === live.run_id && entry.pass === live.pass;
    default:
      return false;
  }
}

/** What the rules make of a game. */
export function rulesOf(results: readonly RuleResult[]): FigureRule[] {
  return results.map(({ rule, status, contradictions }) => ({
    ...{ id: rule.id, name: rule.name, blocking: rule.blocking, status },
    details: contradictions.map(({ detail }) => detail),
  }));
}
