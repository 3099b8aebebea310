/** How far back arrivals are looked for. BigQuery reads no table without a range of dates. */
import { addDays } from '../contracts/game-date';

/** A month of game dates, with the longest pause between two of them that a season has. */
const windowDays = 120;

/** First and last date of the window, both included. */
export function arrivalWindow(before: string): { readonly first: string; readonly last: string } {
  return { first: addDays(before, -windowDays), last: addDays(before, -1) };
}
