/** Search attributes of a date's workflow: with them the Temporal UI alone answers "what needs me?". */
import { defineSearchAttributeKey } from '@temporalio/common';

export const searchAttributes = {
  /** Midnight UTC of the game date. */
  gameDate: defineSearchAttributeKey('GameDate', 'DATETIME'),
  runState: defineSearchAttributeKey('RunState', 'KEYWORD'),
  /** Source table of the first trigger. */
  triggeredBy: defineSearchAttributeKey('TriggeredBy', 'KEYWORD'),
  bypassed: defineSearchAttributeKey('Bypassed', 'BOOL'),
  /** Tables the date waits for. */
  blockedOn: defineSearchAttributeKey('BlockedOn', 'KEYWORD_LIST'),
} as const;

/** The same, as the `temporal` command takes them: name → type. */
export const searchAttributeTypes: Readonly<Record<string, string>> = {
  GameDate: 'Datetime',
  RunState: 'Keyword',
  TriggeredBy: 'Keyword',
  Bypassed: 'Bool',
  BlockedOn: 'KeywordList',
};
