/** What a decision about a game may be about: the same for who types and for who posts. */
import { liveManifests } from '../contracts/manifests';
import type { GameDecisionKind, SeenRule, TeamEstimate } from '../contracts/game-decisions';
import type { Fault, Read } from '../contracts/schema';
import { listedRules } from '../plan/rules';
import type { ManifestRow } from '../tables/orchestration';

/** What is so of the date: asked of whoever has the warehouse open. */
export interface DateAsked {
  quarantined(gameDate: string): Promise<{
    readonly games: readonly { readonly gameId: string; readonly broken: readonly SeenRule[] }[];
    readonly tables: readonly { readonly table: string }[];
  }>;
  findEstimate(
    gameDate: string,
    gameId: string,
  ): Promise<
    | { readonly kind: 'estimate'; readonly estimate: TeamEstimate }
    | { readonly kind: 'refused'; readonly why: string }
  >;
}

/** A rule by its name or number, or as somebody has seen it broken. */
export type NamedRule = string | SeenRule;

export interface AskedDecision {
  readonly kind: GameDecisionKind;
  readonly gameDate: string;
  readonly game: string;
  /** What it may break, or all that it breaks now. A discard is about all of it. */
  readonly rules: readonly NamedRule[] | 'all';
}

/** What is decided about. */
export type DecidedAbout = { readonly rules: SeenRule[] } | { readonly estimate: TeamEstimate };

/** What a decision is about, by what is so now; a fault where there is nothing of the sort. `names`: how each field is called. */
export async function readDecidedAbout(
  date: DateAsked,
  asked: AskedDecision,
  names: { readonly game: string; readonly rules: string },
): Promise<Read<DecidedAbout>> {
  const { kind, gameDate, game } = asked;
  if (kind === 'estimate') {
    const found = await date.findEstimate(gameDate, game);
    if (found.kind === 'estimate') return { ok: true, value: { estimate: found.estimate } };
    return refused(names.game, `is ${game}, of which nothing is estimated: ${found.why}`);
  }
  const { games, tables } = await date.quarantined(gameDate);
  const held = games.find(({ gameId }) => gameId === game);
  if (!held) {
    const known = [...games.map(({ gameId }) => gameId), ...tables.map(({ table }) => table)];
    const kept = known.length > 0 ? `kept back are ${known.join(', ')}` : 'nothing of the date is kept back';
    return refused(names.game, `is ${game}, which is not kept back on ${gameDate}: ${kept}`);
  }
  const found = readRules(held, asked.rules, names.rules);
  const left = found.ok
    ? held.broken.filter(({ rule }) => !found.value.rules.some((own) => own.rule === rule))
    : [];
  if (kind === 'discard' && left.length > 0)
    return refused(
      names.rules,
      `leaves out ${left.map(({ rule }) => rule).join(', ')}: a discard is about all that the game breaks`,
    );
  return found;
}

/** The rules that are named, with what is seen of each; a fault where the game does not break one of them so. */
function readRules(
  { gameId, broken }: { readonly gameId: string; readonly broken: readonly SeenRule[] },
  named: AskedDecision['rules'],
  field: string,
): Read<{ readonly rules: SeenRule[] }> {
  const wanted = named === 'all' ? broken.map(({ rule }) => rule) : named;
  const seen: SeenRule[] = [];
  for (const one of wanted) {
    const text = typeof one === 'string' ? one.trim() : one.rule;
    const name = listedRules.find(({ id }) => id === text)?.name ?? text;
    const own = broken.find(({ rule }) => rule === name);
    if (!own)
      return refused(
        field,
        `names ${text}, which ${gameId} does not break: it breaks ${broken.map(({ rule }) => rule).join(', ')}`,
      );
    if (typeof one !== 'string' && one.evidence !== own.evidence)
      return refused(field, `names ${text} by evidence that is another now; look again, and decide then`);
    seen.push({ rule: own.rule, evidence: own.evidence });
  }
  return { ok: true, value: { rules: seen } };
}

function refused(field: string, problem: string): { ok: false; faults: Fault[] } {
  return { ok: false, faults: [{ code: 'wrong_value', field, problem }] };
}

/** Why a decision that would publish a game is refused, as a clause: what is pinned stays as it is. Null where nothing is. */
export function whyPinned(
  manifests: readonly ManifestRow[],
  gameDate: string,
  kind: GameDecisionKind,
): string | null {
  const pinned = liveManifests(manifests).filter(({ pin }) => pin !== null);
  if (kind === 'discard' || pinned.length === 0) return null;
  const tables = pinned.map(({ table_name: table }) => table).join(', ');
  const what = kind === 'estimate' ? 'an estimate' : 'a release';
  return `${gameDate} is pinned (${tables}), so ${what} would publish nothing. \`phase3 unpin ${gameDate} --reason "WHY"\` lifts the pin; decide about the game then.`;
}
