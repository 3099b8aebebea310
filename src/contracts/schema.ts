/**
 * Validates everything that comes from outside: a valibot schema, and faults with a code, a field and a sentence of ours.
 * A node's description ends the sentence: "game_date is 7, expected <description>." Codes and fields are for programs,
 * sentences for people; no code reads a sentence. Pure; safe in the workflow sandbox.
 */
import * as v from 'valibot';

/** Kinds of faults: a closed list, because tests and callers ask by it. */
export type FaultCode =
  | 'missing'
  | 'unknown_field'
  | 'wrong_type'
  | 'wrong_value'
  | 'not_allowed'
  | 'unknown_processor'
  | 'unknown_source'
  | 'unknown_table'
  | 'unknown_version'
  | 'built_here'
  | 'in_future'
  | 'too_early'
  | 'wrong_order'
  | 'too_many'
  | 'too_deep'
  | 'too_large'
  | 'not_base64'
  | 'not_utf8'
  | 'not_json';

export interface Fault {
  readonly code: FaultCode;
  /** The field at fault, with dots between its levels; what was sent as a whole has a name such as "The body". */
  readonly field: string;
  /** The sentence without its subject and its full stop. */
  readonly problem: string;
  /** A sentence that follows, such as "Did you mean X?"; empty or left out where there is none. */
  readonly hint?: string;
}

/** The whole sentence, and its hint. */
export function sentenceOf(fault: Fault): string {
  return `${clauseOf(fault)}.${fault.hint ? ` ${fault.hint}` : ''}`;
}

/** The same as a part of a longer sentence. */
export function clauseOf({ field, problem }: Fault): string {
  return `${field} ${problem}`;
}

/** What others are shown of a fault: in answers and in `dead_letter`. */
export function faultJson(fault: Fault): { code: FaultCode; field: string; message: string } {
  return { code: fault.code, field: fault.field, message: sentenceOf(fault) };
}

export type Schema<T = unknown> = v.GenericSchema<unknown, T>;

export type Read<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly faults: readonly Fault[] };

/** An object of these fields and no others. */
export function closed<E extends v.ObjectEntries>(entries: E): v.StrictObjectSchema<E, undefined> {
  return noList(v.strictObject(bareEntries(entries)));
}

/** An object that has these fields; others may come and mean nothing. */
export function open<E extends v.ObjectEntries>(entries: E): v.ObjectSchema<E, undefined> {
  return noList(v.object(bareEntries(entries)));
}

/** Without a prototype: to valibot `constructor` would be a field that every object knows. */
function bareEntries<E extends v.ObjectEntries>(entries: E): E {
  return Object.assign(Object.create(null) as E, entries);
}

/** To valibot a list is an object too. */
export function noList<S extends v.GenericSchema>(schema: S): S {
  const run: S['~run'] = (dataset, config) => {
    if (!Array.isArray(dataset.value)) return schema['~run'](dataset, config);
    v._addIssue(schema, 'type', dataset, config);
    return dataset as ReturnType<S['~run']>;
  };
  return { ...schema, '~run': run };
}

export interface ReadOptions {
  /** What the value is called as a whole. */
  readonly what?: string;
  /** "Did you mean X?", or an empty text. Workflows have none. */
  readonly suggest?: (text: string, names: readonly string[]) => string;
}

/** A caller reads the first ones; a body can be made to have a hundred thousand. */
const mostFaults = 20;

/** Validates a value: its output, or every fault. */
export function read<T>(schema: Schema<T>, given: unknown, options: ReadOptions = {}): Read<T> {
  const parsed = v.safeParse(schema, given);
  if (parsed.success) return { ok: true, value: parsed.output };
  const faults = new Map<string, Fault>();
  for (const issue of parsed.issues)
    for (const fault of faultsOf(issue, schema, options))
      // Several checks of one field share its sentence.
      if (!faults.has(fault.field)) faults.set(fault.field, fault);
  const all = [...faults.values()];
  const more = all.length - mostFaults;
  if (more <= 0) return { ok: false, faults: all };
  const rest: Fault = {
    code: 'too_many',
    field: options.what ?? 'The body',
    problem: `has ${more} more faults`,
  };
  return { ok: false, faults: [...all.slice(0, mostFaults), rest] };
}

/** Judges what an update or a signal brought. */
export function readMessage<T>(schema: Schema<T>, given: unknown): Read<T> {
  return read(schema, given, { what: 'The message' });
}

/** The faults of a value; none when it is valid. */
export function faultsIn(schema: Schema, given: unknown, options: ReadOptions = {}): readonly Fault[] {
  const found = read(schema, given, options);
  return found.ok ? [] : found.faults;
}

/** What a node of a schema says of itself: pieces that only some kinds have. */
interface Node {
  readonly entries?: Readonly<Record<string, Node>>;
  readonly item?: Node;
  readonly value?: Node;
  readonly wrapped?: Node;
  readonly options?: readonly unknown[];
}

/** What a schema may add to a node with `v.metadata`. */
interface Meta {
  /** In place of `wrong_value`. */
  readonly code?: FaultCode;
  /** Names that are near to a wrong one are proposed. */
  readonly names?: readonly string[];
  /** How a wrong value is shown, where it may be a secret. */
  readonly shows?: (given: unknown) => string;
}

function faultsOf(
  issue: v.BaseIssue<unknown>,
  schema: Schema,
  { what = 'The body', suggest }: ReadOptions,
): Fault[] {
  const path = issue.path ?? [];
  const last = path.at(-1);
  const keys = path.map(({ key }) => String(key));
  const field = path.length === 0 ? what : cut(keys.join('.'));
  if (last?.origin === 'key' && issue.expected === 'never')
    return unknownFields(last.input, keys.slice(0, -1), nodeAt(schema, path.slice(0, -1)), suggest);
  const node = nodeAt(schema, path);
  const expected = node ? descriptionOf(node) : 'something else';
  if (issue.input === undefined && (path.length > 0 || isNamed(what)))
    return [{ code: 'missing', field, problem: `is missing, expected ${expected}` }];
  const meta: Meta = node ? v.getMetadata(node as v.GenericSchema) : {};
  const isValue = issue.kind === 'validation' || issue.type === 'picklist' || issue.type === 'literal';
  // A name is a text.
  const isOther = issue.type === 'picklist' && typeof issue.input !== 'string';
  const names = meta.names ?? node?.options?.filter((name) => typeof name === 'string') ?? [];
  const near = suggest && typeof issue.input === 'string' ? suggest(issue.input.slice(0, 200), names) : '';
  const wanted = path.length === 0 && !isValue && !isNamed(what) ? 'a JSON object' : expected;
  return [
    {
      code: !isValue || isOther ? 'wrong_type' : (meta.code ?? 'wrong_value'),
      field,
      problem: `is ${(meta.shows ?? shown)(issue.input)}, expected ${wanted}`,
      hint: near,
    },
  ];
}

/** A single value is called by its field; a whole body or message begins a sentence. */
function isNamed(what: string): boolean {
  return !what.startsWith('The ');
}

function unknownFields(
  given: unknown,
  above: readonly string[],
  node: Node | null,
  suggest: ReadOptions['suggest'],
): Fault[] {
  const known = Object.keys(node?.entries ?? {});
  const fields = known.length > 0 ? `expected ${known.join(', ')}` : 'expected no fields';
  const unknown = Object.keys(given as object).filter((name) => !known.includes(name));
  return unknown.map((name) => ({
    code: 'unknown_field',
    field: cut([...above, name].join('.')),
    problem: `is not a known field, ${fields}`,
    hint: suggest?.(name.slice(0, 200), known) ?? '',
  }));
}

/** The part of a schema for the value at this path; null where there is none. */
function nodeAt(schema: Schema, path: readonly { readonly key: unknown }[]): Node | null {
  let node: Node | undefined = bare(schema as unknown as Node);
  for (const { key } of path) {
    const below: Node | undefined = node.entries
      ? Object.hasOwn(node.entries, String(key))
        ? node.entries[String(key)]
        : undefined
      : (node.item ?? node.value);
    if (!below) return null;
    node = bare(below);
  }
  return node;
}

/** Without the wrappers that make it optional. */
function bare(node: Node): Node {
  return node.wrapped ? bare(node.wrapped) : node;
}

/** What a value should be, as it ends a sentence. */
export function descriptionOf(schema: object): string {
  return v.getDescription(schema as v.GenericSchema) ?? 'something else';
}

const longestShown = 120;
const deepestShown = 6;

/**
 * A value as JSON, short enough for a sentence. Invisible characters are made visible; of a long or deep value only the
 * beginning is read.
 */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  let text = '';
  const add = (more: string): boolean => {
    text += more;
    return text.length <= longestShown;
  };
  const write = (part: unknown, depth: number): boolean => {
    if (typeof part === 'string') return add(visible(JSON.stringify(part.slice(0, longestShown + 1))));
    if (typeof part !== 'object' || part === null) return add(primitive(part));
    if (depth >= deepestShown) return add('…');
    const isList = Array.isArray(part);
    if (!add(isList ? '[' : '{')) return false;
    let first = true;
    // Not Object.entries, which would copy all of it.
    for (const key in part) {
      if (!Object.hasOwn(part, key)) continue;
      const name = isList ? '' : `${visible(JSON.stringify(key.slice(0, longestShown)))}:`;
      if (!add(`${first ? '' : ','}${name}`)) return false;
      if (!write((part as Record<string, unknown>)[key], depth + 1)) return false;
      first = false;
    }
    return add(isList ? ']' : '}');
  };
  const isWhole = write(value, 0);
  const long = typeof value === 'string' && !isWhole ? ` (${value.length} characters)` : '';
  return `${isWhole ? text : cut(text)}${long}`;
}

/** JSON turns a value that is not data into nothing. */
function primitive(value: unknown): string {
  if (typeof value === 'bigint' || value === Infinity || value === -Infinity) return String(value);
  const isData = value === null || typeof value === 'number' || typeof value === 'boolean';
  return isData ? JSON.stringify(value) : 'nothing';
}

/** Control characters, marks of direction and halves of characters, as JSON escapes them. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (unseen) =>
    [...Array(unseen.length).keys()]
      .map((index) => `\\u${unseen.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** A text that is short enough for a sentence, all of it visible. */
export function cut(text: string): string {
  const seen = visible(text.slice(0, longestShown + 1));
  return seen.length > longestShown
    ? `${seen.slice(0, longestShown).replace(/[\ud800-\udbff]$/, '')}…`
    : seen;
}
