/** What the judge may find: each is of one promise. */

export const promises = {
  order: 'nothing is built before what it stands on',
  'one version': 'one live version of each table and date, and no row twice',
  'no bad row': 'what is live is what the raw rows make, and breaks no rule',
  'nothing lost': 'whatever was taken is on record, and every date is where it should be',
  'nothing stuck': 'what was begun ends when the faults do',
  decisions: 'each accepted decision is on the audit once, and the chain is whole',
  answers: 'whoever asks is answered',
} as const;

export type PromiseName = keyof typeof promises;

export interface Finding {
  readonly promise: PromiseName;
  /** Null where it is of no date. */
  readonly gameDate: string | null;
  readonly sentence: string;
}

export function found(promise: PromiseName, gameDate: string | null, sentence: string): Finding {
  return { promise, gameDate, sentence };
}
