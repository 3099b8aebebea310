/** What does not fit among the processes of a deployment, as sentences. Pure. */
import { short } from './take-over';

export interface RunningProcess {
  readonly name: string;
  /** Null where it does not say, or was not built. */
  readonly build: string | null;
  /** Commits that main is ahead of it; null where there is no git, or it does not know the commit. */
  readonly behindMain: number | null;
  /** Hash of each processor's sources; null where the process has none. */
  readonly sources: Readonly<Record<string, string | null>> | null;
  /** Hashes of the declared tables and of the processors' lock; null where the process does not say. */
  readonly schema: string | null;
  readonly lock: string | null;
}

export interface DriftAsked {
  /** First the command itself. */
  readonly processes: readonly RunningProcess[];
  readonly current: string | null;
  /** Builds that runs are open on. */
  readonly open: readonly string[];
  /** Builds that a worker asks for tasks of, wherever it runs. */
  readonly polled: readonly string[];
}

export function driftOf({ processes, current, open, polled }: DriftAsked): string[] {
  const [own] = processes;
  const worker = processes.find(({ name }) => name === 'worker');
  const gateway = processes.find(({ name }) => name === 'gateway');
  const isOther = (what: 'schema' | 'lock'): boolean =>
    own?.[what] != null && worker?.[what] != null && own[what] !== worker[what];
  return [
    ...(worker ? [] : ['No worker of this home answers: `phase3 status` says why.']),
    ...(worker && worker.build !== current
      ? [
          `The worker is of build ${short(worker.build ?? 'unknown')}, and ${short(current ?? 'none')} is current.`,
        ]
      : []),
    ...(own && current !== null && own.build !== current
      ? [`This command is of build ${short(own.build ?? 'unknown')}, and ${short(current)} is current.`]
      : []),
    ...(gateway && gateway.build !== current
      ? [
          `The gateway is of build ${short(gateway.build ?? 'unknown')}, and ${short(current ?? 'none')} is current.`,
        ]
      : []),
    ...(isOther('schema') ? ['Tables are declared otherwise here than in the worker.'] : []),
    ...(isOther('lock') ? ["The processors' lock is another here than in the worker."] : []),
    ...[...new Set(open)].flatMap((build) =>
      polled.includes(build) ? [] : [`Runs are open on build ${short(build)}, and no worker of it polls.`],
    ),
    ...Object.entries(own?.sources ?? {}).flatMap(([name, hash]) => {
      const theirs = worker?.sources?.[name];
      return worker?.sources && theirs !== hash
        ? [`${name} has sources ${hash ?? 'unknown'} here and ${theirs ?? 'unknown'} in the worker.`]
        : [];
    }),
  ];
}
