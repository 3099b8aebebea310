/**
 * What may be sent, as schemas: they validate requests, and `/openapi.json` is made from them. A property's description ends
 * the sentence that names its fault: "game_date is 7, expected <description>."
 */
import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import {
  concurrency,
  id,
  instant,
  correlationId,
  extension,
  gameDate,
  hold,
  nameText,
  reason,
  version,
  visibleText,
} from '../contracts/fields';
import { inputTable, processor, processors } from '../contracts/named-fields';
import { isGameDate } from '../contracts/game-date';
import { seenRules } from '../contracts/messages';
import { closed, noList, open, type Schema } from '../contracts/schema';
import { defaultSource } from '../plan/registry';
import { bareTableName } from '../tables/catalogue';

const table = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,2}$/),
  v.maxLength(200),
  v.description(`the name of a table, such as nba_raw.${defaultSource}`),
);

function flag(what: string) {
  return v.pipe(v.boolean(), v.description(`true or false${what}`));
}

const backfillMode = flag('; true checks once, and does not wait for missing inputs');

/** The message of an upstream: more fields than these may come, and mean nothing. Senders write null for unknown values. */
export const messageSchema = v.pipe(
  open({
    output_table: v.nullish(table),
    source_table: v.nullish(table),
    game_date: v.nullish(gameDate),
    status: v.nullish(
      v.pipe(v.string(), v.description('a text; any value except success means that the upstream failed')),
    ),
    success: v.nullish(flag('; takes precedence over status')),
    backfill_mode: v.nullish(backfillMode),
    record_count: v.optional(
      v.pipe(
        v.unknown(),
        v.description('how many rows came; 0 says that none did, anything else that some did'),
      ),
    ),
    correlation_id: v.nullish(correlationId),
  }),
  v.description(
    'A source table has changed for a game date. Table (output_table or source_table) and game_date must be named, unless the upstream says that it failed.',
  ),
);

export const pubsubId = visibleText(80, "Pub/Sub's id of it");
export const subscription = v.pipe(v.string(), v.maxLength(1_000), v.description("the subscription's name"));
export const deliveryAttempt = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(0),
  v.description('a whole number from 0'),
);
export const instantText = v.pipe(
  v.string(),
  v.maxLength(100),
  v.description('an instant such as 2025-01-16T08:00:00Z'),
);

/** A Pub/Sub push. Pub/Sub adds fields as it grows, so those that nobody knows are let pass. */
export const envelopeSchema = v.pipe(
  open({
    message: v.pipe(
      open({
        data: v.pipe(v.string(), v.minLength(1), v.description('base64 of a JSON object')),
        messageId: pubsubId,
        attributes: v.nullish(
          v.pipe(
            noList(v.record(v.string(), v.pipe(v.string(), v.description('a text')))),
            v.description('an object of texts'),
          ),
        ),
        publishTime: v.nullish(instantText),
      }),
      v.description('an object with data and messageId'),
    ),
    subscription: v.nullish(subscription),
    deliveryAttempt: v.nullish(deliveryAttempt),
  }),
  v.description(
    'What a Pub/Sub push subscription sends: the message is in `message.data`, as base64 of JSON.',
  ),
);

/** The days that may be named by a word, from today's. */
export const dayWords: Readonly<Record<string, number>> = { TODAY: 0, YESTERDAY: -1, TOMORROW: 1 };

/** An end of a range. */
export const day = v.pipe(
  v.string(),
  v.check((text) => isGameDate(text) || Object.hasOwn(dayWords, text)),
  v.description('a calendar date written YYYY-MM-DD, such as 2025-01-15, or TODAY, YESTERDAY or TOMORROW'),
);

/** None means all of them. */
const someProcessors = v.exactOptional(processors);

export const rangeSchema = v.pipe(
  closed({
    start_date: day,
    end_date: day,
    processors: someProcessors,
    backfill_mode: v.exactOptional(backfillMode),
    skip_downstream_trigger: v.exactOptional(
      flag('; accepted and ignored, because nothing is sent downstream'),
    ),
    correlation_id: v.exactOptional(correlationId),
  }),
  v.description('Dates to run, both ends included. TODAY, YESTERDAY and TOMORROW are those of New York.'),
);

/** A table with or without its dataset. */
const anyInputTable = v.pipe(v.string(), v.transform(bareTableName), inputTable);

const dryRun = {
  dry_run: v.exactOptional(flag('; true answers with what would come of it, and decides nothing')),
};

const game = nameText(100, 'the id of a game, such as 20170415_IND_CLE');

/** Until when a decision about a game holds: one of the two. */
const untilWhen = { until: v.exactOptional(instant), for: v.exactOptional(hold) };

const rule = v.pipe(v.string(), v.maxLength(100), v.description('the name or the number of a rule'));

const rules = v.pipe(
  v.array(rule),
  v.minLength(1),
  v.maxLength(100),
  v.description('a list of rules that the game may break, by name or number, or ["all"]'),
);

/** What people decide about a date, by the name of its route. */
export const decisionSchemas = {
  bypass: v.pipe(
    closed({
      processor: v.exactOptional(processor),
      missing: v.exactOptional(
        v.pipe(
          v.array(anyInputTable),
          v.minLength(1),
          v.maxLength(50),
          v.description(
            `a list of the missing tables to do without, such as ["${defaultSource}"]; all of them if left out`,
          ),
        ),
      ),
      for: v.exactOptional(hold),
      reason,
      ...dryRun,
    }),
    v.description(
      'Runs a processor once without missing inputs. Without a processor: every one that lacks what is missing.',
    ),
  ),
  rerun: v.pipe(
    closed({
      processors: someProcessors,
      reason,
      force: v.exactOptional(flag('; true rebuilds even if nothing has changed')),
    }),
    v.description('Runs a date again; a named processor also rebuilds everything downstream.'),
  ),
  restore: v.pipe(
    closed({
      processor: v.exactOptional(processor),
      version: v.exactOptional(version),
      before: v.exactOptional(instant),
      reason,
      ...dryRun,
    }),
    v.description(
      'Brings back a version of a table (processor and version) with what stands on it, or of every table what was live just before an instant (before), and keeps it until it is unpinned.',
    ),
  ),
  unpin: v.pipe(
    closed({ processor: v.exactOptional(processor), reason, ...dryRun }),
    v.description(
      'Builds what a restore has pinned from its present inputs: the processor that is named, or every one that is pinned.',
    ),
  ),
  release: v.pipe(
    closed({
      ...{ game, rules: v.exactOptional(rules), seen: v.exactOptional(seenRules) },
      ...{ ...untilWhen, reason, ...dryRun },
    }),
    v.description(
      'Publishes a game although it breaks rules (rules, or seen: as GET /dates/{date} shows them under broken), until an instant (until or for).',
    ),
  ),
  discard: v.pipe(
    closed({ game, seen: v.exactOptional(seenRules), reason, ...dryRun }),
    v.description('Leaves a game that breaks rules as it is, until its evidence is another.'),
  ),
  estimate: v.pipe(
    closed({ game, ...untilWhen, reason, ...dryRun }),
    v.description(
      'Accepts an estimate of what the players of a reconstructed game cannot give, until its team row comes or an instant (until or for).',
    ),
  ),
  extend: v.pipe(closed({ for: extension, reason }), v.description('Moves the deadline of a waiting date.')),
  cancel: v.pipe(closed({ reason }), v.description('Ends the run of a date; published tables stay.')),
  recheck: v.pipe(closed({}), v.description('Checks the dependencies of a waiting date now.')),
} as const;

export type DecisionName = keyof typeof decisionSchemas;

/** Made by who sends it. */
const sentAgain = {
  id: v.exactOptional(
    v.pipe(
      id,
      v.description(
        'a text of at most 200 visible characters, made by the sender: sent again with it, it is one decision',
      ),
    ),
  ),
};

/** What people decide about a backfill, by the name of its route. */
export const steerSchemas = {
  pause: v.pipe(
    closed({ reason, ...sentAgain }),
    v.description('Asks no further date of a backfill for now; those under way go on to their end.'),
  ),
  resume: v.pipe(closed({ reason, ...sentAgain }), v.description('Goes on with a paused backfill.')),
  cancel: v.pipe(
    closed({ reason, ...sentAgain }),
    v.description('Asks no further date of a backfill, and ends it; what is published stays.'),
  ),
  set: v.pipe(
    closed({ concurrency, reason, ...sentAgain }),
    v.description('Sets how many dates of a backfill run at the same time.'),
  ),
} as const;

export type SteerName = keyof typeof steerSchemas;

/** A schema as OpenAPI 3.0 has it. What only code can judge is in its description. */
export function openApiOf(schema: Schema): Record<string, unknown> {
  const { $schema: _, ...described } = toJsonSchema(schema, {
    target: 'openapi-3.0',
    typeMode: 'input',
    errorMode: 'ignore',
    // Metadata is for faults.
    ignoreActions: ['metadata', 'safe_integer'],
  }) as Record<string, unknown>;
  return described;
}
