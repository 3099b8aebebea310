/** Reads `nba_raw/<table>.ndjson[.gz]`: decodes every line, names file, line and field of the first fault. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parseJson } from '../contracts/json-text';
import { cut } from '../contracts/schema';
import {
  bareTableName,
  isRawTableName,
  rawSources,
  rawTables,
  tableOf,
  type TableName,
} from '../tables/catalogue';
import type { Row, TableDefinition } from '../tables/define-table';
import { decodeGivenRow } from '../warehouse/decode-row';
import { badInput } from './context';
import { nearest } from '../requests/nearest';

export interface RawFile {
  readonly table: TableName;
  readonly path: string;
}

/** The raw files of a folder, in a fixed order. Throws `badInput` when there is none, or one of an unknown table. */
export async function findRawFiles(folder: string): Promise<RawFile[]> {
  const raw = join(folder, 'nba_raw');
  const names = await readdir(raw).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    throw badInput(
      code === 'ENOENT' || code === 'ENOTDIR'
        ? `${raw} is not there. DIR is a folder that holds nba_raw/<table>.ndjson or .ndjson.gz.`
        : `${raw} cannot be read (${message}).`,
    );
  });
  const files = names.sort().flatMap((name): RawFile[] => {
    const match = /^(.+)\.ndjson(\.gz)?$/.exec(name);
    if (!match?.[1]) return [];
    const table = bareTableName(match[1]);
    if (isRawTableName(table)) return [{ table, path: join(raw, name) }];
    const near = nearest(match[1], Object.keys(rawTables));
    throw badInput(
      `${join(raw, name)}: there is no raw table "${match[1]}".${near && ` ${near}`} Raw tables: ${Object.keys(rawTables).join(', ')}.`,
    );
  });
  if (files.length === 0)
    throw badInput(
      `${raw} has no file to load. Expected ${Object.keys(rawTables)
        .map((table) => `${table}.ndjson[.gz]`)
        .join(', ')}.`,
    );
  for (const { table } of files) {
    const same = files.filter((file) => file.table === table);
    if (same.length > 1)
      throw badInput(`${table} is there twice: ${same.map((file) => file.path).join(' and ')}. Keep one.`);
  }
  return files;
}

/**
 * Decoded rows of a file, line by line. `onUnknown` is called with fields that the table does not declare, once each; `onOdd`
 * with a sentence on a value that is loaded and that no game can be built from.
 */
export async function* readRawFile(
  file: RawFile,
  onUnknown: (field: string) => void,
  onOdd: (sentence: string) => void = () => undefined,
): AsyncGenerator<Row> {
  const table = tableOf(file.table);
  const source = rawSources.find(({ name }) => name === file.table);
  const seenUnknown = new Set<string>();
  let number = 0;
  let rows = 0;
  try {
    for await (const bytes of readLines(file.path)) {
      number += 1;
      // Some editors put a byte order mark first.
      const line = textOf(file, number, bytes).replace(/^\uFEFF/, '');
      if (line.trim() === '') continue;
      const decoded = decodeGivenRow(table, withIntegers(table, parseLine(file, number, line)));
      if (!decoded.ok) {
        const faults = decoded.faults.map(({ field, problem }) => `${field} ${problem}`).join('; ');
        throw badInput(`${file.path}, line ${number}: ${faults}. Nothing of it was loaded.`);
      }
      for (const field of decoded.unknownFields)
        if (!seenUnknown.has(field)) {
          seenUnknown.add(field);
          onUnknown(field);
        }
      for (const odd of source?.oddities?.(decoded.row as never) ?? [])
        onOdd(`${file.path}, line ${number}: ${odd}`);
      rows += 1;
      yield decoded.row;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR' || message === 'unexpected end of file')
      throw badInput(
        `${file.path}, after line ${number}: the compressed file ends in the middle; it was cut off. Nothing of it was loaded.`,
      );
    if (code === 'Z_DATA_ERROR')
      throw badInput(`${file.path} is not a complete gzip file (${message}). Nothing of it was loaded.`);
    if (code?.startsWith('E')) throw badInput(`${file.path} cannot be read (${message}).`);
    throw error;
  }
  if (rows === 0) throw badInput(`${file.path} contains no rows. Nothing of it was loaded.`);
}

function parseLine(file: RawFile, number: number, line: string): unknown {
  const parsed = parseJson(line);
  const where = `${file.path}, line ${number}:`;
  if (parsed.ok) {
    const twice = fieldThereTwice(line, parsed.value);
    if (twice === null) return parsed.value;
    throw badInput(`${where} ${twice} is there twice, expected once. Nothing of it was loaded.`);
  }
  const [, field, figure] = noNumber.exec(line) ?? [];
  if (figure) throw badInput(`${where} ${field} is ${figure}, which is no figure. Nothing of it was loaded.`);
  throw badInput(
    parsed.code === 'too_deep'
      ? `${where} ${parsed.problem}. Nothing of it was loaded.`
      : `${where} is not a complete JSON object (${cut(line)}). If it is the last line, the file was cut off. Nothing of it was loaded.`,
  );
}

/** The first field that a line has twice, of which JSON keeps the last; null where there is none. */
function fieldThereTwice(line: string, parsed: unknown): string | null {
  if (parsed === null || typeof parsed !== 'object' || Object.values(parsed).some(isNested)) return null;
  const fields = line.match(fieldNames) ?? [];
  if (fields.length === Object.keys(parsed).length) return null;
  const names = fields.map((field) => field.slice(1, field.lastIndexOf('"')));
  return names.find((name, index) => names.indexOf(name) < index && Object.hasOwn(parsed, name)) ?? null;
}

function isNested(value: unknown): boolean {
  return value !== null && typeof value === 'object';
}

const fieldNames = /"[^"\\]*"\s*:/g;

/** What Python's json writes for figures that are none; JSON has no word for them. */
const noNumber = /"([^"\\]+)"\s*:\s*(-?(?:NaN|Infinity|nan|inf))\b/;

/** BigQuery's own exports have whole numbers as texts, so that no reader rounds them. */
function withIntegers(table: TableDefinition, parsed: unknown): unknown {
  if (parsed === null || typeof parsed !== 'object') return parsed;
  let changed: Record<string, unknown> | null = null;
  for (const [field, value] of Object.entries(parsed)) {
    if (typeof value !== 'string' || table.columns[field]?.type !== 'INT64') continue;
    if (/^-?\d{1,16}$/.test(value)) (changed ??= { ...parsed })[field] = Number(value);
  }
  return changed ?? parsed;
}

/** The text of a line; throws `badInput` naming the field whose bytes are not UTF-8. */
function textOf(file: RawFile, number: number, bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (isUtf8(bytes)) return text;
  const before = text.slice(0, text.indexOf('\uFFFD'));
  const field = [...before.matchAll(/"(\w+)"\s*:/g)].at(-1)?.[1];
  throw badInput(
    `${file.path}, line ${number}: ${field ?? 'the line'} has bytes that are not UTF-8 (${cut(text.slice(before.length))}). Save the file as UTF-8. Nothing of it was loaded.`,
  );
}

/** Lines of a file, unzipped if its name says so. An error of either stream is thrown after the lines before it. */
async function* readLines(path: string): AsyncGenerator<Buffer> {
  const source = createReadStream(path);
  // pipeline hands an error of the source on to what is read from; it is thrown there.
  const stream = path.endsWith('.gz') ? pipeline(source, createGunzip(), () => undefined) : source;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let from = 0;
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, from)) {
      yield bytes.subarray(from, end);
      from = end + 1;
    }
    rest = bytes.subarray(from);
  }
  if (rest.length > 0) yield rest;
}

const lineFeed = 0x0a;
