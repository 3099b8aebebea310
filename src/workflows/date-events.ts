/** What happens to a date, as its state receives it. Every event carries its instant where one matters. */
import type { DateState } from '../contracts/date-state';
import type { DateReply, TriggerMessage } from '../contracts/messages';
import type { NotificationKind } from '../contracts/notifications';
import type { AuditHead, Bypass, Decided } from '../contracts/decisions';
import type { GateVerdict, ProcessorName, ProcessorResult } from '../contracts/phase3';
import type { PlannedLevel } from '../plan/registry';

export type DateEvent =
  | { type: 'requested'; message: TriggerMessage; at: string }
  | { type: 'joined'; requestId: string; at: string }
  | { type: 'joinedPass'; requests: number; at: string }
  | { type: 'triedAgain'; requestId: string; at: string }
  | { type: 'passOpened'; pass: number; at: string }
  | {
      type: 'recordRead';
      standing: readonly Bypass[];
      auditHead: AuditHead | null;
      troubleSince: string | null;
    }
  | { type: 'bypassAsked'; bypass: Bypass }
  | { type: 'bypassDropped'; bypassId: string; why: string; at: string }
  | { type: 'bypassGranted'; bypassId: string; decided: Decided; at: string }
  | { type: 'goesOnStanding'; bypass: Bypass; missing: string; at: string }
  | { type: 'notTaken'; id: string; why: string; at: string }
  | { type: 'notRestored'; request: TriggerMessage; why: string; at: string }
  | { type: 'decided'; id: string; decided: Decided; at: string }
  | { type: 'extended'; extendId: string; deadline: string; decided: Decided; at: string }
  | { type: 'cancelDecided'; cancelId: string; by: string; reason: string; decided: Decided; at: string }
  | { type: 'rechecked'; by: string; effect: string; at: string }
  | { type: 'audited'; entryIds: readonly string[]; heads: readonly AuditHead[] }
  | { type: 'told'; kind: NotificationKind; at: string }
  | { type: 'planned'; levels: readonly PlannedLevel[] }
  | { type: 'gateJudged'; level: number; verdicts: GateVerdict[]; askedAt?: string; at: string }
  | { type: 'gateWaits'; level: number; nextProbeAt: string; deadline: string; at: string }
  | { type: 'upstreamsAdded'; verdicts: readonly GateVerdict[]; at: string }
  | { type: 'levelStarted'; level: PlannedLevel; processors: readonly ProcessorName[]; at: string }
  | { type: 'foundUnchanged'; level: number; processors: readonly ProcessorName[]; at: string }
  | { type: 'upstreamMoved'; processor: ProcessorName; detail: string; at: string }
  | { type: 'settled'; result: ProcessorResult; at: string }
  | { type: 'levelDone'; level: PlannedLevel; isLast: boolean; at: string }
  | { type: 'interrupted'; byBypass?: boolean; at: string }
  // `as`: nothing came of the pass, and why it ended so is not in any result.
  | { type: 'passEnded'; answers: readonly DateReply[]; as?: 'failed' | undefined; at: string }
  // `byNobody`: no decision of it is on record.
  | {
      type: 'ending';
      pass: number;
      as: 'abandoned' | 'cancelled';
      why: string;
      byNobody: boolean;
      at: string;
    }
  | { type: 'ended'; as: 'abandoned' | 'cancelled'; answers: readonly DateReply[]; at: string }
  | { type: 'wentOn'; requests: number; at: string }
  | { type: 'refused'; requestId: string | null; why: string; at: string };

/** The events of one type. */
export type EventOf<T extends DateEvent['type']> = Extract<DateEvent, { type: T }>;

/** What an event of each type makes of a state. Pure. */
export type Handlers = {
  readonly [T in DateEvent['type']]: (state: DateState, event: EventOf<T>) => DateState;
};
