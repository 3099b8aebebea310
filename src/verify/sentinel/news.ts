/** What a sweep has to say, as the audit keeps it, as people are told it, and as the date is asked. Pure. */
import { systemEntry } from '../../contracts/audit-entries';
import type { TriggerMessage } from '../../contracts/messages';
import type { RunState } from '../../contracts/phase3';
import { sentinelName, type SentinelNews } from '../../contracts/sentinel';
import { defaultSource } from '../../plan/registry';
import type { Standing } from './standing';
import { evidenceOf, isRepairable, sayTroubles } from './troubles';
import type { ToTell } from './what-to-tell';

/** Characters that a reason of a request may have are 1000. */
const longestReason = 900;

export interface NewsOrigin {
  readonly gameDate: string;
  readonly standing: Standing;
  /** Of the sweep. */
  readonly workflowId: string;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export function newsOf(
  tell: ToTell,
  { gameDate, standing, workflowId, runId, at }: NewsOrigin,
): SentinelNews {
  const isOver = tell.kind === 'as_published_again';
  const summary = isOver ? sayOver(tell) : `${sayWhatIsDone(tell, standing)}${sayTroubles(tell.troubles)}`;
  const evidence = isOver ? { since: tell.since } : { ...tell.told, tables: tell.troubles.map(evidenceOf) };
  const notifies = isOver || tell.notifies;
  return {
    gameDate,
    entry: { ...systemEntry(tell.entryId, tell.kind, summary, at), evidence },
    notification: notifies
      ? {
          ...{ notificationId: tell.entryId, kind: tell.kind, subject: gameDate, workflowId, runId },
          state: standing.state ?? ('published' satisfies RunState),
          summary: `${gameDate}: ${summary}`,
          since: isOver ? tell.since : tell.told.since,
        }
      : null,
    repair: isOver ? null : repairOf(tell),
  };
}

function sayOver({ but }: Extract<ToTell, { kind: 'as_published_again' }>): string {
  return `everything that is live is as it was published${but ? `, but what a person decided: ${but}` : ''}`;
}

/** Empty where it is only reported. */
function sayWhatIsDone(
  { repairs, told }: Extract<ToTell, { kind: 'not_as_published' }>,
  { noRepair }: Standing,
): string {
  if (repairs) return 'it is run again; ';
  if (told.repairFailed) return 'it was run again and that did not put it right, a person has to look; ';
  return noRepair ? `it is left to a person, because ${noRepair}; ` : '';
}

/** A rerun of what is not as published, as any other request: its gates hold. */
function repairOf({
  repairs,
  told,
  troubles,
}: Extract<ToTell, { kind: 'not_as_published' }>): TriggerMessage | null {
  if (!repairs || told.repair === null) return null;
  const own = troubles.filter(isRepairable);
  return {
    ...{ requestId: told.repair, kind: 'rerun', source: defaultSource, by: sentinelName },
    processors: [...new Set(own.map(({ processor }) => processor))],
    reason: sayTroubles(own).slice(0, longestReason),
  };
}
