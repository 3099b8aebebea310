/** Ranges of game dates as they are typed. `FROM..TO` is taken wherever a range is; commands that take its ends apart still do. */
import { requireGameDate, requireOrder, requireRange, validateRange } from '../requests/validate-request';
import { badInput } from './context';

export interface DateRange {
  readonly from: string;
  readonly to: string;
}

/** Help of an argument that is a range, or begins one. */
export const rangeHelp = 'game dates, YYYY-MM-DD: FROM..TO, both included, or the first of them';
export const lastHelp = 'the last game date, included, where the dates are not given as FROM..TO';
/** Help of a range that may also be given by `--from` and `--to`. */
export const rangeOptionHelp = 'game dates, FROM..TO, both included, or one; instead of --from and --to';

/** `FROM..TO`, or both ends apart. One date alone is no range: a command that runs many dates is not meant for it by accident. */
export function requireArguments(first: string, last: string | undefined, today: string): DateRange {
  if (last !== undefined) return validateRange({ from: first, to: last }, today);
  if (first.includes('..')) return requireRange('FROM..TO', first, today);
  requireGameDate('FROM', first, today);
  throw badInput('TO is missing: name the last game date, or give the dates as FROM..TO.');
}

/** An export may reach into days to come: there is just nothing there. */
const farFuture = '9999-12-31';

/** A range from an argument or from `--from` and `--to`, of which what is left out stays open. */
export function requireEnds(
  range: string | undefined,
  { from, to }: { readonly from?: string; readonly to?: string },
  today: string = farFuture,
): Partial<DateRange> {
  if (range !== undefined && (from ?? to) !== undefined)
    throw badInput(`${range} and --from or --to exclude each other: give the dates once.`);
  if (range !== undefined) return requireRange('FROM..TO', range, today);
  if (from !== undefined) requireGameDate('--from', from, today);
  if (to !== undefined) requireGameDate('--to', to, today);
  if (from !== undefined && to !== undefined) requireOrder({ from, to }, { from: '--from', to: '--to' });
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
