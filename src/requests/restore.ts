/** What a restore and an unpin may name: the same for who types and for who posts. Pure. */
import { liveManifests } from '../contracts/manifests';
import type { RestoreWanted } from '../contracts/messages';
import type { ProcessorName } from '../contracts/phase3';
import type { Fault, Read } from '../contracts/schema';
import type { ManifestRow } from '../tables/orchestration';

/** How each of them is called where it comes from. */
interface Names {
  readonly processor: string;
  readonly version: string;
  readonly before: string;
}

/** A restore names a version of one processor's table, or an instant; not both, and not half of one. */
export function readRestore(
  given: {
    readonly processor?: ProcessorName | undefined;
    readonly version?: number | undefined;
    readonly before?: string | undefined;
  },
  names: Names,
): Read<RestoreWanted> {
  const { processor, version, before } = given;
  const faults: Fault[] = [];
  for (const field of ['processor', 'version'] as const) {
    if (before !== undefined && given[field] !== undefined)
      faults.push({
        ...{ code: 'not_allowed', field: names[field] },
        problem: `is not allowed beside ${names.before}, which restores every table of the date`,
      });
    if (before === undefined && given[field] === undefined)
      faults.push({
        ...{ code: 'missing', field: names[field] },
        problem: `is missing; a restore needs ${names.processor} and ${names.version}, or ${names.before}`,
      });
  }
  if (faults.length > 0) return { ok: false, faults };
  if (before !== undefined) return { ok: true, value: { before } };
  return { ok: true, value: { processor: processor ?? '', version: version ?? 0 } };
}

/** The processors whose pin is lifted: the one that is named, or all that are pinned. A fault where there is none. */
export function readUnpin(
  manifests: readonly ManifestRow[],
  { gameDate, processor }: { readonly gameDate: string; readonly processor?: ProcessorName | undefined },
  names: { readonly date: string; readonly processor: string },
): Read<readonly ProcessorName[]> {
  const pinned = liveManifests(manifests).flatMap((live) => (live.pin === null ? [] : [live.processor]));
  if (processor === undefined && pinned.length > 0) return { ok: true, value: pinned };
  if (processor !== undefined && pinned.includes(processor)) return { ok: true, value: [processor] };
  const nothing = `nothing of ${gameDate} is pinned`;
  if (processor === undefined)
    return {
      ok: false,
      faults: [{ code: 'wrong_value', field: names.date, problem: `is ${gameDate}: ${nothing}` }],
    };
  const known = pinned.length > 0 ? `of ${gameDate} are pinned ${pinned.join(', ')}` : nothing;
  return {
    ok: false,
    faults: [
      {
        code: 'wrong_value',
        field: names.processor,
        problem: `is ${processor}, which is not pinned: ${known}`,
      },
    ],
  };
}
