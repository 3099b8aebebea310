/** The mark of what a processor builds over a bypass, its own or an upstream's. Pure. */
import { bypassIdsOf, parseBypass, type BypassMark } from '../contracts/bypass-mark';
import type { GateVerdict } from '../contracts/phase3';
import type { Processor } from '../processors/define-processor';
import type { ManifestRow } from '../tables/orchestration';

/** The mark of what is built under this verdict on these upstream manifests; null when it stands on nothing of the sort. */
export function bypassMark(
  { upstreams }: Processor,
  liveManifest: (upstream: Processor) => ManifestRow | null,
  verdict: GateVerdict,
  ignored: (alias: string) => boolean,
): BypassMark | null {
  const inherited = [
    ...new Set(
      Object.entries(upstreams).flatMap(([alias, upstream]) =>
        ignored(alias) ? [] : bypassIdsOf(parseBypass(liveManifest(upstream)?.bypass ?? null)),
      ),
    ),
  ];
  if (verdict.bypass) {
    const { bypassId, by, reason, tables } = verdict.bypass;
    return { kind: 'person', bypass_id: bypassId, by, reason, tables, inherited };
  }
  if (inherited.length > 0) return { kind: 'inherited', inherited };
  return verdict.policyBypass;
}
