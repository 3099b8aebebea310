/** The graph of processors: levels and downstreams. Pure. */
import type { ProcessorName } from '../contracts/phase3';

/** What the graph needs to know of a processor. */
export interface GraphNode {
  readonly name: ProcessorName;
  readonly upstreams: Readonly<Record<string, GraphNode>>;
}

/**
 * Level of a processor: 1 without upstreams, else one more than its highest upstream. Upstreams that `isWaived` names do not
 * count, or a processor that a bypass lets run would stand behind what it need not wait for.
 */
export function levelOf(
  processor: GraphNode,
  isWaived: (name: ProcessorName, upstream: ProcessorName) => boolean = () => false,
): number {
  const upstreams = Object.values(processor.upstreams).filter(
    (upstream) => !isWaived(processor.name, upstream.name),
  );
  return 1 + Math.max(0, ...upstreams.map((upstream) => levelOf(upstream, isWaived)));
}

/** Every processor of `all` that reads `name`, directly or through others. */
export function downstreamsOf<P extends GraphNode>(all: readonly P[], name: ProcessorName): P[] {
  return all.filter((candidate) => reads(candidate, name));
}

function reads(reader: GraphNode, name: ProcessorName): boolean {
  return Object.values(reader.upstreams).some((upstream) => upstream.name === name || reads(upstream, name));
}
