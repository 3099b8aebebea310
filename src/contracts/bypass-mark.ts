/** The mark that a bypass leaves on what is built over it: in its manifest, in its rows, and in everything downstream. */
import type { ManifestRow } from '../tables/orchestration';
import type { Bypass } from './decisions';
import type { GameDecisionKind } from './game-decisions';
import { liveManifests } from './manifests';
import type { PolicyBypass } from './phase3';

/** Which of the ids of a mark are decisions about games, and of what kind; the others are bypasses. Left out where none is. */
interface OfDecisions {
  readonly decisions?: Readonly<Record<string, GameDecisionKind>>;
}

/** The `bypass` of a manifest, as JSON. */
export type BypassMark =
  | PolicyBypass
  | (OfDecisions & {
      readonly kind: 'person';
      readonly bypass_id: string;
      readonly by: string;
      readonly reason: string;
      /** The tables that were missing. */
      readonly tables: readonly string[];
      /** ISO 8601, UTC: until when it holds. */
      readonly until: string;
      /** Marks of the upstreams that it is built on, and decisions about its games. */
      readonly inherited: readonly string[];
    })
  /** What is built on a partition that stands on a decision stands on it too, and so does what has a game that was decided about. */
  | (OfDecisions & { readonly kind: 'inherited'; readonly inherited: readonly string[] });

/** The mark of a manifest; null when it has none. Written by the processor's activity, so the shape is ours. */
export function parseBypass(json: string | null): BypassMark | null {
  return json === null ? null : (JSON.parse(json) as BypassMark);
}

/** What a version stands on by decisions of people. */
export interface StandsOn {
  readonly bypassIds: string[];
  /** Which of these are decisions about games, and of what kind; left out where none is. */
  readonly decisions?: Readonly<Record<string, GameDecisionKind>>;
}

/** The ids that a manifest's mark names, and what they are of. */
export function standsOn(manifest: Pick<ManifestRow, 'bypass'> | null): StandsOn {
  return standsOnMark(parseBypass(manifest?.bypass ?? null));
}

export function standsOnMark(mark: BypassMark | null): StandsOn {
  const decisions = mark && 'decisions' in mark ? mark.decisions : undefined;
  return { bypassIds: bypassIdsOf(mark), ...(decisions ? { decisions } : {}) };
}

/** The ids with what each is of, as a part of a sentence: "bypass b-1, release r-1". */
export function describeStandsOn(
  ids: readonly string[],
  decisions: Readonly<Record<string, GameDecisionKind>> = {},
): string {
  const kindOf = (id: string): string => (Object.hasOwn(decisions, id) ? (decisions[id] ?? '') : 'bypass');
  return [...new Set(ids.map(kindOf))]
    .map((kind) => `${kind} ${ids.filter((id) => kindOf(id) === kind).join(', ')}`)
    .join(', ');
}

/** The persons' bypasses, releases and estimates that a mark names, its own first. A bypass by policy has no id: nobody decided it. */
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

/**
 * Persons' bypasses that live versions stand on: what is open of them outlives the run in which they were decided. A pinned
 * version is not rid of its bypass by rows that arrive, so nothing waits for them.
 */
export function standingBypasses(manifests: readonly ManifestRow[]): Bypass[] {
  return liveManifests(manifests).flatMap((live): Bypass[] => {
    const mark = parseBypass(live.bypass);
    if (mark?.kind !== 'person' || live.pin !== null) return [];
    return [
      {
        bypassId: mark.bypass_id,
        processor: live.processor,
        by: mark.by,
        reason: mark.reason,
        at: live.published_at,
        tables: [...mark.tables],
        status: 'standing',
        version: live.version,
        until: mark.until,
      },
    ];
  });
}
