/** The pin that a restore puts on what it publishes: a person's decision, which holds whatever the inputs become. */

/** The `pin` of a manifest, as JSON. */
export interface Pin {
  /** The request that restored it; versions that one request restored are one decision. */
  readonly request_id: string;
  readonly by: string;
  readonly reason: string;
  /** When it was published, ISO 8601, UTC. */
  readonly at: string;
  /** The version whose rows were published again. */
  readonly version: number;
  /**
   * What a run would have been built from when it was decided, game → source table → hash: what moved from there questions the
   * decision. Null where that could not be read.
   */
  readonly inputs: Readonly<Record<string, Readonly<Record<string, string>>>> | null;
  /** The processor's version then. */
  readonly processor_version: string;
}

/** The pin of a manifest; null when it has none. Written by the restore's activity, so the shape is ours. */
export function parsePin(json: string | null): Pin | null {
  return json === null ? null : (JSON.parse(json) as Pin);
}

/** A pin as people see it. */
export interface PinStanding {
  readonly requestId: string;
  readonly by: string;
  readonly reason: string;
  /** When it was published, ISO 8601, UTC. */
  readonly at: string;
  /** The version whose rows were published again. */
  readonly version: number;
  /** What moved since it was decided, as a clause; null while nothing has. */
  readonly questioned: string | null;
}

export function standingOf(
  { request_id: requestId, by, reason, at, version }: Pin,
  questioned: string | null,
): PinStanding {
  return { requestId, by, reason, at, version, questioned };
}

/** Why a pinned version is live, as a clause. */
export function describePin({ version, by, reason }: Pick<PinStanding, 'version' | 'by' | 'reason'>): string {
  return `pinned to version ${version} by ${by}: ${reason}`;
}

/** That what was pinned is to be looked at again, as a clause. */
export function describeQuestion({ version, by }: Pick<PinStanding, 'version' | 'by'>, why: string): string {
  return `the pin to version ${version} by ${by} is questioned: ${why}`;
}
