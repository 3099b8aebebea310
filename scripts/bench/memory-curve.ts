/** How a process's memory goes over time. Pure. */

export interface Sample {
  /** Seconds since the beginning. */
  readonly at: number;
  readonly bytes: number;
}

/** The sample that is nearest to an instant; null where there is none. */
export function nearestTo(samples: readonly Sample[], at: number): Sample | null {
  return samples.reduce<Sample | null>(
    (nearest, sample) =>
      nearest === null || Math.abs(sample.at - at) < Math.abs(nearest.at - at) ? sample : nearest,
    null,
  );
}

/** Bytes a minute by which it grows between two instants: the line of least squares through what was seen. */
export function growthPerMinute(samples: readonly Sample[], from: number, to: number): number | null {
  const seen = samples.filter(({ at }) => at >= from && at <= to);
  if (seen.length < 2) return null;
  const mean = (value: (sample: Sample) => number): number =>
    seen.reduce((sum, sample) => sum + value(sample), 0) / seen.length;
  const [meanAt, meanBytes] = [mean(({ at }) => at), mean(({ bytes }) => bytes)];
  const spread = mean(({ at }) => (at - meanAt) ** 2);
  return spread === 0 ? null : (60 * mean(({ at, bytes }) => (at - meanAt) * (bytes - meanBytes))) / spread;
}
