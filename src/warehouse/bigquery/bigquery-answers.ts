/**
 * What BigQuery, whoever gives out its tokens, and the way there may answer, and what is done about it: data only. Codes and
 * reasons come first (https://cloud.google.com/bigquery/docs/error-messages); a text is looked at only where they leave it
 * open. Every row has a test through a proxy that gives this answer, and a row without one fails there.
 */

export interface Answer {
  /**
   * `transient`: it passes, and is tried again · `ours`: a contract is broken, by a bug or by somebody who changed a table ·
   * `rows`: the rows given do not fit the table · `final`: BigQuery refuses until a person acts outside of phase3.
   */
  readonly kind: 'transient' | 'ours' | 'rows' | 'final';
  /** What it means and what to do: one or two sentences. */
  readonly says: string;
  /** When to try again, in ms, where the usual pauses are far too short. */
  readonly retryAfterMs?: number;
}

/** An answer that reason and status leave open, told by its text. */
export interface WordsAnswer extends Answer {
  /** Reasons under which the text is looked at. */
  readonly of: readonly string[];
  readonly text: RegExp;
}

const transient = (says: string): Answer => ({ kind: 'transient', says });
const ours = (says: string): Answer => ({ kind: 'ours', says });
const final = (says: string): Answer => ({ kind: 'final', says });

const setUp = 'docs/how-to/set-up-bigquery.md';

/** By `reason`, of a request that was refused or a job that has failed. */
export const byReason: Readonly<Record<string, Answer>> = {
  backendError: transient('BigQuery has a fault of its own.'),
  internalError: transient('BigQuery has a fault of its own.'),
  jobBackendError: transient('BigQuery has a fault of its own.'),
  jobInternalError: transient('BigQuery has a fault of its own.'),
  jobRateLimitExceeded: transient('Too many jobs came at once.'),
  rateLimitExceeded: transient('Too many requests came at once.'),
  userRateLimitExceeded: transient('Too many requests of this account came at once.'),
  resourceInUse: transient('Somebody else is working on the table or dataset.'),
  stopped: transient('The job was cancelled.'),
  tableUnavailable: transient('BigQuery cannot reach the table at this moment.'),
  timeout: transient('The job took longer than it may.'),

  attributeError: ours('A request of phase3 is wrong: report it.'),
  badRequest: ours('A request of phase3 is wrong: report it.'),
  conditionNotMet: ours('A request of phase3 is wrong: report it.'),
  duplicate: ours('Something of that name exists that phase3 did not expect: look who made it.'),
  invalid: ours(
    'A request of phase3 is wrong, or a table was changed: compare it with docs/reference/tables.md.',
  ),
  invalidQuery: ours(
    'A table or column was changed, or a statement of phase3 is wrong: compare docs/reference/tables.md.',
  ),
  notFound: ours('A table or dataset is gone: restore it, or start a worker, which creates what is missing.'),
  notImplemented: ours('A request of phase3 is wrong: report it.'),
  resourcesExceeded: ours('A statement of phase3 needs more than BigQuery gives: report it.'),
  responseTooLarge: ours('A statement of phase3 gives more than BigQuery returns: report it.'),

  accessDenied: final(`The account lacks a right: grant it (${setUp}#rights).`),
  forbidden: final(`The account lacks a right: grant it (${setUp}#rights).`),
  insufficientPermissions: final(`The account or its scopes lack a right: grant it (${setUp}#rights).`),
  accessNotConfigured: final(
    `The BigQuery API is off in this project: enable it (${setUp}#apis-and-datasets).`,
  ),
  billingNotEnabled: final('Billing is off in this project: enable it.'),
  billingTierLimitExceeded: final('The project limits what a query may cost: raise the limit.'),
  bytesBilledLimitExceeded: final('The project limits what a query may cost: raise the limit.'),
  blocked: final('Google has blocked the project for this operation: ask its support.'),
  dailyLimitExceeded: final('The quota of the day is used up: raise it, or rerun tomorrow.'),
  quotaExceeded: final(
    'A quota, as a rule that of a day, is used up: raise it, or rerun when it has been refilled.',
  ),
  usageQuotaExceeded: final('The custom quota of the day is used up: raise it, or rerun tomorrow.'),
  invalidUser: final('The account does not exist or may not run jobs: check it.'),
  proxyAuthenticationRequired: final('The proxy in between asks for credentials: configure it.'),
};

/** Reasons that say nothing but that a statement was refused. */
const anyStatement = ['invalidQuery', 'invalid', 'badRequest'];

/** By text; the first that matches counts. */
export const byWords: readonly WordsAnswer[] = [
  {
    ...transient('Two transactions changed a table at once.'),
    of: anyStatement,
    text: /could not serialize|concurrent update|due to concurrent|aborted due to conflict/i,
  },
  {
    ...transient('Two transactions changed a table at once.'),
    of: anyStatement,
    // The emulator's words.
    text: /failed to commit|transaction conflict|write-write conflict|conflict on /i,
  },
  {
    ...transient('Two requests created a job of one id at once.'),
    of: anyStatement,
    // The emulator's words; BigQuery says 409, as to whoever comes later.
    text: /duplicate key .*job_id/i,
  },
  {
    ...transient(
      'Rows were streamed into the table; it can be written to when they have left the buffer, as a rule within 90 minutes.',
    ),
    of: anyStatement,
    text: /streaming buffer/i,
    // As often as a processor is tried (45 times), this is the 90 minutes.
    retryAfterMs: 2 * 60_000,
  },
  {
    kind: 'rows',
    says: 'A row is null where its table requires a value.',
    of: anyStatement,
    text: /required field .* cannot be null|not null constraint|cannot be null|null value in required/i,
  },
  {
    ...transient('Too many requests came at once.'),
    of: ['quotaExceeded'],
    text: /concurrent|too many|per (second|minute|\d+ seconds)/i,
  },
];

/** By HTTP status, where there is no reason, or one that is in no table. */
export const byStatus: Readonly<Record<number, Answer>> = {
  400: ours(
    'A request of phase3 is wrong, or a table was changed: compare it with docs/reference/tables.md.',
  ),
  // It comes here only after a fresh token was refused as well.
  401: final(
    `BigQuery refuses a token that was just fetched: check the account and its key (${setUp}#rights).`,
  ),
  402: final('Billing is off in this project: enable it.'),
  403: final(`The account lacks a right, or a firewall refuses: grant it (${setUp}#rights).`),
  404: ours('A table, dataset or project is gone, or an address is wrong: restore it.'),
  407: final('The proxy in between asks for credentials: configure it.'),
  408: transient('A request took too long on its way.'),
  429: transient('Too many requests came at once.'),
  499: transient('A request was cancelled on its way.'),
  500: transient('BigQuery has a fault of its own.'),
  501: ours('A request of phase3 is wrong: report it.'),
  502: transient('BigQuery cannot be reached through a gateway.'),
  503: transient('BigQuery has a fault of its own.'),
  504: transient('BigQuery cannot be reached through a gateway.'),
};

/** Statuses in none of the tables, by their hundreds. */
export const byStatusClass: Readonly<Record<number, Answer>> = {
  3: transient('BigQuery was redirected to somewhere that does not answer.'),
  4: ours('A request of phase3 is wrong: report it.'),
  5: transient('BigQuery has a fault of its own.'),
};

/** By HTTP status of whoever gives out tokens: the machine's metadata server, or Google's accounts. */
export const byTokenStatus: Readonly<Record<number, Answer>> = {
  400: final('The key was revoked or is malformed, or the clock of this machine is wrong: check both.'),
  401: final('The key belongs to no account any more: make another.'),
  403: final('The account of this machine may not get a token: check its scopes.'),
  404: final(`This machine has no account: give it one (${setUp}#rights).`),
  408: transient('The server that gives the token took too long.'),
  429: transient('Too many tokens were asked for at once.'),
};

export const byTokenStatusClass: Readonly<Record<number, Answer>> = {
  3: transient('The server that gives the token was redirected to somewhere that does not answer.'),
  4: final('The server that gives the token refuses: check the account.'),
  5: transient('The server that gives the token has a fault of its own.'),
};

const noWay = transient('BigQuery cannot be reached.');
const noTrust = final(
  'Somebody between here and Google shows a certificate that is not trusted: check proxy and clock.',
);
const noKey = final(
  'The key file of the account is missing or unreadable: check GOOGLE_APPLICATION_CREDENTIALS.',
);

/** By the code of an error on the way, or of what is needed for setting out. Others are taken for a way that is closed. */
export const byCode: Readonly<Record<string, Answer>> = {
  ECONNABORTED: noWay,
  ECONNREFUSED: noWay,
  ECONNRESET: noWay,
  EAI_AGAIN: noWay,
  EHOSTUNREACH: noWay,
  ENETDOWN: noWay,
  ENETUNREACH: noWay,
  ENOTFOUND: noWay,
  EPIPE: noWay,
  ETIMEDOUT: noWay,
  ERR_STREAM_PREMATURE_CLOSE: noWay,

  CERT_HAS_EXPIRED: noTrust,
  CERT_NOT_YET_VALID: noTrust,
  DEPTH_ZERO_SELF_SIGNED_CERT: noTrust,
  EPROTO: noTrust,
  ERR_TLS_CERT_ALTNAME_INVALID: noTrust,
  SELF_SIGNED_CERT_IN_CHAIN: noTrust,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: noTrust,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: noTrust,

  EACCES: noKey,
  EISDIR: noKey,
  ENOENT: noKey,
  ERR_OSSL_UNSUPPORTED: noKey,
  MISSING_CREDENTIALS: noKey,
  UNKNOWN_CERTIFICATE_TYPE: noKey,
};

/** There is no credential to set out with: only the library's words say so. */
export const noCredentials = {
  ...final(`There are no credentials on this machine: set GOOGLE_APPLICATION_CREDENTIALS (${setUp}#rights).`),
  text: /^Could not load the default credentials/,
};

/** The library's words go on with the beginning of the file, where a key may stand. */
export const noKeyFile = {
  ...noKey,
  text: /^Unable to read the credential file specified by the GOOGLE_APPLICATION_CREDENTIALS environment variable/,
};

/** Neither status, reason nor code: what came back is no answer of BigQuery's. */
export const unreadable: Answer = transient('What came back is no answer of BigQuery.');
