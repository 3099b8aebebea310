/** The page of the rules of the game, from where they are declared. */
import { calendar } from '../../src/games/evidence';
import { listedRules, type ListedRule } from '../../src/plan/rules';
import { code, madeFrom, page, table } from './markdown';

export function rulesPage(): string {
  const rows = (blocking: boolean): string =>
    table(
      ['rule', 'name', 'what must hold', 'needs beside the schedule', 'tolerance', 'since'],
      listedRules.filter((rule) => rule.blocking === blocking).map(rowOf),
    );
  return page(
    '# Rules of the game',
    madeFrom('their declarations ([src/games/rules](../../src/games/rules/registry.ts))'),
    'The evidence of one game, from all sources at once, is held against these rules before any table is built from it. [What is held](../explanation/what-is-held.md) says what comes of a game that breaks one. `phase3 rules` lists them too, with `--json` for scripts. A rule that needs a source which has not come is not run until it comes. Rules of a table that we publish look at its rows of the nights before.',
    '## Blocking: the game is held',
    rows(true),
    '## Warnings: the game is published, and the warning is recorded with it',
    rows(false),
  );
}

function rowOf({ id, name, sentence, sources, tolerance, since }: ListedRule): string[] {
  const within = tolerance ? `${`${tolerance.value} ${tolerance.unit}`.trim()}: ${tolerance.why}` : 'exact';
  const needs = sources.filter((source) => source !== calendar.table.name);
  return [id, code(name), sentence, needs.map(code).join(', '), within, since];
}
