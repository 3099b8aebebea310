/** How the activities that build are named: apart from their types, as workflows import nothing else of activities. */
import type { ProcessorName } from './phase3';

/** The name of the activity that runs a processor: `PlayerProcessor` is run by `buildPlayer`. */
export function buildActivityOf(processor: ProcessorName): `build${string}` {
  return `build${processor.replace(/Processor$/, '')}`;
}

/** The name of the activity that does for several dates what this one does for one. */
export function ofDates(activity: string): `${string}OfDates` {
  return `${activity}OfDates`;
}
