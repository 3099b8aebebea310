/** The league's day: game dates are dates in New York. */

const newYork = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York', dateStyle: 'short' });

/** The date in New York at an instant, `YYYY-MM-DD`. Not for workflows: ask the policy, which is in the history. */
export function newYorkDate(at: Date): string {
  return newYork.format(at);
}
