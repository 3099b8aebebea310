/** The mark of what a processor builds over a bypass, its own or an upstream's. Pure. */
import { bypassIdsOf, parseBypass, type BypassMark } from '../contracts/bypass-mark';
import type { GateVerdict } from '../contracts/phase3';
import type { SelectedNight } from '../gate/select-inputs';
import type { Processor } from '../processors/define-processor';
import type { ManifestRow } from '../tables/orchestration';

/**
 * The mark of what is built under this verdict on these upstream manifests; null when it stands on nothing of the sort. Live
 * rows that are kept stand on what they stood on.
 */
export function bypassMark(
  processor: Processor,
  liveManifest: (processor: Processor) => ManifestRow | null,
  verdict: GateVerdict,
  ignored: (alias: string) => boolean,
  { kept, released }: Pick<SelectedNight, 'kept' | 'released'>,
): BypassMark | null {
  const upstreams = Object.entries(processor.upstreams).flatMap(([alias, upstream]) =>
    ignored(alias) ? [] : bypassIdsOf(parseBypass(liveManifest(upstream)?.bypass ?? null)),
  );
  const own = kept.some((row) => row['bypass_id'] !== null)
    ? parseBypass(liveManifest(processor)?.bypass ?? null)
    : null;
  const releases = released.map(({ decisionId }) => decisionId);
  const inherited = [...new Set([...releases, ...upstreams, ...bypassIdsOf(own)])];
  if (verdict.bypass) {
    const { bypassId, by, reason, tables, until } = verdict.bypass;
    return {
      ...{ kind: 'person', bypass_id: bypassId, by, reason, tables },
      ...(until === undefined ? {} : { until }),
      inherited: inherited.filter((id) => id !== bypassId),
    };
  }
  if (own?.kind === 'person') return { ...own, inherited: inherited.filter((id) => id !== own.bypass_id) };
  if (inherited.length > 0) return { kind: 'inherited', inherited };
  return verdict.policyBypass;
}
