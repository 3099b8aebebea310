/**
 * The fields that messages, HTTP bodies and the command line share, each declared once. Pure; safe in the workflow sandbox.
 */
import * as v from 'valibot';
import { isGameDate } from './game-date';

/** A text that can be kept as a name: not blank, on one line, all of it visible. */
const visible = /^(?=.*\S)[^\p{C}]*$/u;

/** A text on one line, all of it visible. */
export function visibleText(longest: number, description: string) {
  return v.pipe(v.string(), v.regex(visible), v.maxLength(longest), v.description(description));
}

/**
 * A name that objects are keyed by, in the workflow and in what it hands on. `constructor` or `__proto__` would be found in any
 * object, and what is found there is no list of ours: a workflow task that meets it fails at each attempt.
 */
export function nameText(longest: number, description: string) {
  return v.pipe(
    v.string(),
    v.regex(visible),
    v.maxLength(longest),
    v.check((text) => !(text in {})),
    v.description(description),
  );
}

/** An identifier that its sender has chosen: of a request, a decision, a workflow. */
export const id = visibleText(200, 'a text of at most 200 visible characters');

/** What a sender calls the work that a message is a part of. */
export const correlationId = visibleText(100, 'a text of at most 100 visible characters; it is recorded');

export const gameDate = v.pipe(
  v.string(),
  v.check(isGameDate),
  v.description('a calendar date written YYYY-MM-DD, such as 2025-01-15'),
);

/** A processor's name, whether there is one or not: `named-fields.ts` knows which there are. */
export const processorName = nameText(100, 'the name of a processor');

/** The bare name of a table, whether there is one or not. */
export const tableName = nameText(100, 'the name of a table');

export const version = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(1),
  v.description('the number of a kept version, such as 1'),
);

export const instant = v.pipe(
  v.string(),
  v.maxLength(40),
  v.check((text) => !Number.isNaN(Date.parse(text))),
  v.description('an instant such as 2025-01-16T08:00:00Z'),
);

/** Names under which the system itself writes to the audit. */
const reserved: readonly string[] = ['policy', 'system', 'temporal'];

/** The most dates that a backfill may have under way at once. */
export const mostConcurrency = 64;

export const concurrency = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(1),
  v.maxValue(mostConcurrency),
  v.description(`a whole number from 1 to ${mostConcurrency}`),
);

/** Who decides. Invisible characters could make one name look like another. */
export const who = v.pipe(
  v.string(),
  v.regex(visible),
  v.maxLength(200),
  v.check((text) => !reserved.includes(text.trim().toLowerCase())),
  v.description(
    'the name of the person who decides: at most 200 visible characters, and not policy, system or temporal, which are reserved for the system',
  ),
);

/** Why, of what is no decision about a date. */
export const note = visibleText(1_000, 'why: a text of at most 1000 visible characters; it is recorded');

/** Why. It must tell the reader of the audit something. */
export const reason = v.pipe(
  v.string(),
  v.maxLength(1_000),
  v.check(saysSomething),
  v.description(
    'a text that says why, of at least 10 and at most 1000 characters, at least four different letters and no control characters; it is kept with the decision',
  ),
);

function saysSomething(text: string): boolean {
  // Half a character can be stored nowhere.
  if (/[^\P{Cc}\t\n\r]|\p{Cs}/u.test(text)) return false;
  return text.trim().length >= 10 && new Set(text.toLowerCase().match(/\p{L}/gu)).size >= 4;
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration such as `30m` in ms; NaN for anything else. */
export function durationMs(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,9}(?:\.\d{1,9})?)\s*([smhd])$/.exec(text.trim()) ?? [];
  return digits === '' ? NaN : Math.round(Number(digits) * (units[unit] ?? NaN));
}

const minuteMs = 60_000;
const dayMs = 24 * 3_600_000;

/** A duration from a minute to `longestMs`, twice: as a person writes it, and in ms, as messages carry it. `inWords` names the longest. */
function durationField(longestMs: number, inWords: string, examples: string) {
  const isIn = (ms: number): boolean => ms >= minuteMs && ms <= longestMs;
  return {
    written: v.pipe(
      v.string(),
      v.check((text) => isIn(durationMs(text))),
      v.description(`a duration from a minute to ${inWords}, such as ${examples}`),
    ),
    inMs: v.pipe(
      v.number(),
      v.integer(),
      v.check(isIn),
      v.description(`a whole number from ${minuteMs} to ${longestMs}: a minute to ${inWords} in ms`),
    ),
  };
}

/** How long a decision to do without something holds. */
export const { written: hold, inMs: holdMs } = durationField(90 * dayMs, '90 days', '12h or 7d');

/** How long a command waits at most. */
export const timeout = v.pipe(
  v.string(),
  v.check((text) => durationMs(text) >= 1_000 && durationMs(text) <= 7 * dayMs),
  v.description('a duration from a second to 7 days, such as 30s, 30m or 2h'),
);

/** By how much a deadline moves. */
export const { written: extension, inMs: extensionMs } = durationField(dayMs, 'a day', '30m or 2h');
