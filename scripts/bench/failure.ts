/** Thrown when what was measured went wrong: then the figures are worth nothing and the bench exits 1. */
export class BenchFailure extends Error {
  override readonly name = 'BenchFailure';
}
