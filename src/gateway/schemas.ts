/**
 * What may be sent, as JSON schemas: they judge what comes, and are what `/openapi.json` says. A property's description ends
 * the sentence that names its fault: "game_date is 7, expected <description>."
 */
import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import { defaultSource, processorNames } from '../plan/registry';
import { nearest } from '../requests/nearest';

type Schema = Readonly<Record<string, unknown>>;

/** An object's schema, as JSON Schema draft-07 and OpenAPI 3 both have it. */
export interface BodySchema {
  readonly type: 'object';
  readonly description: string;
  readonly required?: readonly string[];
  readonly properties: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
}

/** What can be kept under a name: not blank, no line of its own, nothing that is not seen. */
const visible = '^(?=.*\\S)[^\\p{C}]*$';
const date = {
  type: 'string',
  minLength: 1,
  description: 'a calendar date written YYYY-MM-DD, such as 2025-01-15',
};
const table = {
  type: 'string',
  pattern: '^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+){0,2}$',
  maxLength: 200,
  description: `the name of a table, such as nba_raw.${defaultSource}`,
};
const backfillMode = {
  type: 'boolean',
  description: 'true or false: true asks once, and what is missing then is not waited for',
};
const correlationId = {
  type: 'string',
  pattern: visible,
  maxLength: 100,
  description: 'a text of at most 100 characters, none of them unseen, which goes on record',
};
const reason = { type: 'string', description: 'a text that says why; it goes into the audit' };
const processor = { type: 'string', description: `a processor, such as ${processorNames[0]}` };
const processors = {
  type: 'array',
  maxItems: 50,
  items: processor,
  description: `a list of processors, such as ["${processorNames[0]}"]; none means all of them`,
};

/** The message of an upstream: more fields than these may come, and mean nothing here. */
export const messageSchema: BodySchema = {
  type: 'object',
  description: 'News of a source table: it has changed for a game date.',
  properties: {
    output_table: table,
    source_table: { ...table, description: `${table.description}; read where there is no output_table` },
    game_date: date,
    status: { type: 'string', description: 'a text; anything but success is an upstream that has failed' },
    success: { type: 'boolean', description: 'true or false, which goes before status' },
    backfill_mode: backfillMode,
    correlation_id: correlationId,
  },
};

/** A Pub/Sub push. Pub/Sub adds fields as it grows, so those that nobody knows are let pass. */
export const envelopeSchema: BodySchema = {
  type: 'object',
  description: 'What a Pub/Sub push subscription sends: the message is in `message.data`, as base64 of JSON.',
  required: ['message'],
  properties: {
    message: {
      type: 'object',
      description: 'an object with data and messageId',
      required: ['data', 'messageId'],
      properties: {
        data: { type: 'string', minLength: 1, description: 'base64 of a JSON object' },
        messageId: { type: 'string', pattern: visible, maxLength: 80, description: "Pub/Sub's id of it" },
        attributes: {
          type: 'object',
          additionalProperties: { type: 'string', description: 'a text' },
          description: 'an object of texts',
        },
        publishTime: { type: 'string', description: 'an instant such as 2025-01-16T08:00:00Z' },
      },
    },
    subscription: { type: 'string', maxLength: 1_000, description: "the subscription's name" },
    deliveryAttempt: { type: 'integer', minimum: 0, description: 'a whole number from 0' },
  },
};

export const rangeSchema: BodySchema = {
  type: 'object',
  description: 'Dates to run, both ends included. TODAY, YESTERDAY and TOMORROW are those of New York.',
  required: ['start_date', 'end_date'],
  properties: {
    start_date: { ...date, description: `${date.description}, or TODAY, YESTERDAY or TOMORROW` },
    end_date: { ...date, description: `${date.description}, or TODAY, YESTERDAY or TOMORROW` },
    processors,
    backfill_mode: backfillMode,
    skip_downstream_trigger: {
      type: 'boolean',
      description: 'true or false; nothing is sent downstream in either case',
    },
    correlation_id: correlationId,
  },
  additionalProperties: false,
};

export const decisionSchemas = {
  bypass: decision('Runs a processor once without inputs that are missing.', {
    processor,
    missing: {
      type: 'array',
      minItems: 1,
      maxItems: 50,
      items: { type: 'string', description: 'a table' },
      description: `a list of the tables that it may do without, such as ["${defaultSource}"]; leave it out for all`,
    },
  }),
  rerun: decision('Runs a date again; a processor that is named brings its downstream.', {
    processors,
  }),
  restore: decision('Makes a kept version of a table live again, as a new version.', {
    processor,
    version: { type: 'integer', minimum: 1, description: 'the number of a kept version, such as 1' },
  }),
  extend: decision('Moves the deadline of a date that waits.', {
    by: {
      type: 'string',
      pattern: '^\\s*\\d+(\\.\\d+)?\\s*[smhd]\\s*$',
      description: 'a duration such as 30m or 2h, from a minute to a day',
    },
  }),
  cancel: decision("Ends a date's run; what is published stays.", {}),
  recheck: {
    type: 'object',
    description: 'Makes a date that waits look again at once.',
    properties: {},
    additionalProperties: false,
  },
} as const satisfies Record<string, BodySchema>;

/** Lists may be left out, which means all; everything else is required. */
function decision(description: string, fields: Readonly<Record<string, Schema>>): BodySchema {
  const required = Object.keys(fields).filter((name) => fields[name]?.['type'] !== 'array');
  return {
    type: 'object',
    description,
    required: [...required, 'reason'],
    properties: { ...fields, reason },
    additionalProperties: false,
  };
}

/** A caller reads the first ones; a body can be made to have a hundred thousand. */
const mostFaults = 20;

const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  strict: true,
  allowUnionTypes: true,
  unicodeRegExp: true,
});
const compiled = new WeakMap<BodySchema, ValidateFunction>();

/** Every fault of a value by a schema, as sentences that name the field and what would be right; none when it is good. */
export function faultsOf(schema: BodySchema, value: unknown, what = 'The body'): string[] {
  const validate = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, validate);
  if (validate(value)) return [];
  return faultsFrom(validate.errors ?? [], schema, what);
}

function faultsFrom(errors: readonly ErrorObject[], schema: BodySchema, what: string): string[] {
  const sentences = [...new Set(errors.map((error) => sentenceOf(error, schema, what)))];
  const more = sentences.length - mostFaults;
  return more > 0 ? [...sentences.slice(0, mostFaults), `There are ${more} more faults.`] : sentences;
}

function sentenceOf(error: ErrorObject, schema: BodySchema, what: string): string {
  const { keyword, instancePath, data, parentSchema } = error;
  const field = instancePath.slice(1).replace(/~1/g, '/').replace(/~0/g, '~').replace(/\//g, '.');
  const params = error.params as { missingProperty?: string; additionalProperty?: string };
  const within = (name: string): string => cut(field === '' ? name : `${field}.${name}`);
  if (keyword === 'required') {
    const name = params.missingProperty ?? '';
    const { properties = {} } = parentSchema as { properties?: Record<string, { description?: string }> };
    return `${within(name)} is missing, expected ${properties[name]?.description ?? 'a value'}.`;
  }
  if (keyword === 'additionalProperties') {
    const name = params.additionalProperty ?? '';
    const known = Object.keys(schema.properties);
    const fields = known.length > 0 ? `Fields: ${known.join(', ')}.` : 'There are no fields.';
    return `${within(name)} is no field of it.${nearest(cut(name), known)} ${fields}`;
  }
  if (field === '') return `${what} is ${shown(data)}, expected a JSON object.`;
  const { description = 'something else' } = parentSchema as { description?: string };
  return `${cut(field)} is ${shown(data)}, expected ${description}.`;
}

/** A value as JSON, short enough for a sentence. */
export function shown(value: unknown): string {
  return value === undefined ? 'missing' : cut(JSON.stringify(value));
}

const longestShown = 120;

function cut(text: string): string {
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}
