/** The closed list of failure types that cross a process boundary. Match on these, never on text. */
export const failureTypes = {
  /** The warehouse did not answer: 5xx, reset, conflict. Retryable. */
  warehouseUnavailable: 'WarehouseUnavailable',
  /** A table or column is missing, or a statement is wrong. Not retryable. */
  warehouseContractBroken: 'WarehouseContractBroken',
  /** This attempt's pass is over: a later one holds the date. Not retryable. */
  passFenced: 'PassFenced',
  /** The request names something that cannot be. Not retryable. */
  invalidRunInput: 'InvalidRunInput',
} as const;
