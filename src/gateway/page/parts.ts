/** What the pages work with. */
import type { GatewayParts } from '../parts';
import { DateTopic, type DateView } from './read-date';
import { SeasonTopic, type SeasonView } from './read-season';
import { BackfillsTopic, BackfillTopic } from './read-backfills';
import type { BackfillView } from '../../client';
import type { Live, LiveTopic } from './live';

export interface PageParts extends GatewayParts {
  readonly live: Live;
}

export function dateTopic(parts: PageParts, gameDate: string): LiveTopic<DateView> {
  return parts.live.topic(`date/${gameDate}`, () => new DateTopic(parts, gameDate));
}

/** A season by the year that it begins in; null for the newest that there is anything of. */
export function seasonTopic(parts: PageParts, year: number | null): LiveTopic<SeasonView> {
  return parts.live.topic(`season/${year ?? ''}`, () => new SeasonTopic(parts, year));
}

export function backfillsTopic(parts: PageParts): LiveTopic<readonly BackfillView[]> {
  return parts.live.topic('backfills/', () => new BackfillsTopic(parts));
}

export function backfillTopic(
  parts: PageParts,
  { from, to, name }: Pick<BackfillView, 'from' | 'to' | 'name'>,
): LiveTopic<{ readonly backfill: BackfillView | null }> {
  const workflowId = parts.client.backfillId(from, to, name);
  return parts.live.topic(`backfill/${from}/${to}/${name}`, () => new BackfillTopic(parts, workflowId));
}
