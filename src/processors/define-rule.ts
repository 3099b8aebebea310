/** Rules of staged rows: what must hold before they go live, and what is worth a warning. Pure. */
import type { Game } from '../games/game';
import type { Row } from '../tables/define-table';

/** What a rule may look at beside the rows. */
export interface RuleContext<P = Readonly<Record<string, readonly Row[]>>> {
  /** The games that the partition covers. */
  readonly games: readonly Game[];
  /** Published rows of the upstreams, by the names that the processor gave them. */
  readonly published: P;
  /** Upstreams that a bypass waives, by the same names: their rows may be missing. */
  readonly waived: { readonly has: (alias: keyof P & string) => boolean };
}

export interface Finding<R = Row> {
  /** The row at fault; null where it is none in particular. */
  readonly row: R | null;
  /** A sentence of what was found, with the figures. */
  readonly detail: string;
}

export interface Rule<R = Row, P = Readonly<Record<string, readonly Row[]>>> {
  /** What holds where the rule passes, in snake case: "usage_is_a_percentage". */
  readonly name: string;
  /** A failed blocking rule keeps the partition from being published; a failed warning is recorded with it. */
  readonly blocking: boolean;
  /** What is at fault; an empty list passes. A property, not a method: a rule may not ask for more than it is given. */
  readonly find: (this: void, rows: readonly R[], context: RuleContext<P>) => readonly Finding<R>[];
}

/** A rule of one row at a time: `faultOf` gives the sentence of the fault, or null. */
export function eachRow<R>(
  name: string,
  blocking: boolean,
  faultOf: (row: R) => string | null,
): Rule<R, unknown> {
  return {
    name,
    blocking,
    find: (rows) =>
      rows.flatMap((row) => {
        const detail = faultOf(row);
        return detail === null ? [] : [{ row, detail }];
      }),
  };
}

/**
 * A warning: figures that are null because something that they need is not known, each with what may be. A reader finds here
 * why; where all of it is known the figure is undefined, and nothing is said.
 */
export function unknownFigures<R extends Row>(
  nameOf: (row: R) => string,
  needs: { readonly [K in keyof R & string]?: readonly (keyof R & string)[] },
  isMeant: (row: R) => boolean = () => true,
): Rule<R, unknown> {
  return eachRow('figures_are_known', false, (row) => {
    if (!isMeant(row)) return null;
    const unknown = Object.entries<readonly string[] | undefined>(needs).flatMap(([figure, inputs = []]) => {
      const lacking = inputs.filter((input) => row[input] === null);
      return row[figure] === null && lacking.length > 0
        ? [`${figure} is null: ${lacking.join(', ')} unknown`]
        : [];
    });
    return unknown.length === 0 ? null : `${nameOf(row)}: ${unknown.join('; ')}`;
  });
}

/** A blocking rule: both teams of every game have one row, and no others do. */
export function bothTeams<R>(teamOf: (row: R) => string): Rule<R, unknown> {
  return {
    name: 'two_rows_a_game',
    blocking: true,
    find: (rows, { games }) => {
      const wanted = games.flatMap((game) => [game.away, game.home]);
      const found = rows.map(teamOf);
      return [
        ...wanted
          .filter((team) => !found.includes(team))
          .map((team) => ({ row: null, detail: `${team} has no row` })),
        ...rows
          .filter((row) => !wanted.includes(teamOf(row)))
          .map((row) => ({ row, detail: `${teamOf(row)} has a row but no game` })),
      ];
    },
  };
}

/** Whether a figure lies outside a range, both ends included; what is no number does. */
export function isOutside(value: number, [low, high]: readonly [number, number]): boolean {
  return !(value >= low && value <= high);
}
