/**
 * The warehouse as the gateway needs it: what is on record of a date, and where messages end that can never succeed. A
 * DuckDB file has one process that may open it, the worker, so there it is asked; BigQuery is opened here as well.
 */
import type { ControlClient } from '../control/client';
import { addDeadLetter } from '../control/dead-letters';
import type { DateRecord, Questions } from '../control/protocol';
import type { DeadLetterRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';

export interface Records extends Questions {
  dateRecord(gameDate: string): Promise<DateRecord>;
  /** Puts a message there, once; false when it is there already. */
  addDeadLetter(row: DeadLetterRow): Promise<boolean>;
  /** What keeps the warehouse from answering, as a sentence; null when it answers. */
  trouble(): Promise<string | null>;
}

/** The records can not be had now (503); asking again may help. */
export class RecordsUnavailableError extends Error {
  override readonly name = 'RecordsUnavailableError';
}

/** The records of a worker on this machine. `control` is asked each time, because workers come and go. */
export function workerRecords(control: () => Promise<ControlClient | null>): Records {
  const worker = async (): Promise<ControlClient> => {
    const known = await control();
    if (known) return known;
    throw new Error('no worker is registered; `phase3 up` starts one');
  };
  return {
    dateRecord: (gameDate) => reached(async () => (await worker()).dateRecord(gameDate)),
    addDeadLetter: (row) => reached(async () => (await worker()).addDeadLetter(row)),
    ...reachedQuestions(worker),
    trouble: async () => {
      const health = await (await control())?.health();
      return health ? null : 'The worker, which has the warehouse open, does not answer.';
    },
  };
}

/** How long what was found out of the warehouse holds: each question costs a query, and probes come every few seconds. */
const healthyForMs = 30_000;

/** The records of a warehouse that several processes may open. `today` says which partition is looked at to see if it answers. */
export function warehouseRecords(warehouse: Warehouse, today: () => string, questions: Questions): Records {
  let healthyUntil = 0;
  return {
    dateRecord: (gameDate) =>
      reached(() => warehouse.readDate(gameDate, ['run_history', 'partition_manifest', 'bypass_audit'])),
    addDeadLetter: (row) => reached(() => addDeadLetter(warehouse, row)),
    ...reachedQuestions(() => Promise.resolve(questions)),
    trouble: async () => {
      if (Date.now() < healthyUntil) return null;
      try {
        await warehouse.readDate(today(), ['dead_letter']);
        healthyUntil = Date.now() + healthyForMs;
        return null;
      } catch (error) {
        return `${warehouse.kind} (${warehouse.location}) does not answer: ${messageOf(error)}`;
      }
    },
  };
}

/** The questions to whoever answers them now. */
function reachedQuestions(asked: () => Promise<Questions>): Questions {
  return {
    quarantined: (gameDate) => reached(async () => (await asked()).quarantined(gameDate)),
    findEstimate: (gameDate, gameId) => reached(async () => (await asked()).findEstimate(gameDate, gameId)),
    foresee: (request) => reached(async () => (await asked()).foresee(request)),
    previewRestore: (request) => reached(async () => (await asked()).previewRestore(request)),
  };
}

async function reached<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new RecordsUnavailableError(`The records cannot be read now: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
