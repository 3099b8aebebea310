/** Search attributes of a date's workflow: with them the Temporal UI alone answers "what needs me?". */
import { defineSearchAttributeKey } from '@temporalio/common';

export const searchAttributes = {
  /** Midnight UTC of the game date. */
  gameDate: defineSearchAttributeKey('GameDate', 'DATETIME'),
  runState: defineSearchAttributeKey('RunState', 'KEYWORD'),
  /** Source table of the first trigger. */
  triggeredBy: defineSearchAttributeKey('TriggeredBy', 'KEYWORD'),
  /** What is remarkable about what is live, and what is not: see {@link DateMark}. As known when the run closed. */
  marks: defineSearchAttributeKey('Marks', 'KEYWORD_LIST'),
  /** Tables the date waits for. */
  blockedOn: defineSearchAttributeKey('BlockedOn', 'KEYWORD_LIST'),
} as const;

/**
 * `partial`: games are left out · `held`, `disputed`, `released`, `discarded`, `reconstructed`, `estimated`: there is such a game · `bypassed`: a
 * bypass is open, or something stands on one · `pinned`, `questioned`: a person restored a version, and its inputs moved since.
 */
export const dateMarks = [
  ...(['partial', 'held', 'disputed', 'released', 'discarded', 'reconstructed', 'estimated'] as const),
  ...(['bypassed', 'pinned', 'questioned'] as const),
];
export type DateMark = (typeof dateMarks)[number];

/** The types of search attributes as the `temporal` command names them, and their numbers in the server's API. */
export const indexedValueTypes = {
  ...{ Text: 1, Keyword: 2, Int: 3, Double: 4, Bool: 5, Datetime: 6, KeywordList: 7 },
} as const;

/** The same, as the `temporal` command takes them: name → type. */
export const searchAttributeTypes: Readonly<Record<string, keyof typeof indexedValueTypes>> = {
  GameDate: 'Datetime',
  RunState: 'Keyword',
  TriggeredBy: 'Keyword',
  Marks: 'KeywordList',
  BlockedOn: 'KeywordList',
};
