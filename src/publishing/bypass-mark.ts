/** The mark that a bypass leaves on what is built over it: in its manifest, in its rows, and in everything downstream. */
import type { GateVerdict, PolicyBypass, ProcessorName } from '../contracts/phase3';
import { processors } from '../plan/processors';
import type { ManifestRow } from '../tables/orchestration';

/** The `bypass` of a manifest, as JSON. */
export type BypassMark =
  | PolicyBypass
  | {
      readonly kind: 'person';
      readonly bypass_id: string;
      readonly by: string;
      readonly reason: string;
      /** The tables that were missing. */
      readonly tables: readonly string[];
      /** Marks of the upstreams that it is built on. */
      readonly inherited: readonly string[];
    }
  /** What is built on a partition that stands on a bypass stands on it too. */
  | { readonly kind: 'inherited'; readonly inherited: readonly string[] };

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

/** The mark of a manifest; null when it has none. Written by {@link bypassMark}, so the shape is ours. */
export function parseBypass(json: string | null): BypassMark | null {
  return json === null ? null : (JSON.parse(json) as BypassMark);
}

/** The persons' bypasses that a mark names, its own first. A bypass by policy has no id: nobody decided it. */
export function bypassIdsOf(mark: BypassMark | null): string[] {
  switch (mark?.kind) {
    case 'person':
      return [mark.bypass_id, ...mark.inherited];
    case 'inherited':
      return [...mark.inherited];
    case 'policy':
    case undefined:
      return [];
  }
}
