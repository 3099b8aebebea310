/** What a run of a processor would do: build its partition anew, and why, or leave it as it is. Pure. */
import { parseBypass, standsOn } from '../contracts/bypass-mark';
import type { GateVerdict, ProcessorResult } from '../contracts/phase3';
import type { Processor } from '../processors/define-processor';
import type { ManifestRow } from '../tables/orchestration';
import { upstreamUse, whyNotCurrent, type ProcessorVersions } from './judge-processor';
import { currentManifest, type DateSnapshot } from './snapshot';

/** Why the live version of the verdict's processor is to be built anew; null when it is what a run would build. */
export function whyRebuild(
  processor: Processor,
  { bypass }: Pick<GateVerdict, 'bypass'>,
  snapshot: DateSnapshot,
  versions: ProcessorVersions,
): string | null {
  const use = upstreamUse(processor, snapshot, versions, new Set(bypass?.tables));
  const manifest = currentManifest(snapshot, processor.table);
  return whyNotCurrent(processor, snapshot, versions, use) ?? whyMarkIsOver(manifest, bypass);
}

/** A version that stands on a person's bypass is built anew once nothing is missing: that is what clears the mark. */
function whyMarkIsOver(manifest: ManifestRow | null, bypass: GateVerdict['bypass']): string | null {
  const mark = parseBypass(manifest?.bypass ?? null);
  return mark?.kind === 'person' && !bypass
    ? `it was built with bypass ${mark.bypass_id}, and nothing is missing now`
    : null;
}

/** What comes of a processor whose live version is left as it is. */
export function unchangedResult(
  { processor, missingGames, policyBypass }: GateVerdict,
  manifest: ManifestRow,
): ProcessorResult {
  return {
    ...{ processor, missing: [], missingGames, policyBypass, warnings: [] },
    outcome: 'unchanged',
    reason: `inputs and stored rows are the same as in version ${manifest.version}`,
    version: manifest.version,
    rowCount: manifest.row_count,
    ...standsOn(manifest),
  };
}
