/** The graph behind the registry: validation at start-up, levels, downstreams. Pure. */
import type { ProcessorName } from '../contracts/phase3';
import type { Processor } from './processors';
import type { TriggerRegistry } from './triggers';

export type ProcessorGraph = Readonly<Record<string, Processor>>;

/** Thrown when the registry contradicts itself; the process must not start. `faults` are sentences. */
export class InvalidRegistryError extends Error {
  override readonly name = 'InvalidRegistryError';
  constructor(readonly faults: readonly string[]) {
    super(`The trigger registry is not valid:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

/**
 * Checks the registry as a whole and throws {@link InvalidRegistryError} with every fault found: unknown names, a
 * processor twice in one trigger, a dependency on the same or a later level, cycles, groups that disagree with the
 * processors' own upstreams.
 */
export function validateRegistry(triggers: TriggerRegistry, processors: ProcessorGraph): void {
  // Without a prototype, so that a name such as `constructor` is as unknown as any other.
  const graph: ProcessorGraph = Object.assign(Object.create(null) as object, processors);
  const faults = [...graphFaults(graph)];
  for (const [source, groups] of Object.entries(triggers)) {
    const levelOf = new Map<string, number>();
    for (const group of groups) {
      for (const name of group.processors) {
        if (!graph[name]) faults.push(`${source}: level ${group.level} names an unknown processor, ${name}.`);
        if (levelOf.has(name))
          faults.push(`${source}: ${name} stands in two places; a trigger runs it once.`);
        levelOf.set(name, group.level);
      }
      if (!Number.isInteger(group.level) || group.level < 1)
        faults.push(`${source}: level ${group.level} is not a whole number from 1.`);
      if (!group.parallel && group.processors.length > 1)
        faults.push(
          `${source}: level ${group.level} holds several processors but is not parallel; order is by level.`,
        );
    }
    for (const group of groups) {
      const needed = new Set(group.processors.flatMap((name) => graph[name]?.upstreams ?? []));
      for (const dependency of group.dependencies) {
        if (!graph[dependency])
          faults.push(`${source}: level ${group.level} depends on an unknown processor, ${dependency}.`);
        const at = levelOf.get(dependency);
        if (at !== undefined && at >= group.level)
          faults.push(
            `${source}: level ${group.level} depends on ${dependency}, which runs on level ${at}; ` +
              'a dependency must be on an earlier level.',
          );
        if (graph[dependency] && !needed.has(dependency))
          faults.push(
            `${source}: level ${group.level} depends on ${dependency}, which none of its processors reads.`,
          );
      }
      for (const upstream of needed)
        if (!group.dependencies.includes(upstream))
          faults.push(
            `${source}: level ${group.level} reads ${upstream} but does not list it as a dependency.`,
          );
    }
  }
  if (faults.length > 0) throw new InvalidRegistryError(faults);
}

function* graphFaults(graph: ProcessorGraph): Generator<string> {
  for (const [key, processor] of Object.entries(graph)) {
    if (key !== processor.name) yield `Processor ${processor.name} is registered as ${key}.`;
    for (const upstream of processor.upstreams)
      if (!graph[upstream]) yield `${processor.name} reads an unknown processor, ${upstream}.`;
  }
  const cycle = findCycle(graph);
  if (cycle) yield `The processors depend on each other in a circle: ${cycle.join(' → ')}.`;
}

function findCycle(graph: ProcessorGraph): string[] | null {
  const done = new Set<string>();
  const visit = (name: string, path: string[]): string[] | null => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return null;
    for (const upstream of graph[name]?.upstreams ?? []) {
      const cycle = visit(upstream, [...path, name]);
      if (cycle) return cycle;
    }
    done.add(name);
    return null;
  };
  for (const name of Object.keys(graph)) {
    const cycle = visit(name, []);
    if (cycle) return cycle;
  }
  return null;
}

/**
 * Level of a processor: 1 without upstreams, else one more than its highest upstream. Upstreams that a bypass waives do not
 * count, or it would stand behind what it need not wait for. The graph has no cycles.
 */
export function levelOf(
  graph: ProcessorGraph,
  name: ProcessorName,
  isWaived: (name: ProcessorName, upstream: ProcessorName) => boolean = () => false,
): number {
  const upstreams = (graph[name]?.upstreams ?? []).filter((upstream) => !isWaived(name, upstream));
  return upstreams.length === 0
    ? 1
    : 1 + Math.max(...upstreams.map((upstream) => levelOf(graph, upstream, isWaived)));
}

/** Every processor that reads `name`, directly or through others. */
export function downstreamsOf(graph: ProcessorGraph, name: ProcessorName): ProcessorName[] {
  return Object.values(graph)
    .filter((candidate) => reads(graph, candidate.name, name))
    .map((candidate) => candidate.name);
}

function reads(graph: ProcessorGraph, reader: ProcessorName, name: ProcessorName): boolean {
  return (graph[reader]?.upstreams ?? []).some(
    (upstream) => upstream === name || reads(graph, upstream, name),
  );
}
