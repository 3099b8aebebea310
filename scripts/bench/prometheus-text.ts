/** Reads the text in which a process tells Prometheus of itself. Pure. */

/** The sum of a metric's series, whatever their labels; null where it has none. */
export function sumOf(text: string, metric: string): number | null {
  const values = text.split('\n').flatMap((line) => {
    const [, name, value] = /^([a-zA-Z_:][\w:]*)(?:\{.*\})? (\S+)/.exec(line) ?? [];
    return name === metric && value !== undefined ? [Number(value)] : [];
  });
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) : null;
}

/** What a metric has grown by between two texts; one that only the second has began at none. */
export function growthOf(before: string, after: string, metric: string): number | null {
  const end = sumOf(after, metric);
  return end === null ? null : end - (sumOf(before, metric) ?? 0);
}

/** The mean of a histogram's observations between two texts; null where there were none. */
export function meanBetween(before: string, after: string, histogram: string): number | null {
  const count = growthOf(before, after, `${histogram}_count`);
  const sum = growthOf(before, after, `${histogram}_sum`);
  return count === null || sum === null || count === 0 ? null : sum / count;
}
