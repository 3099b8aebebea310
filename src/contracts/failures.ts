/** The closed list of failure types that cross a process boundary. Match on these, never on text. */
export const failureTypes = {
  /** The warehouse did not answer: 5xx, reset, conflict. Retryable. */
  warehouseUnavailable: 'WarehouseUnavailable',
  /** A table or column is missing, or a statement is wrong. Not retryable. */
  warehouseContractBroken: 'WarehouseContractBroken',
  /** The warehouse refuses until a person acts: a right, billing, a quota of the day. Not retryable. */
  warehouseRefused: 'WarehouseRefused',
  /** Pure code threw: a bug, which the same inputs meet again. Not retryable. */
  codeFault: 'CodeFault',
  /** This attempt's pass is over: a later one holds the date. Not retryable. */
  passFenced: 'PassFenced',
  /** The request names something that cannot be. Not retryable. */
  invalidRunInput: 'InvalidRunInput',
  /** A decision that the date does not take in its present state; nothing of it is on record. */
  overrideRefused: 'OverrideRefused',
  /** A decision that could not be put on record, and so was not taken. Sent again, it may be. */
  auditUnavailable: 'AuditUnavailable',
  /** A webhook did not take a notification. Retryable where its answer says so. */
  webhookFailed: 'WebhookFailed',
} as const;
