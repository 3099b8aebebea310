/** What the record of a date says that bears on what is found of it: whether it is known, decided, or under way. Pure. */
import { liveManifests } from '../../contracts/manifests';
import { adoptedVersion, isTrouble, type RunState } from '../../contracts/phase3';
import { recordedDate } from '../../contracts/run-record';
import type { ManifestRow, RunHistoryRow } from '../../tables/orchestration';

export interface Standing {
  /** Null where the date was never run. */
  readonly state: RunState | null;
  /** Whether its last pass needs a person, who was notified: then that it is stale is not reported, too. */
  readonly isInTrouble: boolean;
  /** The decision of a person by which the date is stale, as a clause; null where there is none. */
  readonly staleBy: string | null;
  /** Why it is not run again without a person, as a clause; null where it may be. */
  readonly noRepair: string | null;
  /** Requests that have been answered. */
  readonly answered: ReadonlySet<string>;
}

export function standingOf(history: readonly RunHistoryRow[], manifests: readonly ManifestRow[]): Standing {
  const state = recordedDate(history)?.state ?? null;
  const adopted = liveManifests(manifests).find((manifest) => manifest.processor_version === adoptedVersion);
  const decided = state === 'cancelled' ? 'the date was cancelled by a person' : null;
  return {
    ...{ state, staleBy: decided },
    isInTrouble: state !== null && isTrouble(state),
    noRepair:
      decided ??
      (adopted ? `version ${adopted.version} of ${adopted.table_name} was adopted by a person` : null),
    answered: new Set(history.flatMap(requestsOf).map(({ request_id: id }) => id)),
  };
}

/** As `recordPass` writes them. */
function requestsOf({ requests }: RunHistoryRow): readonly { readonly request_id: string }[] {
  return JSON.parse(requests) as { request_id: string }[];
}
