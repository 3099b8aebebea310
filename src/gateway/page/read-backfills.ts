/** What the pages of backfills show: what Temporal lists, and what each says of itself. */
import type { BackfillView } from '../../client';
import { acceptMs, type GatewayParts } from '../parts';
import type { Topic } from './live';
import { asked } from './read-date';

/** Newest first; older ones are in the Temporal UI. */
export const mostBackfills = 50;

type Parts = Pick<GatewayParts, 'client' | 'server'>;

export class BackfillsTopic implements Topic<readonly BackfillView[]> {
  /** Those of the last list that have ended, with what came of them: that does not change any more. */
  private ended: ReadonlyMap<string, BackfillView> = new Map();

  constructor(private readonly parts: Parts) {}

  async look(): Promise<readonly BackfillView[]> {
    const { client, server } = this.parts;
    const listed = await asked(() =>
      server.within(acceptMs, () => client.listBackfills({ most: mostBackfills })),
    );
    const views = await Promise.all(
      listed.map(async (one) => this.ended.get(one.workflowId) ?? client.lookAtBackfill(one)),
    );
    // What has left the list is forgotten: a gateway that runs for months would keep every backfill that there ever was.
    const ended = views.filter(({ status, progress }) => status !== 'RUNNING' && progress !== null);
    this.ended = new Map(ended.map((one) => [one.workflowId, one]));
    return views;
  }
}

/** One backfill; null where there is none. */
export class BackfillTopic implements Topic<{ readonly backfill: BackfillView | null }> {
  constructor(
    private readonly parts: Parts,
    private readonly workflowId: string,
  ) {}

  async look(): Promise<{ readonly backfill: BackfillView | null }> {
    const { client, server } = this.parts;
    const known = await asked(() => server.within(acceptMs, () => client.knownBackfill(this.workflowId)));
    return { backfill: known && (await client.lookAtBackfill(known)) };
  }
}
