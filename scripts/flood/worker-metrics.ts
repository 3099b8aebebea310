/** What the worker says of itself while it is flooded, from its metrics endpoint. */
import { eventLoopMetric } from '../../src/observability/event-loop';
import { Home } from '../../src/stack/home';

const taskMetric = 'temporal_workflow_task_execution_latency';

export interface WorkerFigures {
  /** The longest block of its event loop within the last minute, s. */
  readonly longestBlock: number;
  /** Workflow tasks so far, and those of them that took over a second. */
  readonly tasks: number;
  readonly slowTasks: number;
}

/** Null where the worker does not answer. */
export async function workerFigures(home: string): Promise<WorkerFigures | null> {
  try {
    const worker = await new Home(home).readWorker();
    if (!worker) return null;
    const response = await fetch(worker.metrics, { signal: AbortSignal.timeout(5_000) });
    return readFigures(await response.text());
  } catch {
    return null;
  }
}

/** Reads the text format of Prometheus; what has several label sets is added up. */
export function readFigures(text: string): WorkerFigures {
  const sum = (name: string, label = ''): number =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => line.includes(label))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  const tasks = sum(`${taskMetric}_count`);
  return {
    longestBlock: sum(eventLoopMetric.name),
    tasks,
    slowTasks: tasks - sum(`${taskMetric}_bucket`, 'le="1"'),
  };
}
