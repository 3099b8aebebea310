/** The mark of what a processor builds over a bypass, its own or an upstream's. Pure. */
import { bypassIdsOf, parseBypass, type BypassMark } from '../contracts/bypass-mark';
import type { GateVerdict, ProcessorName } from '../contracts/phase3';
import { processors } from '../plan/processors';
import type { ManifestRow } from '../tables/orchestration';

/** The mark of what is built under this verdict on these upstream manifests; null when it stands on nothing of the sort. */
export function bypassMark(
  name: ProcessorName,
  liveManifest: (name: ProcessorName) => ManifestRow | null,
  verdict: GateVerdict,
  readsUpstreams: boolean,
): BypassMark | null {
  const upstreams = readsUpstreams ? processors[name].upstreams : [];
  const inherited = [
    ...new Set(
      upstreams.flatMap((upstream) => bypassIdsOf(parseBypass(liveManifest(upstream)?.bypass ?? null))),
    ),
  ];
  if (verdict.bypass) {
    const { bypassId, by, reason, tables } = verdict.bypass;
    return { kind: 'person', bypass_id: bypassId, by, reason, tables, inherited };
  }
  if (inherited.length > 0) return { kind: 'inherited', inherited };
  return verdict.policyBypass;
}
