/** Names and messages of the workflows and workers that a night is measured against. */

export const queues = { night: 'bench-night', plain: 'bench-plain' } as const;

export interface NoopActivities {
  check(): Promise<void>;
  offense(): Promise<void>;
  defense(): Promise<void>;
  players(): Promise<void>;
}

/** An activity with its argument. */
export interface Step {
  readonly name: string;
  readonly argument: unknown;
}

/** What a worker of the bench is told before it starts. */
export type WorkerOrder =
  /** The product's workflows with activities that answer at once what was recorded, and the floor. */
  | {
      readonly kind: 'noop';
      readonly bundle: string;
      readonly address: string;
      readonly answers: Readonly<Record<string, readonly unknown[]>>;
    }
  /** The product's workflows and the steps beside them, both with the product's activities on the home's warehouse. */
  | { readonly kind: 'real'; readonly bundle: string; readonly address: string };

/** What it is told later: processors are of another version from now on, so that each night is built again. */
export interface NewVersion {
  readonly version: string;
}
