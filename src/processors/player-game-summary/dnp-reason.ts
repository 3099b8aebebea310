/** Why a player did not play, in five categories. */

export type DnpReasonCategory = 'injury' | 'rest' | 'personal' | 'coach_decision' | 'other';

/**
 * The first category whose words occur wins. Words and order are the original's: "Injury Recovery" is an injury, not rest.
 * A bare "Did Not Play" says nothing of why, so it is `other`.
 */
const categories: readonly (readonly [DnpReasonCategory, RegExp])[] = [
  [
    'injury',
    /injur|illness|sprain|strain|sore|pain|surg|concussion|fractur|contusion|tendon|ankle|knee|foot|hamstring|groin|back|shoulder|wrist|\bhip\b|calf|quad|achilles|protocol/i,
  ],
  ['rest', /\brest\b|load management|recovery|maintenance|precaution/i],
  ['personal', /personal|family|birth|funeral|bereavement/i],
  ['coach_decision', /coach|decision|not with team|suspen|disciplin/i],
];

/** Category of a reason text; null without a reason. */
export function dnpReasonCategory(reason: string | null): DnpReasonCategory | null {
  if (reason === null || reason.trim() === '') return null;
  return categories.find(([, words]) => words.test(reason))?.[0] ?? 'other';
}
