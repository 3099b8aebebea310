/** The mark of what a processor builds over a bypass, its own or an upstream's. Pure. */
import { bypassIdsOf, parseBypass, type BypassMark, type StandsOn } from '../contracts/bypass-mark';
import type { GameDecision } from '../contracts/game-decisions';
import type { GateVerdict } from '../contracts/phase3';
import type { SelectedNight } from '../gate/select-inputs';
import type { Processor } from '../processors/define-processor';
import type { ManifestRow } from '../tables/orchestration';

type About = (id: string) => Pick<GameDecision, 'gameId' | 'kind'> | null;

/**
 * The mark of what is built under this verdict on these upstream manifests; null when it stands on nothing of the sort. Live
 * rows that are kept stand on what they stood on. `about`: the decision about a game that an id is of; null for a
 * bypass.
 */
export function bypassMark(
  processor: Processor,
  liveManifest: (processor: Processor) => ManifestRow | null,
  verdict: GateVerdict,
  ignored: (alias: string) => boolean,
  { kept, decided }: Pick<SelectedNight, 'kept' | 'decided'>,
  about: About,
): BypassMark | null {
  const upstreams = Object.entries(processor.upstreams).flatMap(([alias, upstream]) =>
    ignored(alias) ? [] : bypassIdsOf(parseBypass(liveManifest(upstream)?.bypass ?? null)),
  );
  const live = parseBypass(liveManifest(processor)?.bypass ?? null);
  const own = idsOfKept(kept, live, about);
  const decisions = decided.map(({ decisionId }) => decisionId);
  const inherited = [...new Set([...decisions, ...upstreams, ...own])];
  if (verdict.bypass) {
    const { bypassId, by, reason, tables, until } = verdict.bypass;
    return {
      ...{ kind: 'person', bypass_id: bypassId, by, reason, tables, until },
      inherited: inherited.filter((id) => id !== bypassId),
      ...kindsOf(inherited, about),
    };
  }
  if (live?.kind === 'person' && own.includes(live.bypass_id))
    return {
      ...{ kind: 'person', bypass_id: live.bypass_id, by: live.by, reason: live.reason },
      ...{ tables: live.tables, until: live.until },
      inherited: inherited.filter((id) => id !== live.bypass_id),
      ...kindsOf(inherited, about),
    };
  if (inherited.length > 0) return { kind: 'inherited', inherited, ...kindsOf(inherited, about) };
  return verdict.policyBypass;
}

/** Which of these are decisions about games: what the audit of the date has, for those who read the mark without it. */
function kindsOf(ids: readonly string[], about: About): Pick<StandsOn, 'decisions'> {
  const decisions = Object.fromEntries(
    ids.flatMap((id) => {
      const own = about(id);
      return own ? [[id, own.kind] as const] : [];
    }),
  );
  return Object.keys(decisions).length > 0 ? { decisions } : {};
}

/**
 * Of what the live version stands on, what its kept rows do. A row names one decision about its game for all of them, or the first
 * of its bypasses.
 */
function idsOfKept(kept: SelectedNight['kept'], live: BypassMark | null, about: About): string[] {
  const onRows = new Set(kept.flatMap((row) => (row['bypass_id'] == null ? [] : [String(row['bypass_id'])])));
  const gameOf = (id: string): string | null => about(id)?.gameId ?? null;
  const games = new Set([...onRows].map(gameOf));
  const person = live?.kind === 'person' ? live.bypass_id : null;
  // Null is among the games where a row stands on a bypass.
  return bypassIdsOf(live).filter((id) => onRows.has(id) || (id !== person && games.has(gameOf(id))));
}
