/** What the figures were measured on. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { version as duckDbVersion } from '@duckdb/node-api';
import type { Tools } from './bench-stack';

const run = promisify(execFile);

/** Load average of the last minute. */
export function load(): number {
  return loadavg()[0] ?? 0;
}

/** Seconds since some fixed time: of all processors, and of this process with its children that have ended. */
export interface CpuUse {
  readonly total: number;
  readonly busy: number;
  /** Null where the system does not say. */
  readonly own: number | null;
}

export async function cpuUse(): Promise<CpuUse> {
  const times = cpus().map((cpu) => cpu.times);
  const idle = times.reduce((sum, time) => sum + time.idle, 0) / 1000;
  const busy = times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0) / 1000;
  const fields = await statFields('self');
  return {
    total: idle + busy,
    busy,
    // User and system time, then the same of children that were waited for.
    own: fields ? fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond : null,
  };
}

/** Share (0 to 1) of the machine that others kept busy between two looks; null where it cannot be told. */
export function shareOfOthers(before: CpuUse, after: CpuUse): number | null {
  if (before.own === null || after.own === null) return null;
  const others = after.busy - before.busy - (after.own - before.own);
  return Math.max(0, others / (after.total - before.total));
}

/** What a process has used in its life; null where the system does not say (elsewhere than on Linux). */
export interface ProcessFigures {
  readonly cpuSeconds: number | null;
  /** Resident memory now, in bytes. */
  readonly memory: number | null;
  /** Highest resident memory, in bytes. */
  readonly peakMemory: number | null;
}

/** Clock ticks a second in /proc: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

export async function processFigures(pid: number): Promise<ProcessFigures> {
  const fields = await statFields(pid);
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => null);
  const bytes = (field: string): number | null => {
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status ?? '')?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  };
  return {
    cpuSeconds: fields ? (Number(fields[11]) + Number(fields[12])) / ticksPerSecond : null,
    memory: bytes('VmRSS'),
    peakMemory: bytes('VmHWM'),
  };
}

/** Fields of /proc/PID/stat after the name, which stands in brackets and may hold blanks: 11 is the user time. */
async function statFields(pid: number | 'self'): Promise<string[] | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? null;
}

/** The head of the report: date, machine and versions. */
export async function describeMachine(root: string, { temporal }: Tools): Promise<string[]> {
  const processors = cpus();
  const { dependencies, version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    version: string;
  };
  const { stdout } = await run(temporal, ['--version']);
  return [
    `${new Date().toISOString()}, nba-phase3 ${version}`,
    `${processors[0]?.model.trim() ?? 'unknown processor'}, ${processors.length} cores, ` +
      `${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}, load ${load().toFixed(2)}`,
    `Node ${process.versions.node}, Temporal SDK ${dependencies['@temporalio/worker'] ?? '?'}, ${stdout.trim()}, DuckDB ${duckDbVersion()}`,
  ];
}
