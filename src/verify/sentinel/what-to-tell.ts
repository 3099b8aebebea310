/**
 * What a sweep has to say of a date, given what it found, what it found before, and what was told. Pure.
 *
 * Rows that are not as they were published are reported at once: rows and manifest change in one transaction and are read as of one
 * instant. What is stale is reported when two sweeps find it and no run is at it: between new rows and the run that they set off
 * every version is stale for a moment. While a run has the date open, nothing is concluded that two sweeps do not agree on.
 */
import type { SentinelPolicy } from '../../contracts/sentinel';
import type { Standing } from './standing';
import type { Told, ToldOfDate } from './told';
import { hashOf, isRepairable, nameOf, printOf, type Trouble } from './troubles';

export interface Seen extends ToldOfDate {
  readonly gameDate: string;
  readonly troubles: readonly Trouble[];
  /** Whether a run has the date open. */
  readonly isOpen: boolean;
  /** What the sweep before suspected of it; null when nothing. */
  readonly suspected: string | null;
  readonly standing: Standing;
  readonly policy: SentinelPolicy;
  readonly now: Date;
}

export type ToTell =
  | {
      readonly kind: 'not_as_published';
      readonly entryId: string;
      /** What is reported; never empty. */
      readonly troubles: readonly Trouble[];
      readonly told: Omit<Told, 'at'>;
      /** Whether this asks for the repair that `told` names. */
      readonly repairs: boolean;
      /** Whether a person should hear of it. */
      readonly notifies: boolean;
    }
  | {
      readonly kind: 'as_published_again';
      readonly entryId: string;
      readonly since: string;
      /** What is left, by a person's decision, as a clause; null when nothing is. */
      readonly but: string | null;
    };

export interface Conclusion {
  readonly tell: ToTell | null;
  /** What the next sweep has to find again; null when nothing. */
  readonly suspicion: string | null;
}

/** A repair that no pass has answered after this long, with no run open, is taken for lost. */
const lostAfterMs = 3_600_000;

const nothing: Conclusion = { tell: null, suspicion: null };

export function whatToTell(seen: Seen): Conclusion {
  const { told, standing, isOpen, suspected } = seen;
  // What a person decided is no news.
  const troubles = seen.troubles.filter(({ finding }) => finding !== 'stale' || standing.staleBy === null);
  if (troubles.length === 0)
    return told ? { tell: over(seen, told, seen.troubles.length), suspicion: null } : nothing;
  const print = printOf(troubles);
  const isAgreed = print === suspected;
  const suspicion = print;
  if (isOpen && (told !== null || !isAgreed)) return { tell: null, suspicion };
  const ripe = troubles.filter((one) => !isOfInputs(one) || (isAgreed && !isOpen && !standing.isInTrouble));
  return { tell: ripe.length > 0 ? trouble(seen, ripe) : null, suspicion };
}

/** Whether it is said of inputs that moved, which a run that they have set off may be about to see to. */
function isOfInputs({ finding }: Trouble): boolean {
  return finding === 'stale' || finding === 'questioned';
}

function over({ standing, ...seen }: Seen, { since }: Told, left: number): ToTell {
  const entryId = entryIdOf(seen, 'again');
  return { kind: 'as_published_again', entryId, since, but: left > 0 ? standing.staleBy : null };
}

function trouble(seen: Seen, troubles: readonly Trouble[]): ToTell | null {
  const { told, standing, policy, now } = seen;
  const print = printOf(troubles);
  const names = troubles.map(nameOf);
  const canRepair =
    policy === 'repair' &&
    standing.noRepair === null &&
    troubles.some(isRepairable) &&
    // Of one trouble once: what a repair has not mended another will not.
    !told?.repair;
  const since = told?.since ?? now.toISOString();
  const say = (step: string, isRepair: boolean, hasFailed: boolean, notifies: boolean): ToTell => {
    const entryId = entryIdOf(seen, print, step);
    const repair = isRepair ? `${entryId}/rerun` : (told?.repair ?? null);
    const repairFailed = hasFailed || (told?.repairFailed ?? false);
    return {
      ...{ kind: 'not_as_published', entryId, troubles, repairs: isRepair, notifies },
      told: { print, since, repair, repairFailed, names },
    };
  };
  if (!told) return say('found', canRepair, false, true);
  if (canRepair) return say('repair', true, false, hasMore(names, told));
  if (told.repair && !told.repairFailed)
    return isRepairOver(told.repair, seen, told) ? say('failed', false, true, true) : null;
  return told.print === print ? null : say('more', false, false, hasMore(names, told));
}

/** Whether there is a finding of a table that nobody was told of. */
function hasMore(names: readonly string[], told: Told): boolean {
  return names.some((name) => !told.names.includes(name));
}

function isRepairOver(repair: string, { standing, now }: Seen, { at }: Told): boolean {
  return standing.answered.has(repair) || now.getTime() - Date.parse(at) > lostAfterMs;
}

/** The same for every attempt to tell the same; another once something else was told between. */
function entryIdOf(
  { gameDate, newestEntry }: Pick<Seen, 'gameDate' | 'newestEntry'>,
  ...what: string[]
): string {
  return `sentinel/${gameDate}/${hashOf([newestEntry, ...what])}`;
}
