/**
 * The plan: every registered processor with its level, and what each source sets off. It follows from the declarations in
 * `src/processors` and `src/sources`; nothing about it is written down a second time.
 */
import type { ProcessorName } from '../contracts/phase3';
import type { Plan, PlannedLevel } from '../contracts/plan';
import { calendar } from '../games/evidence';
import type { Processor } from '../processors/define-processor';
import * as registeredProcessors from '../processors/registry';
import type { Trigger } from '../sources/define-source';
import * as registeredSources from '../sources/registry';
import { compareText } from '../tables/compare';
import { downstreamsOf, levelOf } from './levels';

/** Every source, and all other news that sets processors off; by name. */
export const triggers: readonly Trigger[] = Object.values<Trigger>(registeredSources).sort((a, b) =>
  compareText(a.name, b.name),
);

/**
 * Every processor in the order in which a night runs them: by level, and within a level those first that most others wait
 * for. It does not hang on the order of lines in the registry.
 */
export const processors: readonly Processor[] = inPlanOrder(Object.values(registeredProcessors));

/** Orders processors as a night runs them. */
function inPlanOrder(given: readonly Processor[]): Processor[] {
  const waitedFor = (processor: Processor): number => downstreamsOf(given, processor.name).length;
  return [...given].sort(
    (a, b) => levelOf(a) - levelOf(b) || waitedFor(b) - waitedFor(a) || compareText(a.name, b.name),
  );
}

/** Their names, in the same order. */
export const processorNames: readonly ProcessorName[] = processors.map(({ name }) => name);

/** The processor of a name that was checked where it came in; throws for any other. */
export function processorOf(name: ProcessorName): Processor {
  const found = findProcessor(name);
  if (!found) throw new Error(`There is no processor ${name}; there are ${processorNames.join(', ')}.`);
  return found;
}

/** The processor of a name that may be any text. */
export function findProcessor(name: unknown): Processor | undefined {
  return processors.find((processor) => processor.name === name);
}

/** The names of the processors whose tables a processor reads. */
function upstreamsOf(name: ProcessorName): ProcessorName[] {
  return Object.values(processorOf(name).upstreams).map((upstream) => upstream.name);
}

/** Level of a processor: 1 without upstreams, else one more than its highest upstream. */
export function levelOfProcessor(name: ProcessorName): number {
  return levelOf(processorOf(name));
}

/** The raw tables that a processor reads. */
export function inputTablesOf(name: ProcessorName): string[] {
  return Object.values(processorOf(name).reads).map((source) => source.table.name);
}

/** The tables of its upstreams. */
export function upstreamTablesOf(name: ProcessorName): string[] {
  return Object.values(processorOf(name).upstreams).map((upstream) => upstream.table.name);
}

/** Results, or anything else that names a processor, in the order in which a night runs them. */
export function inOrderOfPlan<R extends { readonly processor: ProcessorName }>(results: readonly R[]): R[] {
  return processorNames.flatMap((name) => results.filter(({ processor }) => processor === name));
}

/** Processors that a source sets off, in the order of the plan; none for a name that is no source. */
export function processorsOf(source: string): ProcessorName[] {
  return processors
    .filter((processor) => processor.triggers.some(({ name }) => name === source))
    .map(({ name }) => name);
}

/** The names of all that sets processors off. */
export const triggerNames: readonly string[] = triggers
  .map(({ name }) => name)
  .filter((name) => processorsOf(name).length > 0);

/** The source that `run` and `backfill` name when nobody says another. */
export const defaultSource: string = triggers.find(({ isDefault }) => isDefault)?.name ?? '';

/** The table that says which games a date has. */
export const calendarTable: string = calendar.table.name;

/** The plan as a run keeps it on record. `versions` are those that differ from the registry's. */
export function planOf(versions: Readonly<Record<ProcessorName, string>> = {}): Plan {
  return {
    calendar: calendarTable,
    processors: processors.map(
      ({ name, version, table, reads, upstreams, waivable, triggers, timeoutMs }) => ({
        ...{
          name,
          version: versions[name] ?? version,
          level: levelOfProcessor(name),
          table: table.name,
          timeoutMs,
        },
        inputs: Object.values(reads).map((source) => source.table.name),
        upstreams: Object.entries(upstreams).map(([alias, upstream]) => ({
          ...{ processor: upstream.name, table: upstream.table.name },
          isNeeded: !Object.hasOwn(waivable, alias),
        })),
        triggers: triggers.map((trigger) => trigger.name),
      }),
    ),
  };
}

/** A group of processors of one level that a source sets off: the shape of the plan's registry. */
export interface TriggerGroup {
  readonly level: number;
  readonly processors: readonly ProcessorName[];
  /** Whether they run side by side. */
  readonly parallel: boolean;
  /** Processors that must be published and current before any of them starts. */
  readonly dependencies: readonly ProcessorName[];
  readonly description: string;
}

/** What a source sets off, level by level. */
export function groupsOf(source: string): TriggerGroup[] {
  return groupByLevel(processorsOf(source)).map(({ level, processors: names, description }) => ({
    ...{ level, processors: names, description },
    parallel: names.length > 1,
    dependencies: [...new Set(names.flatMap(upstreamsOf))],
  }));
}

/** Processors by level, lowest first, each level in the order of the plan. */
export function groupByLevel(names: readonly ProcessorName[]): PlannedLevel[] {
  const levels = new Map<number, ProcessorName[]>();
  for (const name of processorNames)
    if (names.includes(name))
      levels.set(levelOfProcessor(name), [...(levels.get(levelOfProcessor(name)) ?? []), name]);
  return [...levels]
    .sort(([a], [b]) => a - b)
    .map(([level, own]) => ({ level, processors: own, description: describe(own) }));
}

/** What processors build, each thing once. */
function describe(names: readonly ProcessorName[]): string {
  return [...new Set(names.map((name) => processorOf(name).description))].join('; ');
}
