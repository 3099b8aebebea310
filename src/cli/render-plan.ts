/** A plan as people read it: a line a date, with the reasons of what is not as it should be, and the sum. */
import {
  nodeStates,
  type NodeState,
  type PlanDocument,
  type PlanEstimate,
  type PlannedDate,
  type PlannedNode,
} from '../contracts/date-plan';
import { nodesToBuild } from '../dates/estimate';

/** States of which there is nothing to explain. */
const plain: readonly NodeState[] = ['published', 'unchanged', 'no_games', 'not_run'];

export function renderPlannedDate({ game_date, games, open, nodes }: PlannedDate): string[] {
  const groups = new Map<string, PlannedNode[]>();
  for (const node of nodes) groups.set(wordsOf(node), [...(groups.get(wordsOf(node)) ?? []), node]);
  const parts = [...groups].map(([words, own]) =>
    groups.size === 1 ? words : `${words}: ${own.map(({ table }) => table).join(', ')}`,
  );
  const count = `${games} ${games === 1 ? 'game' : 'games'}`.padEnd(8);
  const reasons = new Map<string, string[]>();
  for (const { table, state, reason, lacking } of nodes) {
    if (plain.includes(state)) continue;
    const why = `${reason}${lacking.length > 0 ? ` (games: ${lacking.join(', ')})` : ''}`;
    reasons.set(why, [...(reasons.get(why) ?? []), table]);
  }
  return [
    `${game_date}  ${count} ${[...parts, ...(open ? ['a run is open'] : [])].join(' · ')}`,
    ...[...reasons].map(([why, tables]) => `              ${tables.join(', ')}: ${why}`),
  ];
}

function wordsOf({ state, because, action }: PlannedNode): string {
  const name = `${spell(state)}${because === null ? '' : ` (${because})`}`;
  return action === 'build' ? `${name} → build` : action === 'wait' ? `${name}, waits` : name;
}

function spell(state: NodeState): string {
  return state.replaceAll('_', ' ');
}

/** What stands behind the dates. */
export function renderPlan({ dates, estimate, planned_at }: PlanDocument): string[] {
  const nodes = dates.flatMap((date) => date.nodes);
  const counts = nodeStates.flatMap((state) => {
    const count = nodes.filter((node) => node.state === state).length;
    return count > 0 ? [`${count} ${spell(state)}`] : [];
  });
  const waiting = nodes.filter(({ action }) => action === 'wait').length;
  const built = dates.filter((date) => nodesToBuild(date).length > 0).length;
  return [
    `${dates.length} dates, ${nodes.length} tables as of ${planned_at}: ${counts.join(', ') || 'none'}.`,
    `To build: ${estimate.nodes} tables of ${built} dates.${waiting > 0 ? ` ${waiting} wait for rows, a person or other code, and would not be run.` : ''}`,
    ...(estimate.nodes > 0 ? renderEstimate(estimate) : []),
  ];
}

function renderEstimate({ statements, rows, bytes, seconds, passes, concurrency }: PlanEstimate): string[] {
  return [
    `Estimate: about ${statements} operations of the warehouse, which read ${rows} raw rows${bytes === null ? ' (no bytes are billed)' : `, ${megabytes(bytes)} by BigQuery's dry run`}.`,
    seconds
      ? `Time: ${spellSeconds(seconds.p50)}, or ${spellSeconds(seconds.p90)} as the slower nights went, ${concurrency} dates at a time; by the last ${passes} passes.`
      : 'Time: nobody knows, since no pass is on record that published something.',
  ];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function spellSeconds(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
