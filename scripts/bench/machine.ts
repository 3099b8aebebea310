/** What the figures were measured on, and what a process of it has used. Where there is no `/proc` they are null. */
import { readFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

/** Ticks of the kernel's clock a second, as `/proc` counts; Linux says the same on every machine. */
const ticksPerSecond = 100;

export interface ProcessFigures {
  /** MB. */
  readonly memory: number;
  readonly peakMemory: number;
  readonly cpuMs: number;
}

/** What a process has used so far; null where it cannot be told. */
export async function processFigures(pid: number): Promise<ProcessFigures | null> {
  const [stat, status] = await Promise.all(
    ['stat', 'status'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => null)),
  );
  if (!stat || !status) return null;
  // The command's name comes before, in brackets, and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const megabytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? NaN) / 1024;
  return {
    memory: megabytes('VmRSS'),
    peakMemory: megabytes('VmHWM'),
    cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond,
  };
}

/** Ticks of all processors since the machine started. */
export interface MachineUse {
  readonly total: number;
  readonly stolen: number;
  readonly load: number;
}

export async function machineUse(): Promise<MachineUse> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8').catch(() => '')).split('\n');
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, value) => sum + value, 0);
  return { total, stolen: ticks[7] ?? 0, load: loadavg()[0] ?? 0 };
}

/** How busy the machine was between two looks, as a person reads it. */
export function circumstances(before: MachineUse, after: MachineUse): string {
  const total = after.total - before.total;
  const steal =
    total > 0 ? `, ${((100 * (after.stolen - before.stolen)) / total).toFixed(1)} % stolen by the host` : '';
  return `load ${before.load.toFixed(2)} before, ${after.load.toFixed(2)} after${steal}`;
}

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  const memory = (totalmem() / 2 ** 30).toFixed(1);
  return `${cpus().length} × ${model}, ${memory} GB, ${type()} ${release()}, Node ${process.versions.node}`;
}
