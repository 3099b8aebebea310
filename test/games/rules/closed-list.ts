/**
 * What cannot be known from a night, and which kinds of corruption are of it. The lines are those of
 * `docs/explanation/data-limits.md`, which a test compares; one more of them takes a decision (`docs/adr`).
 */
interface ClosedLine {
  /** As the documentation has it. */
  readonly line: string;
  /** The kinds by their names. */
  readonly kinds: RegExp;
  /** Why nothing of the night contradicts it. */
  readonly why: string;
}

export const closedList: readonly ClosedLine[] = [
  {
    line: 'two team mates whose lines are exchanged;',
    kinds: /^lines exchanged between team mates$/,
    why: 'every sum is what it was',
  },
  {
    line: 'both sources wrong in the same way, if the figures are [still usual](what-is-held.md#unlike-the-nights-before), or home and away exchanged everywhere;',
    kinds: /^(an assist|a foul) more in both sources$/,
    why: 'the sum of the players is what the team row says, and the schedule has no such figure',
  },
  {
    line: 'a game that is missing in the schedule and everywhere else;',
    kinds: /^a game missing everywhere$/,
    why: 'nobody tells of it',
  },
  {
    line: 'an inactive player who was dropped, added, or listed by the other team; a file that was cut off within such rows;',
    kinds: /^an idle row (dropped|added)$|^player team_abbr: another$/,
    why: 'no figure is in his row, so no sum has him',
  },
  {
    line: 'a reason for not playing that was changed, and a player who did not play but is listed as active with zeros;',
    kinds: /^a reason changed$|^player dnp_reason: |^a did-not-play as active with zeros$/,
    why: 'a reason is text that nothing else repeats, and zeros add nothing to any sum',
  },
  {
    line: "a few turnovers: those credited to the team are in no player's line, so the sums may differ by them;",
    kinds: /^(team|player) turnovers:? /,
    why: 'a team has 0 to 8 turnovers of its own, and S4 allows for as many',
  },
  {
    line: 'minutes that are wrong in the text and in the decimal alike, or exchanged; plus-minus figures that are exchanged;',
    kinds: /^player minutes changed with their decimal$|^player plus_minus: another(, of a team)?$/,
    why: 'the sums are the same, or within the seconds that real feeds are off',
  },
  {
    line: 'the spelling of a name.',
    kinds: /^the spelling of a name$|^player player_name: (with a blank|in capitals|in small letters)/,
    why: 'in plain letters it is the name that the lookup has',
  },
];

/** The line of the closed list that a kind is of; null for what must be found. */
export function closedLineOf(kind: string): ClosedLine | null {
  return closedList.find(({ kinds }) => kinds.test(kind)) ?? null;
}
