/** What made a version differ from an earlier one, by what their manifests say. Pure. */
import { parseBypass } from '../contracts/bypass-mark';
import { builtOnOf, missingGamesOf, type MissingGame } from '../contracts/manifests';
import { adoptedVersion } from '../contracts/phase3';
import { parsePin } from '../contracts/pin';
import type { ManifestRow } from '../tables/orchestration';
import { movedBetween } from './moved-inputs';

export interface Cause {
  /**
   * `first`: nothing was published before. `formula`: another processor version or other sources. `input`: other raw rows.
   * `upstream`: built on another version of an upstream. `person`: restored, bypassed or forced. `policy`: passed by the
   * two-day rule. `adopted`: the version before was adopted, so its inputs are unknown. `repeat`: none of these, the
   * manifest's own reason says why it was built.
   */
  readonly kind: 'first' | 'formula' | 'input' | 'upstream' | 'person' | 'policy' | 'adopted' | 'repeat';
  readonly detail: string;
}

/** Why `after` differs from `before`, which is null where nothing was published before. Never empty. */
export function causesOf(before: ManifestRow | null, after: ManifestRow): Cause[] {
  if (before === null) return [{ kind: 'first', detail: after.reason }, ...decisionsOf(null, after)];
  // A restored version repeats what the old one says of its inputs: what moved the figures is the person.
  if (isRestored(before, after)) return [{ kind: 'person', detail: after.reason }];
  const decisions = decisionsOf(before, after);
  if (before.processor_version === adoptedVersion)
    return [
      { kind: 'adopted', detail: `version ${before.version} was adopted, and its inputs are unknown` },
      ...decisions,
    ];
  const built = [
    ...formulaOf(before, after),
    ...upstreamsOf(before, after),
    ...gamesOf(before, after),
    ...(movedBetween(before, after) ?? []).map((detail): Cause => ({ kind: 'input', detail })),
  ];
  // Of manifests without inputs only the fingerprint tells: it covers formula, upstreams and raw rows together: only where the others stayed does it tell of the rows.
  if (built.length === 0 && before.fingerprint !== after.fingerprint)
    built.push({
      kind: 'input',
      detail: `the raw rows changed, fingerprint ${short(before.fingerprint)} → ${short(after.fingerprint)}`,
    });
  const causes = [...built, ...decisions];
  return causes.length > 0 ? causes : [{ kind: 'repeat', detail: after.reason }];
}

/** The causes of every step of a partition's versions, ascending, each once. */
export function causesOfSteps(before: ManifestRow | null, later: readonly ManifestRow[]): Cause[] {
  const causes = new Map<string, Cause>();
  let last = before;
  for (const manifest of later) {
    for (const cause of causesOf(last, manifest)) causes.set(`${cause.kind} ${cause.detail}`, cause);
    last = manifest;
  }
  return [...causes.values()];
}

/**
 * Whether changed raw rows could hide behind these causes: without the inputs of both versions, the fingerprint cannot tell
 * them apart.
 */
export function mayHideInput(
  causes: readonly Cause[],
  manifests: readonly Pick<ManifestRow, 'inputs'>[],
): boolean {
  if (manifests.every(({ inputs }) => inputs !== null)) return false;
  const has = (kind: Cause['kind']): boolean => causes.some((cause) => cause.kind === kind);
  return (has('formula') || has('upstream')) && !has('input');
}

/** Whether a restore published it. Rows that were put back are pinned by the same decision as before. */
function isRestored(before: ManifestRow, after: ManifestRow): boolean {
  const pin = parsePin(after.pin);
  return pin !== null && pin.request_id !== parsePin(before.pin)?.request_id;
}

function formulaOf(before: ManifestRow, after: ManifestRow): Cause[] {
  const { processor_version: old, source_hash: oldHash } = before;
  const { processor_version: now, source_hash: hash } = after;
  if (old !== now) return [{ kind: 'formula', detail: `processor version ${old} → ${now}` }];
  if (oldHash === null || hash === null || oldHash === hash) return [];
  const detail = `the processor's sources changed, ${short(oldHash)} → ${short(hash)}, though its version is ${now} as before`;
  return [{ kind: 'formula', detail }];
}

function upstreamsOf(before: ManifestRow, after: ManifestRow): Cause[] {
  const old = new Map(builtOnOf(before).map(({ table, version }) => [table, version]));
  const now = new Map(builtOnOf(after).map(({ table, version }) => [table, version]));
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((table): Cause[] => {
    const [was, is] = [old.get(table), now.get(table)];
    if (was === is) return [];
    return [{ kind: 'upstream', detail: `${table} version ${was ?? 'none'} → ${is ?? 'none'}` }];
  });
}

/** Games that one of the two was built without, or by a person's decision. */
function gamesOf(before: ManifestRow, after: ManifestRow): Cause[] {
  const gamesWith = (manifest: ManifestRow): Map<string, MissingGame> =>
    new Map(missingGamesOf(manifest).map((game) => [game.gameId, game]));
  const [old, now] = [gamesWith(before), gamesWith(after)];
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((id): Cause[] => {
    const [was, is] = [old.get(id), now.get(id)];
    if (is && isOfPerson(is) && was?.detail !== is.detail)
      return [{ kind: 'person', detail: `game ${id}: ${is.detail}` }];
    if (was && isOfPerson(was) && is && !isOfPerson(is))
      return [
        { kind: 'person', detail: `game ${id} is ${is.status} again: the decision about it holds no more` },
      ];
    if (is && !was) return [{ kind: 'input', detail: `game ${id} is missing or contradicted since` }];
    return was && !is ? [{ kind: 'input', detail: `game ${id} is complete now` }] : [];
  });
}

/** Whether a game is what it is by a person's decision, which its detail tells. */
function isOfPerson({ status }: MissingGame): boolean {
  return status === 'released' || status === 'discarded';
}

/** What was decided for `after` and not for `before`. */
function decisionsOf(before: ManifestRow | null, after: ManifestRow): Cause[] {
  const causes: Cause[] = [];
  const mark = before?.bypass === after.bypass ? null : parseBypass(after.bypass);
  if (mark?.kind === 'person') {
    const detail = `bypass ${mark.bypass_id} by ${mark.by}, without ${mark.tables.join(', ')}: ${mark.reason}`;
    causes.push({ kind: 'person', detail });
  }
  if (mark?.kind === 'policy')
    causes.push({
      kind: 'policy',
      detail: `${mark.rule}: ${mark.readyGames} of ${mark.finalGames} games were ready`,
    });
  const lifted = after.pin === null ? parsePin(before?.pin ?? null) : null;
  if (lifted)
    causes.push({
      kind: 'person',
      detail: `the pin to version ${lifted.version} by ${lifted.by} was lifted`,
    });
  const forced = /(?:^|; )(forced by .*)$/s.exec(after.reason)?.[1];
  if (forced !== undefined) causes.push({ kind: 'person', detail: `rerun, ${forced}` });
  return causes;
}

function short(hash: string): string {
  return hash.slice(0, 8);
}
