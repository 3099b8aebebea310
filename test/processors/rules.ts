/** A published night for the rules of its processors to look at, and a table of the faults that each rule must find. */
import type { ProcessorName } from '../../src/contracts/phase3';
import { selectNight } from '../../src/gate/select-inputs';
import { processorOf } from '../../src/plan/registry';
import type { RuleContext } from '../../src/processors/define-rule';
import { checkRows, type CheckResult } from '../../src/publishing/check-rows';
import type { Row } from '../../src/tables/define-table';
import { awayOf, defense, goodNight, offense, player, published, type Night } from '../support/fixtures';

export const night = published(goodNight(3), offense, defense, player);
/** The team whose rows are broken. */
export const away = awayOf(0);

/** The context in which a run checks the processor's rows. */
export function contextOf(name: ProcessorName, snapshot: Night = night): RuleContext {
  const processor = processorOf(name);
  const upstreams = Object.entries(processor.upstreams).map(([alias, { table }]) => [
    alias,
    snapshot.rows[table.name] ?? [],
  ]);
  return {
    games: selectNight(processor, snapshot).games.map(({ game }) => game),
    published: Object.fromEntries(upstreams) as RuleContext['published'],
    waived: new Set(),
  };
}

/** What the rules of the processor, and those of every table, find of rows. */
export function check(
  name: ProcessorName,
  rows: readonly Row[] = goodRows(name),
  context: RuleContext = contextOf(name),
): CheckResult[] {
  return checkRows(processorOf(name), rows, context);
}

/** The rules that fail, by name. */
export function failures(...given: Parameters<typeof check>): Record<string, CheckResult> {
  const failed = check(...given).filter(({ passed }) => !passed);
  return Object.fromEntries(failed.map((result) => [result.name, result]));
}

/** The rows that the good night published. */
export function goodRows(name: ProcessorName): readonly Row[] {
  return night.rows[processorOf(name).table.name] ?? [];
}

/** A rule's name, what its sentence holds, and rows in which it is found. */
export type Fault = readonly [rule: string, detail: string, rows: readonly Row[]];

/** Proves that every rule of a processor passes a good night, and that each finds what it is there for. */
export function describeRules(
  name: ProcessorName,
  { blocking, warning }: { readonly blocking: readonly Fault[]; readonly warning: readonly Fault[] },
): void {
  const faults = [
    ...blocking.map((fault) => ['blocks', ...fault] as const),
    ...warning.map((fault) => ['warns', ...fault] as const),
  ];
  describe(`the rules of ${name}`, () => {
    it('pass a good night', () => {
      for (const result of check(name))
        expect(result).toEqual({ ...result, passed: true, detail: '', samples: [] });
    });

    it.each(faults)('%s: %s (%s)', (kind, rule, detail, rows) => {
      const found = failures(name, rows)[rule];
      expect(found?.detail).toContain(detail);
      expect(found?.blocking).toBe(kind === 'blocks');
    });

    it('have each been seen to fail', () => {
      const seen = new Set(faults.map(([, rule]) => rule));
      expect([...seen].sort()).toEqual(
        processorOf(name)
          .rules.map((rule) => rule.name)
          .sort(),
      );
    });

    it('refuse a partition without rows while there are games', () => {
      expect(Object.values(failures(name, [])).some((found) => found.blocking)).toBe(true);
    });
  });
}
