/** The mark of what a processor builds over a bypass, its own or an upstream's. Pure. */
import { bypassIdsOf, parseBypass, type BypassMark } from '../contracts/bypass-mark';
import type { GateVerdict } from '../contracts/phase3';
import type { SelectedNight } from '../gate/select-inputs';
import type { Processor } from '../processors/define-processor';
import type { ManifestRow } from '../tables/orchestration';

/**
 * The mark of what is built under this verdict on these upstream manifests; null when it stands on nothing of the sort. Live
 * rows that are kept stand on what they stood on. `isRelease`: whether an id is that of a release.
 */
export function bypassMark(
  processor: Processor,
  liveManifest: (processor: Processor) => ManifestRow | null,
  verdict: GateVerdict,
  ignored: (alias: string) => boolean,
  { kept, released }: Pick<SelectedNight, 'kept' | 'released'>,
  isRelease: (id: string) => boolean,
): BypassMark | null {
  const upstreams = Object.entries(processor.upstreams).flatMap(([alias, upstream]) =>
    ignored(alias) ? [] : bypassIdsOf(parseBypass(liveManifest(upstream)?.bypass ?? null)),
  );
  const live = parseBypass(liveManifest(processor)?.bypass ?? null);
  const own = idsOfKept(kept, live, isRelease);
  const releases = released.map(({ decisionId }) => decisionId);
  const inherited = [...new Set([...releases, ...upstreams, ...own])];
  if (verdict.bypass) {
    const { bypassId, by, reason, tables, until } = verdict.bypass;
    return {
      ...{ kind: 'person', bypass_id: bypassId, by, reason, tables, until },
      inherited: inherited.filter((id) => id !== bypassId),
    };
  }
  if (live?.kind === 'person' && own.includes(live.bypass_id))
    return { ...live, inherited: inherited.filter((id) => id !== live.bypass_id) };
  if (inherited.length > 0) return { kind: 'inherited', inherited };
  return verdict.policyBypass;
}

/** Of what the live version stands on, what its kept rows do. A row names its release, or the first of its bypasses for all of them. */
function idsOfKept(
  kept: SelectedNight['kept'],
  live: BypassMark | null,
  isRelease: (id: string) => boolean,
): string[] {
  const onRows = new Set(kept.map((row) => row['bypass_id'] ?? null));
  const isOverBypass = [...onRows].some((id) => id !== null && !isRelease(String(id)));
  const person = live?.kind === 'person' ? live.bypass_id : null;
  return bypassIdsOf(live).filter(
    (id) => onRows.has(id) || (isOverBypass && id !== person && !isRelease(id)),
  );
}
