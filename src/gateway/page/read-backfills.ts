/** What the pages of backfills show: what Temporal lists, and what each says of itself. */
import type { ListedBackfill } from '../../client';
import type { BackfillProgress } from '../../contracts/backfill';
import { acceptMs, type GatewayParts } from '../parts';
import type { Topic } from './live';
import { asked } from './read-date';

export interface BackfillView extends ListedBackfill {
  /** Null where no worker says. */
  readonly progress: BackfillProgress | null;
}

/** Newest first; older ones are in the Temporal UI. */
export const mostBackfills = 50;

type Parts = Pick<GatewayParts, 'client' | 'server'>;

export class BackfillsTopic implements Topic<readonly BackfillView[]> {
  /** What came of those that have ended: that does not change any more. */
  private readonly ended = new Map<string, BackfillProgress>();

  constructor(private readonly parts: Parts) {}

  async look(): Promise<readonly BackfillView[]> {
    const { client, server } = this.parts;
    const listed = await asked(() =>
      server.within(acceptMs, () => client.listBackfills({ most: mostBackfills })),
    );
    return Promise.all(
      listed.map(async (one) => {
        const progress = this.ended.get(one.workflowId) ?? (await progressOf(this.parts, one));
        if (one.status !== 'RUNNING' && progress) this.ended.set(one.workflowId, progress);
        return { ...one, progress };
      }),
    );
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
    return { backfill: known && { ...known, progress: await progressOf(this.parts, known) } };
  }
}

/** The list is of use without it. One that was ended from outside has said nothing. */
async function progressOf(
  { client }: Parts,
  { workflowId, status }: ListedBackfill,
): Promise<BackfillProgress | null> {
  if (status !== 'RUNNING' && status !== 'COMPLETED') return null;
  return client.backfillProgress(workflowId).catch(() => null);
}
